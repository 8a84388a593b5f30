/** The relay's side: what a node and its clients do with Tor. */
@org.jspecify.annotations.NullMarked
module dev.cloister.tor {
  requires static transitive org.jspecify;
  requires transitive dev.cloister.core;
  requires transitive dev.cloister.crypto;
  requires transitive dev.cloister.sandbox;
  requires com.google.common;
  // For the testing package alone.
  requires static org.junit.jupiter.api;

  exports dev.cloister.tor;
  exports dev.cloister.tor.client;
  exports dev.cloister.tor.control;
  exports dev.cloister.tor.exitpolicy;
  exports dev.cloister.tor.function;
  exports dev.cloister.tor.mediation;
  exports dev.cloister.tor.node;
  exports dev.cloister.tor.onion;
  exports dev.cloister.tor.onionproxy;
  exports dev.cloister.tor.socks;
  exports dev.cloister.tor.testing;
}
