package dev.cloister.core;

/** A rule refused an act. */
public final class Denied extends CloisterException {
  private static final long serialVersionUID = 1L;

  /** The rule that refused. */
  private final String rule;

  /**
   * Names the rule and the act.
   *
   * @param rule the rule that refused, by its name
   * @param act what was tried, and what would be allowed
   */
  public Denied(String rule, String act) {
    super(rule + ": " + act);
    this.rule = rule;
  }

  /**
   * Returns the rule that refused.
   *
   * @return its name
   */
  public String rule() {
    return rule;
  }
}
