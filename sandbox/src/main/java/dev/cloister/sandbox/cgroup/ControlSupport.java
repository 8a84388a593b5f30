package dev.cloister.sandbox.cgroup;

import java.util.List;
import java.util.Set;

/**
 * What control groups this host gives, and why not more: for a runtime's label and a context's
 * posture.
 *
 * @param version which kind was found
 * @param enforced the limits that groups made here hold to
 * @param lacks one line for each controller or version that is not had: what was observed, and what
 *     to do
 * @param changes one line for each thing of the host that was changed to get this; undone at close
 * @param place where the groups are made; empty where there are none
 */
public record ControlSupport(
    Version version,
    Set<ControlLimit> enforced,
    List<String> lacks,
    List<String> changes,
    String place) {

  /** Which control groups. */
  public enum Version {
    /** The unified hierarchy. */
    V2,
    /** A hierarchy for each controller. */
    V1,
    /** None that this process may use. */
    NONE
  }

  /** Copies the collections. */
  public ControlSupport {
    enforced = Set.copyOf(enforced);
    lacks = List.copyOf(lacks);
    changes = List.copyOf(changes);
  }

  /**
   * Tells whether a thread can enter before it spawns, so that its child is born inside and nothing
   * of it goes uncounted.
   *
   * @return true for version 1, whose groups hold threads
   */
  public boolean admitsThreads() {
    return version == Version.V1;
  }
}
