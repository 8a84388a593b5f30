package dev.cloister.core.ledger;

/** Checks a signature; tests of ten thousand chains remember what they checked before. */
interface SignatureCheck {
  /** Tells whether the key signed the message. */
  boolean verifies(String publicKeyHex, byte[] message, byte[] signature);
}
