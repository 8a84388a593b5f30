package dev.cloister.sandbox.runtime;

import dev.cloister.core.policy.Resource;
import java.util.Locale;
import java.util.Optional;

/**
 * How a function ended. What the function itself says of it is bounded, and not to be believed.
 *
 * @param cause what ended it
 * @param limit which limit, where one did
 * @param exitCode what the function exited with; 0 where it did not
 * @param detail words for the client, one line; empty for none
 */
public record Ending(Cause cause, Optional<Resource> limit, int exitCode, String detail) {
  private static final int DETAIL_MAX = 1000;

  /** What ended a function. */
  public enum Cause {
    /** It returned, or exited with a code. */
    EXITED,
    /** It raised an error that nothing caught. */
    FAILED,
    /** It used all that one limit gave. */
    LIMIT,
    /** The shutdown token was shown. */
    SHUT_DOWN,
    /** Its time had come. */
    EXPIRED,
    /** Its process died, by itself or by the host's system. */
    DIED,
    /** It broke the protocol with its host. */
    MALFORMED,
    /** Its host closed. */
    CLOSED;

    /**
     * Returns the word that stands in outputs.
     *
     * @return lower case, with dashes
     */
    public String label() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  /** Keeps the words to one bounded line. */
  public Ending {
    detail = detail.replaceAll("[\\p{Cntrl}\\x{85}\\x{2028}\\x{2029}]+", " ").strip();
    if (detail.length() > DETAIL_MAX) {
      detail = detail.substring(0, DETAIL_MAX) + "…";
    }
    if (limit.isPresent() != (cause == Cause.LIMIT)) {
      throw new IllegalArgumentException("a limit is named where one ended it, and nowhere else");
    }
  }

  /**
   * Ends by a cause that needs no words.
   *
   * @param cause any but a limit
   * @return the ending
   */
  public static Ending of(Cause cause) {
    return of(cause, "");
  }

  /**
   * Ends by a cause.
   *
   * @param cause any but a limit
   * @param detail words for the client
   * @return the ending
   */
  public static Ending of(Cause cause, String detail) {
    return new Ending(cause, Optional.empty(), 0, detail);
  }

  /**
   * Ends by the function's own exit.
   *
   * @param code what it exited with
   * @return the ending
   */
  public static Ending exited(int code) {
    return new Ending(Cause.EXITED, Optional.empty(), code, "");
  }

  /**
   * Ends at a limit.
   *
   * @param limit which
   * @param detail words for the client, such as how much was used
   * @return the ending
   */
  public static Ending atLimit(Resource limit, String detail) {
    return new Ending(Cause.LIMIT, Optional.of(limit), 0, detail);
  }
}
