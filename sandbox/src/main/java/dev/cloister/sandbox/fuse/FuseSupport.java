package dev.cloister.sandbox.fuse;

import dev.cloister.core.internal.os.OperatingSystem;
import dev.cloister.core.internal.os.OperatingSystem.UnsupportedHere;
import java.util.ArrayList;
import java.util.List;

/**
 * What this process lacks to mount a directory. That nothing is missing is no promise: a container
 * may be root and still not be let mount; then the first mount says so.
 *
 * @param lacks a line for each thing, with what to do
 */
public record FuseSupport(List<String> lacks) {

  /** Copies. */
  public FuseSupport {
    lacks = List.copyOf(lacks);
  }

  /**
   * Looks at this process and this host.
   *
   * @return what was found
   */
  public static FuseSupport here() {
    var lacks = new ArrayList<String>();
    try {
      var _ = OperatingSystem.current().mounting();
    } catch (UnsupportedHere e) {
      lacks.add("native calls: " + e.getMessage());
    }
    lacks.addAll(MountTable.lacks());
    return new FuseSupport(lacks);
  }

  /**
   * Tells whether a mount can be tried.
   *
   * @return whether nothing is missing
   */
  public boolean available() {
    return lacks.isEmpty();
  }
}
