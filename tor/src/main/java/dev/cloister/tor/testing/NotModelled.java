package dev.cloister.tor.testing;

/**
 * A test asked a {@link FakeTor} for what tor does and the fake does not: it is no answer to build
 * on, so the test fails where it asked.
 */
public final class NotModelled extends AssertionError {
  private static final long serialVersionUID = 1L;

  NotModelled(String what) {
    super(
        what
            + ": tor knows it, the fake does not; ask a PrivateTorNetwork, or take tor's refusal"
            + " of what it does not know by FakeTor.refusingUnmodelled()");
  }
}
