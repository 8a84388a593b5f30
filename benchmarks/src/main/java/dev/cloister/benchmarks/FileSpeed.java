package dev.cloister.benchmarks;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/** How fast one large file is written and read through NIO, in a directory of any file system. */
final class FileSpeed {
  private static final int PIECE = 64 << 10;

  private final String name;
  private final Path file;
  private final byte[] piece = new byte[PIECE];
  private final List<Double> written = new ArrayList<>();
  private final List<Double> read = new ArrayList<>();

  FileSpeed(String name, Path directory) {
    this.name = name;
    this.file = directory.resolve("measured");
    new Random(1).nextBytes(piece);
  }

  String name() {
    return name;
  }

  /** Megabytes a second, of those measured in order: 0 the least, 50 the median, 100 the most. */
  double percent(boolean reads, int percent) {
    var sorted = new ArrayList<>(reads ? read : written);
    Collections.sort(sorted);
    return sorted.get((sorted.size() - 1) * percent / 100);
  }

  void measure(long bytes) throws IOException, InterruptedException {
    forget();
    var start = System.nanoTime();
    try (var channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      for (var at = 0L; at < bytes; ) {
        at += channel.write(ByteBuffer.wrap(piece));
      }
      channel.force(true);
    }
    written.add(speed(bytes, start));
    forget();
    start = System.nanoTime();
    try (var channel = FileChannel.open(file)) {
      var into = ByteBuffer.wrap(piece);
      while (channel.read(into.clear()) >= 0) {
        // The next.
      }
    }
    read.add(speed(bytes, start));
    Files.delete(file);
  }

  private static double speed(long bytes, long start) {
    return bytes * 1e3 / (System.nanoTime() - start);
  }

  /** Writes what is to be written, and lets the kernel forget what it keeps of files. */
  private static void forget() throws IOException, InterruptedException {
    new ProcessBuilder("sync").start().waitFor();
    Files.writeString(Path.of("/proc/sys/vm/drop_caches"), "3", StandardOpenOption.WRITE);
  }
}
