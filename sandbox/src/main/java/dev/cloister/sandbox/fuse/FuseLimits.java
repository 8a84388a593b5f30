package dev.cloister.sandbox.fuse;

/**
 * The most that one mount holds in memory; beyond it a request is refused with ENFILE and counted.
 *
 * @param nodes files and directories that the kernel knows at once. It forgets them only when its
 *     memory grows scarce, so this is also the most that a guest can walk through
 * @param handles files and directories that are open at once; each open file is a descriptor of
 *     this process too, where the root is on a disk
 * @param listedNames names in directories that are being listed at once
 */
public record FuseLimits(int nodes, int handles, int listedNames) {
  /** Nodes, about 200 bytes each. */
  public static final int DEFAULT_NODES = 1 << 18;

  /** Open files. */
  public static final int DEFAULT_HANDLES = 1 << 12;

  /** Names in open directories. */
  public static final int DEFAULT_LISTED_NAMES = 1 << 18;

  /** Refuses a limit under which nothing works. */
  public FuseLimits {
    if (nodes < 2 || handles < 1 || listedNames < 1) {
      throw new IllegalArgumentException(
          "nodes %d, handles %d, listed names %d: at least 2, 1 and 1"
              .formatted(nodes, handles, listedNames));
    }
  }

  /**
   * The default limits.
   *
   * @return each as named above
   */
  public static FuseLimits standard() {
    return new FuseLimits(DEFAULT_NODES, DEFAULT_HANDLES, DEFAULT_LISTED_NAMES);
  }
}
