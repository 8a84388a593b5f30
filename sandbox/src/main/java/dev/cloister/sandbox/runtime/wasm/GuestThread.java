package dev.cloister.sandbox.runtime.wasm;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;

/**
 * The CPU time of the thread that a guest runs on; it only grows, and stays after the thread's end.
 * Safe for use by many threads.
 */
final class GuestThread {
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  private long id = -1;
  private long cpuNanos;

  /** Tells whether this JVM knows the CPU time of its threads. */
  static boolean isMeasured() {
    return THREADS.isThreadCpuTimeSupported() && THREADS.isThreadCpuTimeEnabled();
  }

  /** Said by the thread itself, first. */
  synchronized void began() {
    id = Thread.currentThread().threadId();
  }

  /** Said by the thread itself, last. */
  synchronized void ended() {
    cpuNanos();
    id = -1;
  }

  synchronized long cpuNanos() {
    if (id >= 0 && isMeasured()) {
      cpuNanos = Math.max(cpuNanos, THREADS.getThreadCpuTime(id));
    }
    return cpuNanos;
  }
}
