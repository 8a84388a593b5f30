package dev.cloister.tracing.record;

import dev.cloister.core.gate.Raw;
import dev.cloister.tracing.flow.Direction;
import dev.cloister.tracing.flow.Flow;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * What a parser found, before any policy. It keeps copies of what it is given, in one array that is
 * used again after {@link #clear}; so a parser can fill one record after the other without making
 * garbage. Not safe for use by many threads.
 */
public final class RawRecord implements Raw {
  /** The most text that one record holds, in bytes; what is longer is cut. */
  public static final int TEXT_BYTES_MAX = 256 << 10;

  private final Schema schema;
  private final boolean[] present;
  private final long[] numbers;
  private final int[] starts;
  private final int[] lengths;
  private byte[] text = new byte[256];
  private int end;
  private long flow;

  RawRecord(Schema schema, int fields) {
    this.schema = schema;
    this.present = new boolean[fields];
    this.numbers = new long[fields];
    this.starts = new int[fields];
    this.lengths = new int[fields];
  }

  @Override
  public Schema type() {
    return schema;
  }

  /**
   * Empties the record.
   *
   * @param ofFlow the number of the connection that it will be about
   * @return this
   */
  public RawRecord clear(long ofFlow) {
    Arrays.fill(present, false);
    end = 0;
    flow = ofFlow;
    return this;
  }

  /**
   * Returns which connection the record is about.
   *
   * @return the connection's number
   */
  public long flow() {
    return flow;
  }

  /**
   * Sets a port, a time in nanoseconds, or a number.
   *
   * @param field one of those types
   * @param value its value
   */
  public void set(Field field, long value) {
    if (!field.type().isNumeric()) {
      throw new IllegalArgumentException(field + " is " + field.type().label() + ", not a number");
    }
    numbers[field.index()] = value;
    present[field.index()] = true;
  }

  /**
   * Sets an address, a keyword, a text or a URL.
   *
   * @param field one of those types
   * @param bytes holds its value: an address in network order, or text as it was sent
   * @param offset where it begins
   * @param length how long it is
   */
  public void set(Field field, byte[] bytes, int offset, int length) {
    if (field.type().isNumeric()) {
      throw new IllegalArgumentException(field + " is a number, not bytes");
    }
    if (field.type() == FieldType.ADDRESS && length != 4 && length != 16) {
      throw new IllegalArgumentException(
          "%s of %d bytes: an address has 4 or 16".formatted(field, length));
    }
    starts[field.index()] = end;
    lengths[field.index()] = put(bytes, offset, length);
    present[field.index()] = true;
  }

  /**
   * Sets a keyword, a text or a URL.
   *
   * @param field one of those types
   * @param value its value
   */
  public void set(Field field, String value) {
    var bytes = value.getBytes(StandardCharsets.UTF_8);
    set(field, bytes, 0, bytes.length);
  }

  /**
   * Adds to a text that may be there already, behind a separator. Where there is no room the text
   * stays as it is.
   *
   * @param field a text
   * @param separator what stands between the two, such as {@code ", "}
   * @param bytes holds what is added
   * @param offset where it begins
   * @param length how long it is
   */
  public void add(Field field, String separator, byte[] bytes, int offset, int length) {
    if (!present[field.index()]) {
      set(field, bytes, offset, length);
      return;
    }
    if (!isLast(field)) {
      if (!hasRoom(lengths[field.index()])) {
        return;
      }
      moveToEnd(field);
    }
    var between = separator.getBytes(StandardCharsets.US_ASCII);
    put(between, 0, between.length);
    put(bytes, offset, length);
    lengths[field.index()] = end - starts[field.index()];
  }

  private void moveToEnd(Field field) {
    var start = end;
    put(text, starts[field.index()], lengths[field.index()]);
    starts[field.index()] = start;
  }

  /** Tells whether nothing stands behind a text, so that it can grow where it is. */
  private boolean isLast(Field field) {
    return starts[field.index()] + lengths[field.index()] == end;
  }

  private boolean hasRoom(int length) {
    return length <= TEXT_BYTES_MAX - end;
  }

  /**
   * Puts something before a text that was set: a word, and the text of another field that was set.
   * Where there is no room for it the text stays as it is.
   *
   * @param field a text
   * @param word what stands first
   * @param other a text, which stands between
   */
  public void prepend(Field field, byte[] word, Field other) {
    if (!hasRoom(word.length + lengths[other.index()] + lengths[field.index()])) {
      return;
    }
    var start = end;
    put(word, 0, word.length);
    put(text, starts[other.index()], lengths[other.index()]);
    put(text, starts[field.index()], lengths[field.index()]);
    starts[field.index()] = start;
    lengths[field.index()] = end - start;
  }

  /**
   * Sets the address of the side of a connection that sends in a direction.
   *
   * @param field an address
   * @param flow the connection
   * @param direction which side
   */
  public void setSource(Field field, Flow flow, Direction direction) {
    var length = flow.addressBytes();
    if (makeRoom(length) == length) {
      flow.sourceAddress(direction, text, end);
      starts[field.index()] = end;
      lengths[field.index()] = length;
      present[field.index()] = true;
      end += length;
    }
  }

  /** Makes room for as much as there may be; returns how much. */
  private int makeRoom(int length) {
    var kept = Math.min(length, TEXT_BYTES_MAX - end);
    if (end + kept > text.length) {
      text = Arrays.copyOf(text, Math.min(TEXT_BYTES_MAX, Math.max(end + kept, 2 * text.length)));
    }
    return kept;
  }

  private int put(byte[] bytes, int offset, int length) {
    // The source may be the array that is replaced now; its bytes are the same.
    var kept = makeRoom(length);
    System.arraycopy(bytes, offset, text, end, kept);
    end += kept;
    return kept;
  }

  /**
   * Tells whether a field was set.
   *
   * @param field any
   * @return whether it has a value
   */
  public boolean has(Field field) {
    return present[field.index()];
  }

  /**
   * Returns a port, a time or a number that was set.
   *
   * @param field one of those types
   * @return its value
   */
  public long number(Field field) {
    return numbers[field.index()];
  }

  /**
   * Returns the array that holds every address and text.
   *
   * @return the record's own; it must not be changed
   */
  public byte[] bytes() {
    return text;
  }

  /**
   * Returns where in {@link #bytes()} a field begins that was set.
   *
   * @param field an address, a keyword, a text or a URL
   * @return an index
   */
  public int offset(Field field) {
    return starts[field.index()];
  }

  /**
   * Returns how long a field is that was set.
   *
   * @param field an address, a keyword, a text or a URL
   * @return bytes
   */
  public int length(Field field) {
    return lengths[field.index()];
  }

  /**
   * Returns a text that was set.
   *
   * @param field a keyword, a text or a URL
   * @return its bytes as ISO 8859-1, which keeps every one of them
   */
  public String text(Field field) {
    return new String(text, offset(field), length(field), StandardCharsets.ISO_8859_1);
  }

  /**
   * Names the kind and the connection, and nothing of the content.
   *
   * @return for people
   */
  @Override
  public String toString() {
    return "RawRecord[" + schema.name() + " of flow " + flow + "]";
  }
}
