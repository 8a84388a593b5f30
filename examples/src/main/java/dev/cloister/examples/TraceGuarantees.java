package dev.cloister.examples;

import dev.cloister.core.posture.Guarantee;
import dev.cloister.core.posture.Guarantees;
import dev.cloister.core.posture.Posture.Finding;
import dev.cloister.core.posture.Posture.State;
import dev.cloister.examples.Example.BadRequest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.stream.Collectors;
import picocli.CommandLine.Option;

/** What a trace requires of its host, and what may be missing. */
final class TraceGuarantees {
  private static final String ALL = "all";

  @Option(
      names = "--require",
      paramLabel = "NAMES",
      split = ",",
      description =
          "guarantees that must hold whatever is accepted, separated by commas"
              + " (default: every one but in a lab, and but what --accept names)")
  private List<String> require = new ArrayList<>();

  @Option(
      names = "--accept",
      paramLabel = "NAMES",
      split = ",",
      description =
          "guarantees that may be missing, or all (default: none). Names: ${COMPLETION-CANDIDATES}",
      completionCandidates = GuaranteeNames.class)
  private List<String> accept = new ArrayList<>();

  TraceGuarantees() {}

  /** The names that --help lists. */
  static final class GuaranteeNames extends ArrayList<String> {
    private static final long serialVersionUID = 1L;

    GuaranteeNames() {
      super(Arrays.stream(Guarantee.values()).map(Guarantee::label).toList());
    }
  }

  /** What the host must give for an input; in a lab, what is named alone. */
  Guarantees of(TraceInput input, boolean lab) throws BadRequest {
    var guarantees =
        lab ? Guarantees.lab() : input.isLive() ? Guarantees.tracer() : Guarantees.files();
    var accepted = accepted(input);
    for (var guarantee : required()) {
      guarantees = guarantees.require(guarantee);
    }
    if (lab) {
      return guarantees;
    }
    var reason = input.isShipped() ? "the shipped capture is public" : "accepted by --accept";
    for (var guarantee : accepted) {
      guarantees = guarantees.accept(guarantee, State.ABSENT, reason);
    }
    return guarantees;
  }

  /** Tells whether any is required by its name. */
  boolean areNamed() {
    return !require.isEmpty();
  }

  /** Tells whether the process is to be sealed: for a link, and where its guarantees are named. */
  boolean askFor(List<Finding> seal, TraceInput input) throws BadRequest {
    var required = required();
    return input.isLive()
        || seal.stream().anyMatch(finding -> required.contains(finding.guarantee()));
  }

  /** Tells whether something is missing of what may be. */
  boolean areWaived(List<Finding> findings, TraceInput input) {
    return findings.stream()
        .anyMatch(found -> found.state() == State.ABSENT && mayMiss(found.guarantee(), input));
  }

  /** Tells whether a guarantee may be missing; for the public capture each may. */
  boolean mayMiss(Guarantee guarantee, TraceInput input) {
    return input.isShipped() || accept.contains(ALL) || accept.contains(guarantee.label());
  }

  private EnumSet<Guarantee> required() throws BadRequest {
    return named("--require", require);
  }

  private EnumSet<Guarantee> accepted(TraceInput input) throws BadRequest {
    var required = required();
    var accepted = named("--accept", accept.stream().filter(name -> !name.equals(ALL)).toList());
    for (var guarantee : required) {
      if (accepted.contains(guarantee)) {
        throw new BadRequest(
            "--accept %s: --require names it too: leave one out".formatted(guarantee.label()));
      }
    }
    return input.isShipped() || accept.contains(ALL) ? EnumSet.complementOf(required) : accepted;
  }

  private static EnumSet<Guarantee> named(String option, List<String> names) throws BadRequest {
    var guarantees = EnumSet.noneOf(Guarantee.class);
    for (var name : names) {
      guarantees.add(guarantee(option, name));
    }
    return guarantees;
  }

  private static Guarantee guarantee(String option, String name) throws BadRequest {
    return Guarantee.named(name)
        .orElseThrow(() ->
            new BadRequest(
                "%s %s: allowed are %s"
                    .formatted(
                        option,
                        name,
                        Arrays.stream(Guarantee.values())
                            .map(Guarantee::label)
                            .collect(Collectors.joining(", ")))));
  }
}
