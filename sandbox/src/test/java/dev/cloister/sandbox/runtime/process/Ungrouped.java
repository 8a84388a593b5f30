package dev.cloister.sandbox.runtime.process;

import dev.cloister.core.TimeSource;
import java.util.concurrent.ThreadFactory;

/** The process runtime as it is on a host that has no control groups. */
public final class Ungrouped {
  private Ungrouped() {}

  /**
   * Opens it.
   *
   * @param threads makes a platform thread for each start
   * @return the runtime, which the caller closes
   */
  public static ProcessRuntime open(ThreadFactory threads) {
    return ProcessRuntime.openWithoutGroups(threads, TimeSource.system());
  }
}
