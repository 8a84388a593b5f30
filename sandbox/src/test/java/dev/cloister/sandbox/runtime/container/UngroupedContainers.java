package dev.cloister.sandbox.runtime.container;

import dev.cloister.core.TimeSource;
import java.io.IOException;
import java.util.concurrent.ThreadFactory;

/** The container runtime as it is on a host that has no control groups. */
public final class UngroupedContainers {
  private UngroupedContainers() {}

  /**
   * Opens it.
   *
   * @param threads makes a platform thread for each start
   * @return the runtime, which the caller closes
   * @throws IOException when there is no bubblewrap on the PATH
   */
  public static ContainerRuntime open(ThreadFactory threads) throws IOException {
    return ContainerRuntime.openWithoutGroups(threads, TimeSource.system());
  }
}
