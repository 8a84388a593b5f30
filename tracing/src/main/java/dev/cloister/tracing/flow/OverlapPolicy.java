package dev.cloister.tracing.flow;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/**
 * Which copy of a byte counts when a sender gives two that differ, as receivers decide it. What was
 * given to a listener stays given: a policy works on what is still waiting.
 */
public enum OverlapPolicy {
  /** The copy that came first. */
  FIRST,
  /** The copy that came last. */
  LAST,
  /**
   * The copy of the piece that begins lower, and of two that begin alike the one that came first;
   * so far for the fragments of IP alone.
   */
  BSD;

  /**
   * Returns the name that stands in options.
   *
   * @return lower case
   */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * Finds a policy by its label.
   *
   * @param label as {@link #label()} gives it
   * @return the policy, if there is one
   */
  public static Optional<OverlapPolicy> named(String label) {
    return Arrays.stream(values()).filter(policy -> policy.label().equals(label)).findFirst();
  }
}
