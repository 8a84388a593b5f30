package dev.cloister.core.policy;

import java.util.List;
import java.util.stream.Collectors;

/**
 * Whether a policy gives a function all that its manifest asks, decided before any code runs: yes,
 * or every need that is not met. That the node has room for it just now, it does not say.
 * Immutable.
 *
 * @param unmet the needs that are not met, in the order of a manifest's fields; none means yes
 */
public record Admission(List<Unmet> unmet) {

  /** Keeps the needs as they are. */
  public Admission {
    unmet = List.copyOf(unmet);
  }

  /**
   * A need that is not met.
   *
   * @param need what the manifest asks, such as {@code api fetch}
   * @param place where it asks: file, line and path
   * @param refusal the rule of the policy that refused it
   */
  public record Unmet(String need, String place, Decision refusal) {

    /**
     * Says what is refused, and by what.
     *
     * @return one line
     */
    @Override
    public String toString() {
      return need + " (" + place + "): refused by " + refusal;
    }
  }

  /**
   * Tells the answer.
   *
   * @return whether every need is met
   */
  public boolean admitted() {
    return unmet.isEmpty();
  }

  /**
   * Says the answer.
   *
   * @return {@code yes}, or a line for each need
   */
  @Override
  public String toString() {
    return admitted()
        ? "yes"
        : unmet.stream().map(Unmet::toString).collect(Collectors.joining("\n"));
  }
}
