package dev.cloister.sandbox.session;

/**
 * The sizes that a load's body has, whatever its code and data are: each four times the one before,
 * so that its length tells one of six numbers, and padding is at most three quarters.
 */
final class LoadBuckets {
  /** The smallest: 16 KiB. */
  static final int SMALLEST_BYTES = 16 << 10;

  /** The largest: 16 MiB. */
  static final int LARGEST_BYTES = 16 << 20;

  private static final int STEP = 4;

  private LoadBuckets() {}

  static boolean isOne(int sizeBytes) {
    return sizeBytes <= LARGEST_BYTES && fitting(sizeBytes) == sizeBytes;
  }

  /** Returns the smallest that holds so many bytes; {@link Integer#MAX_VALUE} when none does. */
  static int fitting(long sizeBytes) {
    for (var bucket = SMALLEST_BYTES; bucket <= LARGEST_BYTES; bucket *= STEP) {
      if (sizeBytes <= bucket) {
        return bucket;
      }
    }
    return Integer.MAX_VALUE;
  }
}
