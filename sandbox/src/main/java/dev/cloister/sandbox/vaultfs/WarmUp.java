package dev.cloister.sandbox.vaultfs;

import dev.cloister.core.TimeSource;
import dev.cloister.core.key.EphemeralKey;
import dev.cloister.core.key.SecretMemory;
import dev.cloister.sandbox.vaultfs.Sealer.Place;
import java.util.Arrays;

/**
 * Makes the JIT compile the cipher before a vault's first block: cold, it encrypts at a hundredth
 * of its speed for seconds. It ends as soon as blocks are fast, which in a process that had a vault
 * before they are at once; it looks at each block too, so it is also a vault's first test.
 */
final class WarmUp {
  /** Long enough for every JDK that will become fast. */
  private static final long NANOS_AT_MOST = 500_000_000;

  private static final int BLOCKS_A_ROUND = 20;

  /** For a smallest block there and back: 15 times as long as it takes a JDK with AES-NI. */
  private static final long FAST_NANOS = 30_000;

  /** The shortest piece of what was given that must not be found in what is stored. */
  private static final int PIECE_BYTES = 8;

  private WarmUp() {}

  /** Returns the evidence that what is stored is not what was given, and opens with its key. */
  static String run(TimeSource time) {
    try (var memory = SecretMemory.onHeap(2L * Sealer.KEY_BYTES)) {
      var key = memory.randomKey(Sealer.KEY_BYTES);
      var sealer = new Sealer();
      var start = time.nanoTime();
      var before = start;
      var took = Long.MAX_VALUE;
      for (var round = 0; took > BLOCKS_A_ROUND * FAST_NANOS; round++) {
        round(sealer, key, round);
        var now = time.nanoTime();
        took = now - start < NANOS_AT_MOST ? now - before : 0;
        before = now;
      }
      return evidence(sealer, key, memory.randomKey(Sealer.KEY_BYTES));
    }
  }

  private static void round(Sealer sealer, EphemeralKey key, int round) {
    var plain = new byte[Space.SMALLEST_BYTES];
    for (var i = 0; i < BLOCKS_A_ROUND; i++) {
      var block = sealer.seal(key, new Place(0, i), unsealed(round * BLOCKS_A_ROUND + i), plain);
      require(sealer.open(key, new Place(0, i), block, plain), "a block written is not readable");
    }
  }

  private static String evidence(Sealer sealer, EphemeralKey key, EphemeralKey other) {
    var plain = new byte[Space.SMALLEST_BYTES];
    for (var i = 0; i < plain.length; i++) {
      plain[i] = (byte) "of a function ".charAt(i % 14);
    }
    var given = plain.clone();
    var place = new Place(1, 2);
    var block = sealer.seal(key, place, unsealed(Long.MAX_VALUE), plain);
    var stored = Arrays.copyOf(sealer.stored(), block.runBytes());
    require(!contains(stored, Arrays.copyOf(given, PIECE_BYTES)), "a block was written in plain");
    require(!sealer.open(other, place, block, plain), "a block opened with another key");
    System.arraycopy(stored, 0, sealer.stored(), 0, stored.length);
    require(
        sealer.open(key, place, block, plain) && Arrays.equals(plain, given),
        "a block read is not the block written");
    return "AES-256-GCM; a test block was looked for in what is stored: not found;"
        + " opening it with another key: refused";
  }

  private static StoredBlock unsealed(long version) {
    return new StoredBlock(0, Space.SMALLEST_BYTES, Space.SMALLEST_BYTES, version, 0, 0);
  }

  private static void require(boolean isSo, String otherwise) {
    if (!isSo) {
      throw new IllegalStateException(otherwise);
    }
  }

  private static boolean contains(byte[] all, byte[] piece) {
    for (var i = 0; i <= all.length - piece.length; i++) {
      if (Arrays.equals(all, i, i + piece.length, piece, 0, piece.length)) {
        return true;
      }
    }
    return false;
  }
}
