package dev.cloister.tracing.tracer;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * Captures that somebody damaged: bits, runs, lengths, cuts, and two of them in one. The same seed
 * damages alike. Small captures come more often, and of large ones the beginning.
 */
final class Mutations {
  private static final int BYTES_MAX = 200_000;
  private static final int[] EXTREMES = {
    0, 1, 4, 0x7f, 0xff, 0x7fff, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xffffffff
  };

  private final List<byte[]> captures;

  private Mutations(List<byte[]> captures) {
    this.captures = captures;
  }

  static Mutations of(Path directory) throws IOException {
    var captures = new ArrayList<byte[]>();
    try (var files = Files.list(directory)) {
      for (var file : files.sorted().toList()) {
        var bytes = Files.readAllBytes(file);
        captures.add(Arrays.copyOf(bytes, Math.min(bytes.length, BYTES_MAX)));
      }
    }
    captures.sort((one, other) -> Integer.compare(one.length, other.length));
    return new Mutations(captures);
  }

  byte[] mutation(long seed) {
    var random = new Random(seed);
    var bytes = capture(random).clone();
    for (var i = random.nextInt(3); i >= 0; i--) {
      bytes = mutated(bytes, random);
    }
    return bytes;
  }

  private byte[] capture(Random random) {
    var chance = random.nextDouble();
    return captures.get((int) (captures.size() * chance * chance));
  }

  private byte[] mutated(byte[] bytes, Random random) {
    return switch (random.nextInt(7)) {
      case 0, 1 -> bits(bytes, random);
      case 2 -> run(bytes, random);
      case 3, 4 -> number(bytes, random);
      case 5 -> Arrays.copyOf(bytes, random.nextInt(bytes.length + 1));
      default -> splice(bytes, random);
    };
  }

  private static byte[] bits(byte[] bytes, Random random) {
    for (var i = random.nextInt(20); i >= 0 && bytes.length > 0; i--) {
      bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(Byte.SIZE));
    }
    return bytes;
  }

  private static byte[] run(byte[] bytes, Random random) {
    var from = random.nextInt(bytes.length + 1);
    var to = Math.min(bytes.length, from + random.nextInt(100));
    if (random.nextBoolean()) {
      Arrays.fill(bytes, from, to, (byte) random.nextInt());
    } else {
      for (var i = from; i < to; i++) {
        bytes[i] = (byte) random.nextInt();
      }
    }
    return bytes;
  }

  /** Puts an extreme number where, every other time, a packet of a small one has its lengths. */
  private static byte[] number(byte[] bytes, Random random) {
    if (bytes.length < Integer.BYTES) {
      return bytes;
    }
    var order = random.nextBoolean() ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
    var at = random.nextInt(Math.min(bytes.length, random.nextBoolean() ? 150 : BYTES_MAX) - 3);
    var number = EXTREMES[random.nextInt(EXTREMES.length)];
    var view = ByteBuffer.wrap(bytes).order(order);
    if (random.nextBoolean()) {
      view.putInt(at, number);
    } else {
      view.putShort(at, (short) number);
    }
    return bytes;
  }

  private byte[] splice(byte[] bytes, Random random) {
    var other = capture(random);
    var head = random.nextInt(bytes.length + 1);
    var from = random.nextInt(other.length);
    var tail = Math.min(other.length - from, BYTES_MAX - Math.min(head, BYTES_MAX));
    var spliced = Arrays.copyOf(bytes, Math.min(head, BYTES_MAX) + tail);
    System.arraycopy(other, from, spliced, spliced.length - tail, tail);
    return spliced;
  }
}
