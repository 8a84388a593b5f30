package dev.cloister.tor.function;

import dev.cloister.tor.function.Missing.Cause;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;

/**
 * A page as a Browser made it: one document that holds all it shows, or what a server sent that is
 * no HTML. That it is what the server meant, it does not say: node, function and server are trusted
 * with that. Immutable.
 *
 * <p>The document forbids whoever shows it to fetch anything. Links lead to the outside all the
 * same, when they are clicked.
 */
public final class Page {
  private final Report report;
  private final byte[] content;

  Page(Report report, byte[] content) {
    this.report = report;
    this.content = content;
  }

  /**
   * Reads what a Browser put into a {@link Dropbox}; the padding is left.
   *
   * @param stored the dropbox's content
   * @param contentBytesMax the longest document that is taken
   * @return the page
   * @throws IOException when it is none, or longer
   */
  public static Page read(byte[] stored, long contentBytesMax) throws IOException {
    var head = Parcel.head(ByteBuffer.wrap(stored), contentBytesMax);
    if (stored.length < head.parcelBytes()) {
      throw new IOException(
          "a parcel of %d bytes, of which there are %d: fetch the rest"
              .formatted(head.parcelBytes(), stored.length));
    }
    return Parcel.page(head, stored);
  }

  /**
   * Returns the server's status.
   *
   * @return such as 200; 0 when there is no page, and then {@link #missing} has one entry
   */
  public int status() {
    return report.status();
  }

  /**
   * Returns where the page was, after redirects.
   *
   * @return a URL
   */
  public String url() {
    return report.url();
  }

  /**
   * Returns what the content is.
   *
   * @return {@code text/html;charset=utf-8} for a document, else the server's type or {@code
   *     application/octet-stream}; empty when there is no page
   */
  public String mediaType() {
    return report.mediaType();
  }

  /**
   * Returns the content.
   *
   * @return a copy; empty when there is no page, and when it went into a dropbox
   */
  public byte[] content() {
    return content.clone();
  }

  /**
   * Returns how many objects were fetched.
   *
   * @return the page and what it shows, each once
   */
  public int objects() {
    return report.objects();
  }

  /**
   * Returns how many bytes went into a dropbox, padding among them.
   *
   * @return 0 when none was named, or it did not take them
   */
  public long storedBytes() {
    return report.storedBytes();
  }

  /**
   * Returns what is not in the document.
   *
   * @return a hundred at most, and by name none of a page that went into a dropbox
   */
  public List<Missing> missing() {
    return report.missing();
  }

  /**
   * Returns how much is missing.
   *
   * @return all that is, by cause
   */
  public Map<Cause, Long> missingByCause() {
    return report.byCause();
  }
}
