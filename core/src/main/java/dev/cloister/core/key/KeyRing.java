package dev.cloister.core.key;

import dev.cloister.core.ContextDestroyed;
import dev.cloister.core.key.SecretMemory.Protection;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongFunction;
import javax.crypto.KDF;
import javax.crypto.spec.HKDFParameterSpec;

/**
 * All the keys of one context: a root secret from which labelled keys are derived, and fresh random
 * keys that cannot be derived from anything. Closing it destroys them all.
 *
 * <p>Two labels give keys that tell nothing of each other; the same label gives the same key for
 * the life of the ring. Safe for use by many threads. After {@link #close} every use throws {@link
 * ContextDestroyed}. Derivation: HKDF with SHA-256, RFC 5869.
 */
public final class KeyRing implements AutoCloseable {
  private static final int ROOT_BYTES = 32;
  private static final long REGION_BYTES = 64 << 10;

  private final LongFunction<SecretMemory> source;

  /** Guarded by this; the first holds the root. */
  private final List<SecretMemory> regions = new ArrayList<>();

  private final EphemeralKey root;
  private final Protection protection;

  private KeyRing(LongFunction<SecretMemory> source) {
    this.source = source;
    var first = source.apply(REGION_BYTES);
    regions.add(first);
    this.protection = first.protection();
    this.root = first.randomKey(ROOT_BYTES);
  }

  /**
   * Makes a ring with a new root secret.
   *
   * @param source opens memory of at least the given size, such as {@code SecretMemory::open};
   *     called again whenever the keys need more
   * @return the ring
   */
  public static KeyRing open(LongFunction<SecretMemory> source) {
    return new KeyRing(source);
  }

  /**
   * Returns how the root secret is kept.
   *
   * @return the protection of the memory it rests in
   */
  public Protection protection() {
    return protection;
  }

  /**
   * Makes a random key, independent of every other.
   *
   * @param sizeBytes 1 to 1024
   * @return a key that the caller destroys, or {@link #close} at last
   */
  public synchronized EphemeralKey fresh(int sizeBytes) {
    return regionFor(sizeBytes).randomKey(sizeBytes);
  }

  /**
   * Takes a key that was made elsewhere into protected memory.
   *
   * @param material its 1 to 1024 bytes; the array is zeroed
   * @return a key that the caller destroys, or {@link #close} at last
   */
  public synchronized EphemeralKey keep(byte[] material) {
    try {
      return regionFor(material.length).keep(material);
    } finally {
      Arrays.fill(material, (byte) 0);
    }
  }

  /**
   * Derives a key from the root secret.
   *
   * @param label what the key is for; the same label gives the same key
   * @param sizeBytes 1 to 1024
   * @return a key that the caller destroys, or {@link #close} at last
   */
  public EphemeralKey derived(String label, int sizeBytes) {
    return keep(root.use(SecretAccess.granted(), secret -> expand(secret, label, sizeBytes)));
  }

  private static byte[] expand(byte[] secret, String label, int sizeBytes) {
    try {
      var info = ("dev.cloister/" + label).getBytes(StandardCharsets.UTF_8);
      return KDF.getInstance("HKDF-SHA256")
          .deriveData(HKDFParameterSpec.ofExtract().addIKM(secret).thenExpand(info, sizeBytes));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this JDK has no HKDF-SHA256, which JDK 25 has", e);
    }
  }

  private SecretMemory regionFor(int sizeBytes) {
    SecretMemory.checkedKey(sizeBytes);
    if (regions.isEmpty()) {
      throw new ContextDestroyed("the key ring of a context");
    }
    for (var region : regions.reversed()) {
      if (region.hasRoom(sizeBytes)) {
        return region;
      }
    }
    var added = source.apply(REGION_BYTES);
    regions.add(added);
    return added;
  }

  /** Destroys every key. A second call does nothing. */
  @Override
  public synchronized void close() {
    regions.forEach(SecretMemory::close);
    regions.clear();
  }

  /**
   * Says how the keys are kept, and nothing of them.
   *
   * @return such as {@code KeyRing[SECRET]}
   */
  @Override
  public synchronized String toString() {
    return "KeyRing[" + (regions.isEmpty() ? "closed" : protection) + "]";
  }
}
