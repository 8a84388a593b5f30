package dev.cloister.sandbox.runtime.spawned;

import java.util.Set;

/** The system calls that make a process. */
final class Forks {
  private static final Set<String> NAMES = Set.of("clone", "clone3", "fork", "vfork");

  private Forks() {}

  static boolean isOne(String call) {
    return NAMES.contains(call);
  }
}
