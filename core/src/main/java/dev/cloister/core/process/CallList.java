package dev.cloister.core.process;

import java.util.Optional;
import java.util.Set;

/**
 * The list of system calls that is put on this build of Java.
 *
 * @param version the {@code java.vm.version} it was derived from
 * @param fits whether that is this build's
 * @param rules of the list
 */
record CallList(String version, boolean fits, CallRules rules) {

  /**
   * Finds the list for this build, or else the nearest: a list that does not fit can only refuse
   * too much.
   *
   * @return empty on an architecture without any list
   */
  static Optional<CallList> forThisJava(Set<String> sections) {
    return forJava(
        System.getProperty("java.vm.version", ""), System.getProperty("os.arch", ""), sections);
  }

  static Optional<CallList> forJava(String version, String architecture, Set<String> sections) {
    return CallRules.of(version, architecture, sections)
        .map(rules -> new CallList(version, true, rules))
        .or(() ->
            CallRules.of(CallRules.NEAREST, architecture, sections)
                .map(rules -> new CallList(CallRules.NEAREST, false, rules)));
  }

  /** Says which list holds, and what that means here. */
  @Override
  public String toString() {
    return fits
        ? "the list of " + version + ", this build"
        : "the list of "
            + version
            + " on "
            + System.getProperty("java.vm.version")
            + ": what this build asks for beyond it fails with EPERM";
  }
}
