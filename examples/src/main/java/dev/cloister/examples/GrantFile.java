package dev.cloister.examples;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.Set;

/**
 * A grant in a file, which its owner alone can read from its first moment; where the function is
 * one that ships, a line before the grant says what it is.
 */
final class GrantFile {
  private static final String SAYS = "function ";

  private GrantFile() {}

  /** What a file has: what was said of the function, empty for nothing, and its grant. */
  static final class Kept implements Closeable {
    final String function;
    final byte[] grant;

    private Kept(String function, byte[] grant) {
      this.function = function;
      this.grant = grant;
    }

    @Override
    public void close() {
      Arrays.fill(grant, (byte) 0);
    }
  }

  static Kept read(Path file) throws IOException {
    var bytes = Files.readAllBytes(file);
    var says = SAYS.getBytes(US_ASCII);
    var end = 0;
    while (end < bytes.length && bytes[end] != '\n') {
      end++;
    }
    if (end <= says.length || !Arrays.equals(bytes, 0, says.length, says, 0, says.length)) {
      return new Kept("", bytes);
    }
    var function = new String(bytes, says.length, end - says.length, US_ASCII);
    var grant = Arrays.copyOfRange(bytes, Math.min(end + 1, bytes.length), bytes.length);
    Arrays.fill(bytes, (byte) 0);
    return new Kept(function, grant);
  }

  static void write(Path file, String function, byte[] grant) throws IOException {
    var head = function.isEmpty() ? "" : SAYS + function + "\n";
    var whole = file.resolveSibling(file.getFileName() + ".new");
    Files.deleteIfExists(whole);
    var options = Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    var owners = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
    try (var channel = FileChannel.open(whole, options, owners)) {
      writeAll(channel, head.getBytes(US_ASCII));
      writeAll(channel, grant);
    }
    Files.move(whole, file, StandardCopyOption.ATOMIC_MOVE);
  }

  private static void writeAll(FileChannel channel, byte[] bytes) throws IOException {
    var from = ByteBuffer.wrap(bytes);
    while (from.hasRemaining()) {
      channel.write(from);
    }
  }
}
