package dev.cloister.sandbox.confine;

import java.util.List;

/**
 * The system calls that programs we ship images of make. An allow-list says nothing of a call's
 * arguments: {@link SystemCallFilter} narrows those.
 */
public final class ImageSystemCalls {
  private ImageSystemCalls() {}

  /**
   * Returns the calls of CPython 3.11 of Debian 12 with its standard library.
   *
   * @return names as in syscalls(2)
   */
  public static List<String> python3() {
    return SystemCalls.lines("python3-system-calls.yaml").stream()
        .map(line -> line.substring("- ".length()))
        .toList();
  }
}
