package dev.cloister.tracing.anonymize;

import java.util.Arrays;

/**
 * Remembers what some byte strings were turned into: traffic says the same again and again, and a
 * keyed hash costs ten times a look. One place for each of some hash values; what comes later takes
 * it. What is remembered is as raw as the traffic, and lives as long as the policy's keys. For one
 * thread.
 */
final class TextCache {
  private static final int SLOTS = 4096;

  /** Longer strings seldom come again. */
  private static final int BYTES_MAX = 256;

  private static final byte[] NOTHING = {};

  private final byte[][] inputs = new byte[SLOTS][0];
  private final byte[][] outputs = new byte[SLOTS][0];
  private int slot;

  /** Finds what a string was turned into; an empty array when that is not known. */
  byte[] find(byte[] bytes, int offset, int length) {
    slot = hash(bytes, offset, Math.min(length, BYTES_MAX)) & (SLOTS - 1);
    var known = inputs[slot];
    return length > 0
            && known.length == length
            && Arrays.equals(known, 0, length, bytes, offset, offset + length)
        ? outputs[slot]
        : NOTHING;
  }

  /** Remembers what the string that was just looked for was turned into. */
  void put(byte[] bytes, int offset, int length, byte[] output, int outputLength) {
    if (length <= BYTES_MAX) {
      inputs[slot] = Arrays.copyOfRange(bytes, offset, offset + length);
      outputs[slot] = Arrays.copyOf(output, outputLength);
    }
  }

  private static int hash(byte[] bytes, int offset, int length) {
    var hash = length;
    for (var i = offset; i < offset + length; i++) {
      hash = 31 * hash + bytes[i];
    }
    return hash ^ (hash >>> Short.SIZE);
  }

  void clear() {
    for (var input : inputs) {
      Arrays.fill(input, (byte) 0);
    }
    Arrays.fill(inputs, new byte[0]);
    Arrays.fill(outputs, new byte[0]);
  }
}
