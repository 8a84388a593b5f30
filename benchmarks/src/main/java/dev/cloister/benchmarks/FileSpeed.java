package dev.cloister.benchmarks;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Random;

/** How fast one large file is written and read through NIO, in a directory of any file system. */
final class FileSpeed {
  private static final int PIECE = 64 << 10;

  private final String name;
  private final Path file;
  private final byte[] piece = new byte[PIECE];
  private final Speeds written = new Speeds();
  private final Speeds read = new Speeds();

  FileSpeed(String name, Path directory) {
    this.name = name;
    this.file = directory.resolve("measured");
    new Random(1).nextBytes(piece);
  }

  String name() {
    return name;
  }

  Speeds speeds(boolean reads) {
    return reads ? read : written;
  }

  void measure(long bytes) throws IOException, InterruptedException {
    Machine.forgetFiles();
    var start = System.nanoTime();
    try (var channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      for (var at = 0L; at < bytes; ) {
        at += channel.write(ByteBuffer.wrap(piece));
      }
      channel.force(true);
    }
    written.add(bytes, start);
    Machine.forgetFiles();
    start = System.nanoTime();
    try (var channel = FileChannel.open(file)) {
      var into = ByteBuffer.wrap(piece);
      while (channel.read(into.clear()) >= 0) {
        // The next.
      }
    }
    read.add(bytes, start);
    Files.delete(file);
  }
}
