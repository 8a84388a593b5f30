package dev.cloister.tracing.testing;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Writes capture files in the classic format, in any of its variants. Not safe for use by many
 * threads.
 */
public final class PcapWriter implements AutoCloseable {
  private static final int MICROSECONDS = 0xa1b2c3d4;
  private static final int NANOSECONDS = 0xa1b23c4d;
  private static final int ETHERNET = 1;

  private final OutputStream out;
  private final ByteBuffer record;
  private final boolean isNano;

  private PcapWriter(OutputStream out, ByteOrder order, boolean isNano) {
    this.out = out;
    this.record = ByteBuffer.allocate(24).order(order);
    this.isNano = isNano;
  }

  /**
   * Begins a file of Ethernet frames, little-endian, in microseconds.
   *
   * @param file what to write
   * @return a writer that the caller closes
   * @throws IOException when the file cannot be written
   */
  public static PcapWriter to(Path file) throws IOException {
    return to(file, ByteOrder.LITTLE_ENDIAN, false, ETHERNET);
  }

  /**
   * Begins a file.
   *
   * @param file what to write
   * @param order the byte order of its numbers
   * @param isNano whether times are in nanoseconds instead of microseconds
   * @param linkType what its frames begin with, as a LINKTYPE number
   * @return a writer that the caller closes
   * @throws IOException when the file cannot be written
   */
  public static PcapWriter to(Path file, ByteOrder order, boolean isNano, int linkType)
      throws IOException {
    var out = new BufferedOutputStream(Files.newOutputStream(file), 1 << 20);
    var writer = new PcapWriter(out, order, isNano);
    writer.header(linkType);
    return writer;
  }

  private void header(int linkType) throws IOException {
    record
        .clear()
        .putInt(isNano ? NANOSECONDS : MICROSECONDS)
        .putShort((short) 2)
        .putShort((short) 4)
        .putLong(0)
        .putInt(262_144)
        .putInt(linkType);
    flush();
  }

  private void flush() throws IOException {
    out.write(record.array(), record.arrayOffset(), record.position());
  }

  /**
   * Writes a frame that was captured whole.
   *
   * @param timeNanos when, in nanoseconds since 1970-01-01T00:00:00Z
   * @param frame its bytes
   * @throws IOException when the file cannot be written
   */
  public void write(long timeNanos, byte[] frame) throws IOException {
    write(timeNanos, frame, 0, frame.length, frame.length);
  }

  /**
   * Writes a frame.
   *
   * @param timeNanos when, in nanoseconds since 1970-01-01T00:00:00Z
   * @param bytes holds what was captured
   * @param offset where it begins
   * @param captured how much was captured
   * @param onTheWire how long the frame was
   * @throws IOException when the file cannot be written
   */
  public void write(long timeNanos, byte[] bytes, int offset, int captured, int onTheWire)
      throws IOException {
    var fraction = timeNanos % 1_000_000_000;
    record
        .clear()
        .putInt((int) (timeNanos / 1_000_000_000))
        .putInt((int) (isNano ? fraction : fraction / 1000))
        .putInt(captured)
        .putInt(onTheWire);
    flush();
    out.write(bytes, offset, captured);
  }

  @Override
  public void close() throws IOException {
    out.close();
  }
}
