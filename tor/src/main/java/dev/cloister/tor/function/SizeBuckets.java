package dev.cloister.tor.function;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The sizes that downloads have: whatever is smaller is padded to the smallest bucket that holds
 * it, whatever is larger than the largest to the next multiple of that. Who counts a download's
 * bytes learns which of these it was, and nothing more; without buckets, the size itself.
 *
 * @param bytes in any order, each at least {@link #SMALLEST_BYTES}; none for no padding
 */
public record SizeBuckets(List<Long> bytes) {
  /** The smallest bucket, which holds whatever is said of a page that was not had: 4096. */
  public static final long SMALLEST_BYTES = 4096;

  /** The largest bucket: 1 GiB. */
  public static final long LARGEST_BYTES = 1 << 30;

  /** How many there can be: 16. */
  public static final int BUCKETS_MAX = 16;

  /** Checks the sizes. */
  public SizeBuckets {
    bytes = bytes.stream().sorted().distinct().toList();
    if (bytes.size() > BUCKETS_MAX) {
      throw new IllegalArgumentException(
          "%d buckets: allowed are %d".formatted(bytes.size(), BUCKETS_MAX));
    }
    for (var size : bytes) {
      if (size < SMALLEST_BYTES || size > LARGEST_BYTES) {
        throw new IllegalArgumentException(
            "bucket of %d bytes: allowed are %d to %d"
                .formatted(size, SMALLEST_BYTES, LARGEST_BYTES));
      }
    }
  }

  /**
   * The usual ones, of which each page has one: 256 KiB, 1 MiB, 4 MiB and what is a multiple of 4
   * MiB. The fewer there are, the less a size tells.
   *
   * @return three buckets
   */
  public static SizeBuckets standard() {
    return of(256 << 10, 1 << 20, 4 << 20);
  }

  /**
   * Takes sizes.
   *
   * @param bytes each from {@link #SMALLEST_BYTES} to {@link #LARGEST_BYTES}
   * @return these buckets
   */
  public static SizeBuckets of(long... bytes) {
    return new SizeBuckets(Arrays.stream(bytes).boxed().toList());
  }

  /**
   * Pads nothing: then size tells everything.
   *
   * @return no bucket
   */
  public static SizeBuckets none() {
    return of();
  }

  /**
   * Says what something is padded to.
   *
   * @param size of the content with all that is sent before it, in bytes
   * @return the size of the whole download
   */
  public long holding(long size) {
    for (var bucket : bytes) {
      if (bucket >= size) {
        return bucket;
      }
    }
    return bytes.isEmpty() ? size : Math.ceilDiv(size, bytes.getLast()) * bytes.getLast();
  }

  /** As a request says it. */
  String written() {
    return bytes.stream().map(String::valueOf).collect(Collectors.joining(" "));
  }
}
