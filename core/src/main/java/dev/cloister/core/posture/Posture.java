package dev.cloister.core.posture;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * The state of every guarantee, once each, at one moment. It tells what was observed; it does not
 * tell what nobody looked for. Immutable.
 *
 * @param findings one a guarantee, in the order in which they are declared
 */
public record Posture(List<Finding> findings) {

  /** How far a guarantee holds; the order is from best to worst. */
  public enum State {
    /** It holds, and the evidence is the forbidden act that was tried, or what was observed. */
    ENFORCED,
    /** It holds against some; the evidence says against whom it does not. */
    WEAKENED,
    /** It does not hold. */
    ABSENT,
    /** A fake stands in: nothing holds. Taken in lab mode only. */
    SIMULATED
  }

  /**
   * What was found of one guarantee.
   *
   * @param guarantee which
   * @param state how far it holds
   * @param evidence the forbidden act that was tried and its errno, or what was observed
   */
  public record Finding(Guarantee guarantee, State state, String evidence) {}

  /** Keeps a copy. */
  public Posture {
    findings = List.copyOf(findings);
  }

  /**
   * Joins what several places found: of each guarantee the worst state counts, and all evidence
   * stays.
   *
   * @param findings any number a guarantee; a guarantee without one is absent
   * @return a posture with one finding for each guarantee
   */
  public static Posture of(Collection<Finding> findings) {
    Map<Guarantee, Finding> joined = new EnumMap<>(Guarantee.class);
    for (var finding : findings) {
      joined.merge(finding.guarantee(), finding, Posture::join);
    }
    var all = new ArrayList<Finding>();
    for (var guarantee : Guarantee.values()) {
      all.add(
          joined.getOrDefault(
              guarantee, new Finding(guarantee, State.ABSENT, "nothing looked for it")));
    }
    return new Posture(all);
  }

  private static Finding join(Finding one, Finding other) {
    var worse = Comparator.<State>naturalOrder().compare(one.state(), other.state()) >= 0;
    return new Finding(
        one.guarantee(),
        worse ? one.state() : other.state(),
        one.evidence() + "; " + other.evidence());
  }

  /**
   * Returns what was found of one guarantee.
   *
   * @param guarantee which
   * @return its finding
   */
  public Finding of(Guarantee guarantee) {
    return findings.stream()
        .filter(finding -> finding.guarantee() == guarantee)
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no finding of " + guarantee.label()));
  }

  /**
   * Says all of it, for people.
   *
   * @return a line a guarantee
   */
  @Override
  public String toString() {
    var text = new StringBuilder();
    for (var finding : findings) {
      text.append(
          "%-24s %-9s %s%n"
              .formatted(finding.guarantee().label(), finding.state(), finding.evidence()));
    }
    return text.toString();
  }
}
