package dev.cloister.tor.function;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/** A page on its way: head, report and content, as {@code browser.md} has them. */
final class Parcel {
  static final int HEAD_BYTES = 14;
  private static final int REPORT_BYTES_MAX = 256 << 10;
  private static final int FORM = 1;

  private Parcel() {}

  /** What the first bytes say of the others. */
  record Head(boolean squeezed, int reportBytes, int sentBytes, int contentBytes) {
    long parcelBytes() {
      return (long) HEAD_BYTES + reportBytes + sentBytes;
    }
  }

  /** Reads a head, and refuses a page that is longer than was asked for. */
  static Head head(ByteBuffer first, long contentBytesMax) throws IOException {
    if (first.remaining() < HEAD_BYTES || first.get() != FORM) {
      throw new IOException("no page of form " + FORM + ": is this a Browser of this version?");
    }
    var head = new Head(first.get() != 0, first.getInt(), first.getInt(), first.getInt());
    if (head.reportBytes < 0
        || head.reportBytes > REPORT_BYTES_MAX
        || head.contentBytes < 0
        || head.contentBytes > contentBytesMax
        || head.sentBytes < 0
        || head.sentBytes > head.contentBytes) {
      throw new IOException(
          "a page of %d bytes, sent as %d, with a report of %d: allowed are %d, no more than that, and %d"
              .formatted(
                  head.contentBytes,
                  head.sentBytes,
                  head.reportBytes,
                  contentBytesMax,
                  REPORT_BYTES_MAX));
    }
    return head;
  }

  /** Reads what stands behind the head, all of which is there. */
  static Page page(Head head, byte[] parcel) throws IOException {
    var contentAt = HEAD_BYTES + head.reportBytes;
    var report = Report.read(Arrays.copyOfRange(parcel, HEAD_BYTES, contentAt));
    var sent = Arrays.copyOfRange(parcel, contentAt, contentAt + head.sentBytes);
    return new Page(report, head.squeezed ? unsqueezed(sent, head.contentBytes) : sent);
  }

  private static byte[] unsqueezed(byte[] sent, int contentBytes) throws IOException {
    var content = new byte[contentBytes];
    try (var inflater = new Inflater()) {
      inflater.setInput(sent);
      var count = inflater.inflate(content);
      if (count != contentBytes || inflater.inflate(new byte[1]) != 0 || !inflater.finished()) {
        throw new IOException("a page that is not as long as it says: %d".formatted(contentBytes));
      }
      return content;
    } catch (DataFormatException e) {
      throw new IOException("a page whose content cannot be read: " + e.getMessage(), e);
    }
  }
}
