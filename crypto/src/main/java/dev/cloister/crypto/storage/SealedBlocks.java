package dev.cloister.crypto.storage;

import dev.cloister.core.key.EphemeralKey;
import dev.cloister.core.key.SecretAccess;
import dev.cloister.core.key.SecretMemory;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Blocks that nobody reads or changes without their segment's key: a change, a truncation, or a
 * block moved to another place is noticed. It hides neither how many blocks there are nor when they
 * were written, and a block that is gone is noticed by whoever misses it.
 *
 * <p>A stored block is a header of 32 bytes (magic, version, store, segment, index), the encrypted
 * payload, and a tag of 16 bytes. AES-256-GCM with the block's index as nonce, under a key that
 * encrypts one segment only, so no nonce is used twice; the header is associated data. Source: NIST
 * SP 800-38D.
 */
final class SealedBlocks implements BlockCodec {
  static final int HEADER_BYTES = 32;
  static final int TAG_BYTES = 16;
  static final int KEY_BYTES = 32;

  private static final int MAGIC = 0x434c5342; // CLSB
  private static final int VERSION = 1;
  private static final int NONCE_BYTES = 12;

  /** Small and many: what makes the JIT compile the cipher's code; see {@link #warmUp}. */
  private static final int WARM_UP_BYTES = 1024;

  private static final int WARM_UP_CALLS = 30_000;

  @Override
  public void write(EphemeralKey key, Place place, byte[] payload, byte[] stored) {
    write(newCipher(), key, place, payload, stored);
  }

  private static void write(
      Cipher cipher, EphemeralKey key, Place place, byte[] payload, byte[] stored) {
    var header = header(place);
    System.arraycopy(header, 0, stored, 0, HEADER_BYTES);
    key.use(
        SecretAccess.granted(),
        secret -> {
          try {
            start(cipher, Cipher.ENCRYPT_MODE, secret, place, header);
            return cipher.doFinal(payload, 0, payload.length, stored, HEADER_BYTES);
          } catch (GeneralSecurityException e) {
            throw new IllegalStateException("encrypting a block failed", e);
          }
        });
  }

  @Override
  public void read(EphemeralKey key, Place place, byte[] stored, byte[] payload)
      throws BlockDamaged {
    read(newCipher(), key, place, stored, payload);
  }

  private static void read(
      Cipher cipher, EphemeralKey key, Place place, byte[] stored, byte[] payload)
      throws BlockDamaged {
    var header = header(place);
    var opened =
        key.use(
            SecretAccess.granted(),
            secret -> {
              try {
                start(cipher, Cipher.DECRYPT_MODE, secret, place, header);
                cipher.doFinal(stored, HEADER_BYTES, stored.length - HEADER_BYTES, payload, 0);
                return true;
              } catch (AEADBadTagException _) {
                return false;
              } catch (GeneralSecurityException e) {
                throw new IllegalStateException("decrypting a block failed", e);
              }
            });
    if (!opened) {
      throw new BlockDamaged(isOtherPlace(place, stored) ? Loss.SWAPPED : Loss.ALTERED);
    }
    if (!Arrays.equals(header, 0, HEADER_BYTES, stored, 0, HEADER_BYTES)) {
      throw new BlockDamaged(Loss.ALTERED);
    }
  }

  /** One a block: a cipher keeps the last key it was given, which must not outlive the segment. */
  private static Cipher newCipher() {
    try {
      return Cipher.getInstance("AES/GCM/NoPadding");
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has AES/GCM/NoPadding", e);
    }
  }

  /**
   * The associated data is the header as it must be, so a block of another place has a wrong tag.
   */
  private static void start(Cipher cipher, int direction, byte[] secret, Place place, byte[] header)
      throws GeneralSecurityException {
    var nonce = ByteBuffer.allocate(NONCE_BYTES).putInt(NONCE_BYTES - Integer.BYTES, place.index());
    cipher.init(
        direction,
        new SecretKeySpec(secret, "AES"),
        new GCMParameterSpec(TAG_BYTES * Byte.SIZE, nonce.array()));
    cipher.updateAAD(header);
  }

  static byte[] header(Place place) {
    return ByteBuffer.allocate(HEADER_BYTES)
        .putInt(MAGIC)
        .putInt(VERSION)
        .putLong(place.store())
        .putLong(place.segment())
        .putInt(place.index())
        .array();
  }

  /** Tells whether a block is well formed, and says that it belongs elsewhere. */
  private static boolean isOtherPlace(Place place, byte[] stored) {
    var header = ByteBuffer.wrap(stored, 0, HEADER_BYTES);
    return header.getInt() == MAGIC
        && header.getInt() == VERSION
        && !new Place(header.getLong(), header.getLong(), header.getInt()).equals(place);
  }

  /**
   * Makes the JIT compile the cipher before the first real block: cold, it encrypts at a hundredth
   * of its speed for seconds, which no capture buffer outlasts.
   */
  @Override
  public void warmUp() {
    var payload = new byte[WARM_UP_BYTES - OVERHEAD_BYTES];
    var stored = new byte[WARM_UP_BYTES];
    var cipher = newCipher();
    try (var memory = SecretMemory.onHeap(KEY_BYTES)) {
      var key = memory.randomKey(KEY_BYTES);
      for (var i = 0; i < WARM_UP_CALLS; i++) {
        var place = new Place(0, 0, i);
        write(cipher, key, place, payload, stored);
        read(cipher, key, place, stored, payload);
      }
    } catch (BlockDamaged e) {
      throw new IllegalStateException("a block written was not the block read", e);
    }
  }
}
