package dev.cloister.core.key;

import dev.cloister.core.ContextDestroyed;
import dev.cloister.core.NativeCallException;
import dev.cloister.core.internal.os.OperatingSystem;
import dev.cloister.core.internal.os.OperatingSystem.Pages;
import dev.cloister.core.internal.os.OperatingSystem.UnsupportedHere;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.security.SecureRandom;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Memory in which keys rest, the best protected that this host gives, and it says which. It does
 * not keep out code of this process, nor root, who can make the process copy it (see ptrace(2)).
 *
 * <p>Safe for use by many threads. {@link #close} zeroes everything; keys of a closed memory are
 * destroyed. Source: memfd_secret(2), mlock(2), madvise(2).
 */
public final class SecretMemory implements AutoCloseable {
  /** Keys are laid out in multiples of this. */
  private static final int SLOT_BYTES = 32;

  private static final int KEY_BYTES_MAX = 1024;

  /** How keys are kept from others. */
  public enum Protection {
    /** Pages of memfd_secret(2): not even the kernel reads them for another. */
    SECRET,
    /**
     * Locked in RAM and left out of core files; readable by a debugger with the right to attach.
     */
    LOCKED,
    /** Ordinary heap: no protection of its own. */
    HEAP
  }

  private final Protection protection;
  private final String evidence;
  private final @Nullable Pages pages;
  private final MemorySegment memory;
  private final SecureRandom random = new SecureRandom();

  /** Who holds the slot; a key larger than a slot holds its neighbours too. Guarded by this. */
  private final @Nullable EphemeralKey[] holders;

  /** Guarded by this. */
  private boolean closed;

  private SecretMemory(
      Protection protection, String evidence, @Nullable Pages pages, MemorySegment memory) {
    this.protection = protection;
    this.evidence = evidence;
    this.pages = pages;
    this.memory = memory;
    this.holders = new EphemeralKey[Math.toIntExact(memory.byteSize() / SLOT_BYTES)];
  }

  /**
   * Opens the best memory of this host.
   *
   * @param bytes how much, at least; at most 64 MiB
   * @return memory whose {@link #protection()} says how good it is
   */
  public static SecretMemory open(long bytes) {
    return open(OperatingSystem.current(), bytes);
  }

  static SecretMemory open(OperatingSystem system, long bytes) {
    var wanted = checked(bytes);
    var refusals = new StringBuilder();
    try {
      return secret(system, system.secretPages(wanted));
    } catch (NativeCallException | UnsupportedHere e) {
      refusals.append("memfd_secret: ").append(e.getMessage());
    }
    try {
      var pages = system.lockedPages(wanted);
      return new SecretMemory(
          Protection.LOCKED,
          refusals.append("; mlock and MADV_DONTDUMP accepted").toString(),
          pages,
          pages.memory());
    } catch (NativeCallException | UnsupportedHere e) {
      refusals.append("; mlock: ").append(e.getMessage());
    }
    return onHeap(wanted, refusals.append("; on the heap").toString());
  }

  /** Tries the forbidden act: reading the pages as a debugger would. */
  private static SecretMemory secret(OperatingSystem system, Pages pages) {
    try {
      system.readAsADebugger(pages);
      return new SecretMemory(
          Protection.LOCKED,
          "memfd_secret, yet pread of /proc/self/mem read it",
          pages,
          pages.memory());
    } catch (NativeCallException e) {
      return new SecretMemory(Protection.SECRET, refusal(e), pages, pages.memory());
    }
  }

  /** Says what refused: the read, or one of the calls around it, which proves nothing. */
  private static String refusal(NativeCallException e) {
    return e.call().equals("pread")
        ? "memfd_secret; pread of /proc/self/mem: " + e.errnoName()
        : "memfd_secret; pread of /proc/self/mem could not be tried: " + e.getMessage();
  }

  /**
   * Opens memory on the heap, for tests and for systems without the calls.
   *
   * @param bytes how much, at least; at most 64 MiB
   * @return memory with {@link Protection#HEAP}
   */
  public static SecretMemory onHeap(long bytes) {
    return onHeap(checked(bytes), "on the heap, as asked");
  }

  private static SecretMemory onHeap(long bytes, String evidence) {
    var size = Math.toIntExact(Math.ceilDiv(bytes, SLOT_BYTES) * SLOT_BYTES);
    return new SecretMemory(Protection.HEAP, evidence, null, MemorySegment.ofArray(new byte[size]));
  }

  private static long checked(long bytes) {
    if (bytes < 1 || bytes > 64L << 20) {
      throw new IllegalArgumentException("bytes " + bytes + ": allowed 1 to 67108864");
    }
    return bytes;
  }

  /**
   * Returns how the keys are kept from others.
   *
   * @return the protection that this host gave
   */
  public Protection protection() {
    return protection;
  }

  /**
   * Returns what was tried and seen when this memory was opened.
   *
   * @return one line
   */
  public String evidence() {
    return evidence;
  }

  /**
   * Makes a random key.
   *
   * @param sizeBytes 1 to 1024
   * @return a key that rests here
   * @throws IllegalStateException when there is no room for it
   * @throws ContextDestroyed when this memory is closed
   */
  public EphemeralKey randomKey(int sizeBytes) {
    var material = new byte[checkedKey(sizeBytes)];
    random.nextBytes(material);
    return keep(material);
  }

  static int checkedKey(int sizeBytes) {
    if (sizeBytes < 1 || sizeBytes > KEY_BYTES_MAX) {
      throw new IllegalArgumentException(
          "key of " + sizeBytes + " bytes: allowed 1 to " + KEY_BYTES_MAX);
    }
    return sizeBytes;
  }

  /**
   * Takes a key in.
   *
   * @param material its 1 to 1024 bytes; the array is zeroed
   * @return a key that rests here
   * @throws IllegalStateException when there is no room for it
   * @throws ContextDestroyed when this memory is closed
   */
  public synchronized EphemeralKey keep(byte[] material) {
    try {
      checkedKey(material.length);
      if (closed) {
        throw new ContextDestroyed("the memory of a context's keys");
      }
      var slots = slots(material.length);
      var first = room(slots);
      var key = new EphemeralKey(this, first, material.length);
      Arrays.fill(holders, first, first + slots, key);
      MemorySegment.copy(
          material, 0, memory, ValueLayout.JAVA_BYTE, offset(first), material.length);
      return key;
    } finally {
      Arrays.fill(material, (byte) 0);
    }
  }

  /** Tells whether a key of that size would fit now. */
  synchronized boolean hasRoom(int sizeBytes) {
    return !closed && findRoom(slots(sizeBytes)) >= 0;
  }

  private int room(int slots) {
    var first = findRoom(slots);
    if (first < 0) {
      throw new IllegalStateException(
          "no room for another key in " + memory.byteSize() + " bytes: open a larger memory");
    }
    return first;
  }

  private int findRoom(int slots) {
    var free = 0;
    for (var i = 0; i < holders.length; i++) {
      free = holders[i] == null ? free + 1 : 0;
      if (free == slots) {
        return i - slots + 1;
      }
    }
    return -1;
  }

  synchronized boolean read(EphemeralKey key, int slot, byte[] destination) {
    if (!holds(key, slot)) {
      return false;
    }
    MemorySegment.copy(
        memory, ValueLayout.JAVA_BYTE, offset(slot), destination, 0, destination.length);
    return true;
  }

  synchronized boolean holds(EphemeralKey key, int slot) {
    return !closed && holders[slot] == key;
  }

  synchronized void free(EphemeralKey key, int slot, int sizeBytes) {
    if (holds(key, slot)) {
      memory.asSlice(offset(slot), sizeBytes).fill((byte) 0);
      Arrays.fill(holders, slot, slot + slots(sizeBytes), null);
    }
  }

  private static int slots(int sizeBytes) {
    return Math.ceilDiv(sizeBytes, SLOT_BYTES);
  }

  private static long offset(int slot) {
    return (long) slot * SLOT_BYTES;
  }

  /** Zeroes and gives back the memory; every key in it is destroyed. A second call does nothing. */
  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      memory.fill((byte) 0);
      if (pages != null) {
        pages.close();
      }
    }
  }

  /**
   * Says how the keys are kept, and nothing of them.
   *
   * @return such as {@code SecretMemory[SECRET, 4096 bytes]}
   */
  @Override
  public String toString() {
    return "SecretMemory[" + protection + ", " + memory.byteSize() + " bytes]";
  }
}
