package dev.cloister.sandbox.cgroup;

import java.nio.file.Path;

/**
 * Where control groups are looked for.
 *
 * @param controlGroups where the hierarchies are mounted: the unified one there or in {@code
 *     unified}, those of version 1 in directories named for their controller
 * @param proc where processes are described; {@code self} in it is this one
 * @param parent the group under which the host's own is made, from the hierarchy's root, with a
 *     leading slash; empty for the group this process is in
 */
public record ControlPlaces(Path controlGroups, Path proc, String parent) {

  /** Checks the parent. */
  public ControlPlaces {
    if (!parent.isEmpty() && (!parent.startsWith("/") || parent.contains(".."))) {
      throw new IllegalArgumentException(
          "parent group \""
              + parent
              + "\": must be empty or a path with a leading slash and no \"..\"");
    }
  }

  /**
   * Looks where Linux has them.
   *
   * @return {@code /sys/fs/cgroup} and {@code /proc}, under this process's own group
   */
  public static ControlPlaces standard() {
    return new ControlPlaces(Path.of("/sys/fs/cgroup"), Path.of("/proc"), "");
  }

  /**
   * Names a group that was delegated to this user.
   *
   * @param group its path from the hierarchy's root, such as {@code /cloister.slice}
   * @return the same places, with that parent
   */
  public ControlPlaces under(String group) {
    return new ControlPlaces(controlGroups, proc, group);
  }
}
