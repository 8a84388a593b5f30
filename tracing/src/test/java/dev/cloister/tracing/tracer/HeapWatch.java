package dev.cloister.tracing.tracer;

/**
 * Looks every few milliseconds, on a thread of its own, at what the heap holds above what it held
 * at the start. Where that looks like more than an allowance, rubbish is collected, and what still
 * is there counts: so a peak between two looks is missed, and rubbish is never blamed.
 */
final class HeapWatch implements AutoCloseable {
  private static final long LOOK_MILLIS = 5;

  private final long allowedBytes;
  private final long base;
  private final Thread thread;
  private volatile long grown;

  private HeapWatch(long allowedBytes) {
    this.allowedBytes = allowedBytes;
    System.gc();
    this.base = used();
    this.thread = Thread.ofPlatform().daemon().name("heap watch").unstarted(this::watch);
  }

  static HeapWatch allowing(long bytes) {
    var watch = new HeapWatch(bytes);
    watch.thread.start();
    return watch;
  }

  private static long used() {
    var runtime = Runtime.getRuntime();
    return runtime.totalMemory() - runtime.freeMemory();
  }

  private void watch() {
    try {
      while (!Thread.currentThread().isInterrupted()) {
        if (used() - base > allowedBytes) {
          look();
        }
        Thread.sleep(LOOK_MILLIS);
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized void look() {
    System.gc();
    grown = Math.max(grown, used() - base);
  }

  /** Returns the most that was still there when it looked like more than is allowed. */
  long grownMost() {
    look();
    return grown;
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
