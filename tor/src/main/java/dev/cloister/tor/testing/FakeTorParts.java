package dev.cloister.tor.testing;

/** What the commands of every control connection act upon. */
record FakeTorParts(
    FakeOptions options, FakeCircuits circuits, FakeStreams streams, FakeOnions onions) {}
