package dev.cloister.tor.function;

import java.time.Duration;

/**
 * How long a {@link Dropbox} lasts: until the first of these is reached.
 *
 * @param reads how often each piece of its content is given out, to all who read together
 * @param volumeBytes how many bytes of its content are given out altogether
 * @param lifetime how long, from its start
 */
public record DropboxBounds(int reads, long volumeBytes, Duration lifetime) {
  /** The longest lifetime: 366 days. */
  public static final Duration LONGEST = Duration.ofDays(366);

  /** Refuses bounds that nothing can be read within. */
  public DropboxBounds {
    if (reads < 1 || volumeBytes < 1 || !lifetime.isPositive() || lifetime.compareTo(LONGEST) > 0) {
      throw new IllegalArgumentException(
          "reads %d, volume %d, lifetime %s: all must be above zero, and the last at most %s"
              .formatted(reads, volumeBytes, lifetime, LONGEST));
    }
  }
}
