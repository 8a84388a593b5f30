package dev.cloister.tracing.internal;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.SerializableString;
import tools.jackson.core.io.SerializedString;
import tools.jackson.core.json.JsonFactory;

/**
 * Writes one JSON object after the other, each on a line of its own, with objects nested one deep.
 * Text is taken as UTF-8 where it is, and as ISO 8859-1 where it is not, so any bytes give valid
 * JSON. For one thread.
 */
public final class JsonLine implements AutoCloseable {
  private final Buffer buffer = new Buffer();
  private final JsonGenerator json =
      JsonFactory.builder()
          .rootValueSeparator("")
          .build()
          .createGenerator(ObjectWriteContext.empty(), buffer);
  private final CharsetDecoder utf8 =
      StandardCharsets.UTF_8
          .newDecoder()
          .onMalformedInput(CodingErrorAction.REPORT)
          .onUnmappableCharacter(CodingErrorAction.REPORT);
  private String group = "";

  /** Makes a writer of no lines. */
  public JsonLine() {}

  /** Memory that can be written out without a copy. */
  private static final class Buffer extends ByteArrayOutputStream {
    Buffer() {
      super(4096);
    }
  }

  /** The name of a member, encoded once. */
  public static final class Name {
    private final String group;
    private final SerializableString name;

    private Name(String group, String name) {
      this.group = group;
      this.name = new SerializedString(name);
    }

    /**
     * Makes a name.
     *
     * @param path a word, or two with a dot: the object it is nested in, and the name there
     * @return the name
     */
    public static Name of(String path) {
      var dot = path.indexOf('.');
      return dot < 0
          ? new Name("", path)
          : new Name(path.substring(0, dot).intern(), path.substring(dot + 1));
    }
  }

  /** Begins a line. */
  public void begin() {
    group = "";
    json.writeStartObject();
  }

  /**
   * Names what is written next, and goes into or out of a nested object.
   *
   * @param name its name
   */
  public void name(Name name) {
    if (!group.equals(name.group)) {
      leave();
      if (!name.group.isEmpty()) {
        json.writeName(name.group);
        json.writeStartObject();
      }
      group = name.group;
    }
    json.writeName(name.name);
  }

  /**
   * Names what is written next, inside of an object that the caller began.
   *
   * @param name its name, a word
   */
  public void member(Name name) {
    json.writeName(name.name);
  }

  private void leave() {
    if (!group.isEmpty()) {
      json.writeEndObject();
    }
  }

  /**
   * Returns what writes values.
   *
   * @return the generator behind this writer
   */
  public JsonGenerator json() {
    return json;
  }

  /**
   * Writes text.
   *
   * @param bytes holds it, as the traffic had it
   * @param offset where it begins
   * @param length how long it is
   */
  public void text(byte[] bytes, int offset, int length) {
    if (isPlain(bytes, offset, length)) {
      json.writeUTF8String(bytes, offset, length);
      return;
    }
    json.writeString(decoded(bytes, offset, length));
  }

  private static boolean isPlain(byte[] bytes, int offset, int length) {
    for (var i = offset; i < offset + length; i++) {
      if (bytes[i] < 0) {
        return false;
      }
    }
    return true;
  }

  private String decoded(byte[] bytes, int offset, int length) {
    try {
      return utf8.reset().decode(ByteBuffer.wrap(bytes, offset, length)).toString();
    } catch (CharacterCodingException _) {
      return new String(bytes, offset, length, StandardCharsets.ISO_8859_1);
    }
  }

  /**
   * Ends the line and writes it out.
   *
   * @param out takes the line with its line feed
   * @throws IOException when {@code out} does
   */
  public void end(OutputStream out) throws IOException {
    leave();
    json.writeEndObject();
    json.flush();
    buffer.write('\n');
    buffer.writeTo(out);
    buffer.reset();
  }

  @Override
  public void close() {
    json.close();
    buffer.reset();
  }
}
