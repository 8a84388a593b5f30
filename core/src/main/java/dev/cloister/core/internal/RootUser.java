package dev.cloister.core.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Whether this process is root's. Says nothing of its capabilities. */
public final class RootUser {
  private RootUser() {}

  /**
   * Asks the kernel: the name of user 0 may be another, or none.
   *
   * @return whether this process's user is 0; false where there is no {@code /proc}
   */
  public static boolean isOurs() {
    try {
      return Integer.valueOf(0).equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid"));
    } catch (IOException | UnsupportedOperationException | IllegalArgumentException _) {
      return false;
    }
  }
}
