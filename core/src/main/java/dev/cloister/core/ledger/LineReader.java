package dev.cloister.core.ledger;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import org.jspecify.annotations.Nullable;

/** The lines of one file, read once, without keeping more than one in memory. */
final class LineReader implements AutoCloseable {
  private final String name;
  private final InputStream in;
  private final byte[] buffer = new byte[1 << 16];
  private int position;
  private int limit;
  private long number;
  private boolean terminated;

  LineReader(Path file) throws IOException {
    this.name = String.valueOf(file.getFileName());
    this.in = Files.newInputStream(file);
  }

  String name() {
    return name;
  }

  /** Returns how many lines were read. */
  long number() {
    return number;
  }

  /** Names the line that was read last. */
  String place() {
    return name + ":" + number;
  }

  /** Tells whether the line that was read last had its line feed. */
  boolean terminated() {
    return terminated;
  }

  /** What is done with the pieces of a line. */
  private interface Sink {
    /** Takes a piece, the last of which ends with the line feed. */
    void take(byte[] bytes, int from, int length);
  }

  /** Reads a line without its line feed, cut to a length; null at the end of the file. */
  @Nullable String next(int bytesMax) throws IOException {
    var line = new ByteArrayOutputStream();
    if (!line((bytes, from, length) -> cut(line, bytesMax, bytes, from, length))) {
      return null;
    }
    var text = line.toString(StandardCharsets.UTF_8);
    return text.endsWith("\n") ? text.substring(0, text.length() - 1) : text;
  }

  private static void cut(
      ByteArrayOutputStream line, int bytesMax, byte[] bytes, int from, int length) {
    line.write(bytes, from, Math.min(length, Math.max(0, bytesMax - line.size())));
  }

  /** Hashes the next line with its line feed; false when there is none, or a torn one. */
  boolean nextInto(MessageDigest digest) throws IOException {
    return line(digest::update) && terminated;
  }

  private boolean line(Sink sink) throws IOException {
    terminated = false;
    var any = false;
    while (!terminated && (position < limit || fill())) {
      any = true;
      var end = position;
      while (end < limit && buffer[end] != '\n') {
        end++;
      }
      terminated = end < limit;
      var next = terminated ? end + 1 : end;
      sink.take(buffer, position, next - position);
      position = next;
    }
    if (any) {
      number++;
    }
    return any;
  }

  private boolean fill() throws IOException {
    position = 0;
    limit = Math.max(0, in.read(buffer));
    return limit > 0;
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
