package dev.cloister.crypto.storage;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Semaphore;

/** Who may write blocks at once. Safe for use by many threads. */
final class Drainers {
  /** What one has written the device does while the other's is on its way. */
  static final int AT_ONCE = 2;

  private final Semaphore free = new Semaphore(AT_ONCE);

  /** Guarded by itself. */
  private final Deque<Drainer> idle = new ArrayDeque<>();

  /**
   * Who writes.
   *
   * @param number from 0
   * @param buffer where it writes from
   */
  record Drainer(int number, DiskBuffer buffer) {}

  /** What is done while nobody writes. */
  interface Work {
    void run() throws IOException;
  }

  Drainers(int blockBytes) {
    for (var i = 0; i < AT_ONCE; i++) {
      idle.add(new Drainer(i, new DiskBuffer(blockBytes)));
    }
  }

  /** Waits until there is one. */
  Drainer take() {
    free.acquireUninterruptibly();
    synchronized (idle) {
      return idle.removeLast();
    }
  }

  void give(Drainer drainer) {
    synchronized (idle) {
      idle.addLast(drainer);
    }
    free.release();
  }

  /** Waits until nobody writes, and lets nobody write until the work is done. */
  void alone(Work work) throws IOException {
    free.acquireUninterruptibly(AT_ONCE);
    try {
      work.run();
    } finally {
      free.release(AT_ONCE);
    }
  }
}
