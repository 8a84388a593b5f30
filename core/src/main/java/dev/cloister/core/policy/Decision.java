package dev.cloister.core.policy;

/**
 * Yes or no, and the rule that decided.
 *
 * @param accepted whether it may be
 * @param rule the rule as it stands in the document
 * @param place where the rule stands: file, line and path; or why there is none
 */
public record Decision(boolean accepted, String rule, String place) {

  /**
   * Shows the rule and its place.
   *
   * @return such as {@code accept *:443 (node.yaml:30 network[2])}
   */
  @Override
  public String toString() {
    return rule + " (" + place + ")";
  }
}
