package dev.cloister.benchmarks;

import java.io.IOException;

/** A way to have a page with its objects. */
interface PageWay extends AutoCloseable {
  /**
   * One page that was had.
   *
   * @param firstByteNanos from the request to the first byte that came
   * @param viewableNanos to all that the page shows
   * @param endNanos to the end of what pads it
   */
  record Loaded(long firstByteNanos, long viewableNanos, long endNanos) {}

  Loaded load(String path) throws IOException, InterruptedException;

  @Override
  void close() throws IOException;
}
