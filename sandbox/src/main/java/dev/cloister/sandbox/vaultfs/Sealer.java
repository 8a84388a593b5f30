package dev.cloister.sandbox.vaultfs;

import dev.cloister.core.key.EphemeralKey;
import dev.cloister.core.key.SecretAccess;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.security.GeneralSecurityException;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Encrypts one block at a time with AES-256-GCM, and opens it again only when it is, bit by bit,
 * the version that was asked for, of that file, at that place. Used by one thread at a time, and
 * reused, with its memory; the cipher keeps the key it was last given until it is collected.
 *
 * <p>The nonce is the version, which counts all the writes of a vault, so the vault's one key meets
 * no nonce twice. Associated data are the version, the file, the block's index in it and its
 * position on the medium. The tag is not stored with the block, but with its place, in memory.
 * Source: NIST SP 800-38D.
 */
final class Sealer {
  static final int KEY_BYTES = 32;

  private static final int TAG_BYTES = 16;
  private static final int NONCE_BYTES = 12;
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

  private final Cipher cipher;
  private final byte[] nonce = new byte[NONCE_BYTES];
  private final byte[] associated = new byte[4 * Long.BYTES];

  /** What is on the medium, and the tag after it. */
  private final byte[] stored = new byte[Space.LARGEST_BYTES + TAG_BYTES];

  /** Which block of which file; the part of its identity that is not its version. */
  record Place(long file, long index) {}

  Sealer() {
    try {
      this.cipher = Cipher.getInstance("AES/GCM/NoPadding");
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has AES/GCM/NoPadding", e);
    }
  }

  /** What {@link #seal} made, and {@link #open} opens. */
  byte[] stored() {
    return stored;
  }

  /** Encrypts as many bytes as the run is long; returns how the block will be recognised. */
  StoredBlock seal(EphemeralKey key, Place place, StoredBlock unsealed, byte[] plain) {
    key.use(
        SecretAccess.granted(),
        secret -> {
          try {
            start(Cipher.ENCRYPT_MODE, secret, place, unsealed);
            return cipher.doFinal(plain, 0, unsealed.runBytes(), stored, 0);
          } catch (GeneralSecurityException e) {
            throw new IllegalStateException("encrypting a block failed", e);
          }
        });
    return new StoredBlock(
        unsealed.position(),
        unsealed.runBytes(),
        unsealed.length(),
        unsealed.version(),
        (long) LONG.get(stored, unsealed.runBytes()),
        (long) LONG.get(stored, unsealed.runBytes() + Long.BYTES));
  }

  /** Opens what {@link #stored} holds, or tells that it is not that block. */
  boolean open(EphemeralKey key, Place place, StoredBlock block, byte[] plain) {
    LONG.set(stored, block.runBytes(), block.tagHigh());
    LONG.set(stored, block.runBytes() + Long.BYTES, block.tagLow());
    return key.use(
        SecretAccess.granted(),
        secret -> {
          try {
            start(Cipher.DECRYPT_MODE, secret, place, block);
            cipher.doFinal(stored, 0, block.runBytes() + TAG_BYTES, plain, 0);
            return true;
          } catch (AEADBadTagException _) {
            return false;
          } catch (GeneralSecurityException e) {
            throw new IllegalStateException("decrypting a block failed", e);
          }
        });
  }

  private void start(int direction, byte[] secret, Place place, StoredBlock block)
      throws GeneralSecurityException {
    LONG.set(nonce, NONCE_BYTES - Long.BYTES, block.version());
    LONG.set(associated, 0, block.version());
    LONG.set(associated, Long.BYTES, place.file());
    LONG.set(associated, 2 * Long.BYTES, place.index());
    LONG.set(associated, 3 * Long.BYTES, block.position());
    cipher.init(
        direction,
        new SecretKeySpec(secret, "AES"),
        new GCMParameterSpec(TAG_BYTES * Byte.SIZE, nonce));
    cipher.updateAAD(associated);
  }
}
