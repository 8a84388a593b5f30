package dev.cloister.crypto.pseudonym;

import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import javax.crypto.Cipher;
import javax.crypto.ShortBufferException;

/**
 * AES-128, many blocks in one call: only so does the JDK keep the processor's AES units busy. Not
 * safe for use by more than one thread. Source: FIPS 197.
 */
final class AesBlocks {
  static final int BLOCK_BYTES = 16;
  static final int KEY_BYTES = 16;

  private final Cipher cipher;
  private final int mode;

  private AesBlocks(int mode, LentKey key) {
    try {
      this.cipher = Cipher.getInstance("AES/ECB/NoPadding");
      this.mode = mode;
      cipher.init(mode, key);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this JDK has no AES/ECB/NoPadding, which every JDK has", e);
    }
  }

  static AesBlocks encrypting(byte[] key, int offset) {
    return new AesBlocks(Cipher.ENCRYPT_MODE, new LentKey("AES", key, offset, KEY_BYTES));
  }

  static AesBlocks decrypting(byte[] key, int offset) {
    return new AesBlocks(Cipher.DECRYPT_MODE, new LentKey("AES", key, offset, KEY_BYTES));
  }

  /** Runs the first blocks of one array into another; the two must not be the same. */
  void run(byte[] in, int blocks, byte[] out) {
    try {
      cipher.update(in, 0, blocks * BLOCK_BYTES, out, 0);
    } catch (ShortBufferException e) {
      throw new IllegalStateException("fewer than " + blocks + " blocks of room", e);
    }
  }

  /** Makes the JDK overwrite its copies of the key, which it does when it gets another. */
  void forget() {
    try {
      cipher.init(mode, LentKey.blank("AES", KEY_BYTES));
    } catch (InvalidKeyException e) {
      throw new IllegalStateException("AES refused a key of 16 bytes", e);
    }
  }
}
