package dev.cloister.tor.control;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.cloister.core.key.SecretAccess;
import dev.cloister.tor.OnionKey;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Base64;
import java.util.regex.Pattern;

/**
 * One command as it is written to the port: whatever it is made of, it is one command, since what
 * could end a line is refused or quoted. Its bytes are zeroed once they were sent. Not thread-safe.
 */
final class Command {
  private static final Pattern WORD = Pattern.compile("[!-~&&[^\"]]+");
  private static final Pattern BREAKS = Pattern.compile("[\\r\\n\\x00]");

  private final String verb;
  private final Wiped bytes = new Wiped();
  private boolean hasData;

  /** A growing array whose outgrown copies are zeroed too. */
  private static final class Wiped extends ByteArrayOutputStream {
    @Override
    public synchronized void write(byte[] from, int offset, int length) {
      if (count + length > buf.length) {
        var larger = Arrays.copyOf(buf, Math.max(buf.length * 2, count + length));
        Arrays.fill(buf, (byte) 0);
        buf = larger;
      }
      super.write(from, offset, length);
    }

    synchronized ByteBuffer view() {
      return ByteBuffer.wrap(buf, 0, count);
    }

    synchronized void wipe() {
      Arrays.fill(buf, (byte) 0);
    }
  }

  private Command(String verb) {
    this.verb = verb;
  }

  static Command of(String verb) {
    var command = new Command(verb);
    command.append(verb);
    return command;
  }

  /** Begins a command that carries {@link #data}. */
  static Command withData(String verb) {
    var command = new Command(verb);
    command.append("+" + verb);
    return command;
  }

  private void append(String text) {
    bytes.writeBytes(text.getBytes(UTF_8));
  }

  String verb() {
    return verb;
  }

  /** Adds a word: printable ASCII without spaces and quotes. */
  Command word(String word) {
    append(" " + checked(word));
    return this;
  }

  private String checked(String word) {
    if (!WORD.matcher(word).matches()) {
      throw new IllegalArgumentException(
          "\"%s\" in %s: must be printable ASCII without spaces and quotes"
              .formatted(BREAKS.matcher(word).replaceAll("?"), verb));
    }
    return word;
  }

  /** Adds a keyword and its value, quoted if need be. */
  Command value(String keyword, String value) {
    append(" " + checked(keyword) + "=");
    append(WORD.matcher(value).matches() && value.indexOf('\\') < 0 ? value : quoted(value));
    return this;
  }

  /** Adds a value in quotes. */
  Command quotedWord(String value) {
    append(" " + quoted(value));
    return this;
  }

  private String quoted(String value) {
    if (BREAKS.matcher(value).find()) {
      throw new IllegalArgumentException(
          "\"%s\" in %s: must be one line, without zero bytes"
              .formatted(BREAKS.matcher(value).replaceAll("?"), verb));
    }
    return '"' + value.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }

  /** Adds a key as tor names it, without making a text of it. */
  Command key(OnionKey key) {
    append(" " + key.kind().torName() + ":");
    key.use(
        SecretAccess.granted(),
        raw -> {
          var base64 = Base64.getEncoder().withoutPadding().encode(raw);
          bytes.writeBytes(base64);
          Arrays.fill(base64, (byte) 0);
          return 0;
        });
    return this;
  }

  /** Adds lines, and ends the command. */
  Command data(String lines) {
    if (lines.indexOf('\0') >= 0) {
      throw new IllegalArgumentException("data of " + verb + ": must be without zero bytes");
    }
    append("\r\n");
    lines.lines().forEach(line -> append((line.startsWith(".") ? "." : "") + line + "\r\n"));
    append(".\r\n");
    hasData = true;
    return this;
  }

  ByteBuffer bytes() {
    if (!hasData) {
      append("\r\n");
      hasData = true;
    }
    return bytes.view();
  }

  void wipe() {
    bytes.wipe();
  }
}
