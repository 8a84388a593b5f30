package dev.cloister.sandbox.confine;

import dev.cloister.core.internal.os.Landlock;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Lets a guest open files below the named paths, each as said, and no other file of the machine.
 * Descriptors it already has, and a file's names, size and times, are not covered; nor is
 * connecting to a Unix socket by its path. Where two rules hold, their rights add up. Immutable.
 * Source: landlock(7).
 *
 * @param rights of each path; a path that does not exist fails the spawn
 */
public record FileRules(Map<Path, Access> rights) {

  /** What may be done below a path. */
  public enum Access {
    /** Read files and list directories. */
    READ(Landlock.Access.READ),
    /** That, and run programs. */
    EXECUTE(Landlock.Access.EXECUTE),
    /** Read, list, write, make, rename and remove plain files and directories. */
    WRITE(Landlock.Access.WRITE),
    /** Read, write and make no name: for devices such as /dev/null. */
    USE(Landlock.Access.USE),
    /** Make and remove Unix sockets, and list: where a program listens. */
    LISTEN(Landlock.Access.LISTEN);

    private final Landlock.Access forLandlock;

    Access(Landlock.Access forLandlock) {
      this.forLandlock = forLandlock;
    }
  }

  /** Copies. */
  public FileRules {
    rights = Map.copyOf(rights);
  }

  /**
   * Allows nothing.
   *
   * @return rules under which not even a program starts
   */
  public static FileRules nothing() {
    return new FileRules(Map.of());
  }

  /**
   * Allows one thing more.
   *
   * @param access what
   * @param path below where; another rule of the same path is replaced
   * @return these and the one
   */
  public FileRules with(Access access, Path path) {
    var all = new LinkedHashMap<>(rights);
    all.put(path, access);
    return new FileRules(all);
  }

  /** Returns them in Landlock's words. */
  Map<Path, Landlock.Access> forLandlock() {
    var all = new LinkedHashMap<Path, Landlock.Access>();
    rights.forEach((path, access) -> all.put(path, access.forLandlock));
    return all;
  }
}
