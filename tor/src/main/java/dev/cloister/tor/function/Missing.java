package dev.cloister.tor.function;

import java.util.Arrays;
import java.util.Optional;

/**
 * Something that a page shows, or the page itself, that is not in the document, as the function
 * says it.
 *
 * @param cause why it is missing
 * @param url where it would have been; cut at 300 characters
 * @param detail who refused, which status, which limit, or what went wrong; cut at 200 characters
 */
public record Missing(Cause cause, String url, String detail) {

  /** Why something is missing. */
  public enum Cause {
    /** The node's policy refused the destination, or a dropbox the page. */
    REFUSED("refused"),
    /** Not reached, broken off, too long or too slow for the host, or nothing that can be read. */
    FAILED("failed"),
    /** The server answered with a status that is none of success. */
    STATUS("status"),
    /** A limit of the request. */
    LIMIT("limit"),
    /** Not fetched on purpose: http on a page of https, and refreshes of the page. */
    LEFT_OUT("left-out");

    private final String label;

    Cause(String label) {
      this.label = label;
    }

    static Optional<Cause> named(String label) {
      return Arrays.stream(values()).filter(cause -> cause.label.equals(label)).findFirst();
    }
  }
}
