/** What is done with keys: sealed storage, pseudonyms, and who a node is. */
@org.jspecify.annotations.NullMarked
module dev.cloister.crypto {
  requires static transitive org.jspecify;
  requires transitive dev.cloister.core;
  // For direct input and output.
  requires jdk.unsupported;
  // For the testing package alone.
  requires static org.junit.jupiter.api;

  exports dev.cloister.crypto.identity;
  exports dev.cloister.crypto.pseudonym;
  exports dev.cloister.crypto.storage;
  exports dev.cloister.crypto.testing;

  // JUnit runs the contracts.
  opens dev.cloister.crypto.testing to
      org.junit.platform.commons;
}
