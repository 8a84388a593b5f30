package dev.cloister.tor.testing;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.List;

/** The end of what a program wrote. */
final class LogTail {
  /** How many lines at most. */
  static final int LINES = 20;

  private static final int BYTES = 8 << 10;

  private LogTail() {}

  /** Reads it; what is not there says nothing. */
  static List<String> of(Path file) {
    try (var channel = FileChannel.open(file)) {
      var begin = Math.max(0, channel.size() - BYTES);
      var bytes = ByteBuffer.allocate(BYTES);
      while (bytes.hasRemaining() && channel.read(bytes, begin + bytes.position()) > 0) {
        // Until all is read.
      }
      var lines = new String(bytes.array(), 0, bytes.position(), ISO_8859_1).lines().toList();
      return lines.subList(Math.max(0, lines.size() - LINES), lines.size());
    } catch (IOException e) {
      return List.of("(not readable: " + e + ")");
    }
  }
}
