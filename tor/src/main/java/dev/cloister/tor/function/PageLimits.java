package dev.cloister.tor.function;

import java.time.Duration;

/**
 * The most that one page may take of its function; what goes beyond is left out and told. The host
 * bounds each fetch besides, in bytes and time, and a fetch that has begun is not cut short: so a
 * page takes as long as {@code time} and one fetch.
 *
 * @param objects how many are fetched, the page and what failed among them
 * @param fetchedBytes how many bytes of bodies, as they come and as they are without their coding
 * @param pageBytes how many the document has, and what is embedded in it altogether
 * @param depth how many rounds: what the page names, what that names, and so on
 * @param time after which no fetch begins
 */
public record PageLimits(int objects, long fetchedBytes, long pageBytes, int depth, Duration time) {
  /** The longest document that a limit can allow: 256 MiB. */
  public static final long PAGE_BYTES_MAX = 256 << 20;

  /** Refuses a limit under which there is no page. */
  public PageLimits {
    if (objects < 1
        || fetchedBytes < 1
        || pageBytes < 1
        || pageBytes > PAGE_BYTES_MAX
        || depth < 0
        || !time.isPositive()) {
      throw new IllegalArgumentException(
          "objects %d, fetched bytes %d, page bytes %d, depth %d, time %s: all must be above zero, but depth, and page bytes at most %d"
              .formatted(objects, fetchedBytes, pageBytes, depth, time, PAGE_BYTES_MAX));
    }
  }

  /**
   * The usual limits.
   *
   * @return 128 objects of 12 MiB for a document of 12 MiB, in 3 rounds, within 20 seconds
   */
  public static PageLimits standard() {
    return new PageLimits(128, 12 << 20, 12 << 20, 3, Duration.ofSeconds(20));
  }
}
