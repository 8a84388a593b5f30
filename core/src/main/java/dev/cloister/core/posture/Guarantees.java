package dev.cloister.core.posture;

import dev.cloister.core.Description;
import dev.cloister.core.Mode;
import dev.cloister.core.posture.Posture.State;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * What a plan requires of its host, and what it accepts instead. Immutable.
 *
 * <p>A requirement is met by {@link State#ENFORCED} alone; an acceptance names a weaker state and a
 * reason, and stands in the measurement and in every output's header. {@link State#SIMULATED} meets
 * a requirement in {@link Mode#LAB} and refuses every seal outside it.
 */
public final class Guarantees {
  private final Mode mode;
  private final Set<Guarantee> required;
  private final List<Waiver> waivers;

  /**
   * A weaker state that was accepted.
   *
   * @param guarantee of what
   * @param state the worst state that is taken
   * @param reason why, for whoever reads an output
   */
  public record Waiver(Guarantee guarantee, State state, String reason) {

    /** Refuses what no waiver can take. */
    public Waiver {
      if (state == State.SIMULATED) {
        throw new IllegalArgumentException(
            "SIMULATED cannot be accepted: a fake runs in lab mode only, see Guarantees.lab()");
      }
      if (reason.isBlank()) {
        throw new IllegalArgumentException(
            "accepting " + guarantee.label() + " needs a reason: it stands in every output");
      }
    }
  }

  private Guarantees(Mode mode, Set<Guarantee> required, List<Waiver> waivers) {
    this.mode = mode;
    this.required = Set.copyOf(required);
    this.waivers = List.copyOf(waivers);
  }

  /**
   * Requires what a tracer of real traffic needs: everything this version can check.
   *
   * @return a preset in sealed mode
   */
  public static Guarantees tracer() {
    return new Guarantees(Mode.SEALED, EnumSet.allOf(Guarantee.class), List.of());
  }

  /**
   * Requires what an analysis of captures in files needs. Whoever can read those needs no way into
   * the process, so that it need not be sealed.
   *
   * @return a preset in sealed mode
   */
  public static Guarantees files() {
    return cell().require(Guarantee.NOTHING_RAW_ON_DISK);
  }

  /**
   * Requires what a host of strangers' functions needs.
   *
   * @return a preset in sealed mode
   */
  public static Guarantees cell() {
    return new Guarantees(
        Mode.SEALED,
        EnumSet.of(Guarantee.ROOT_SECRET_PROTECTED, Guarantee.HEAP_IN_RAM, Guarantee.NO_CORE_FILE),
        List.of());
  }

  /**
   * Requires nothing and takes fakes: for development, never for real traffic.
   *
   * @return a preset in lab mode
   */
  public static Guarantees lab() {
    return new Guarantees(Mode.LAB, EnumSet.noneOf(Guarantee.class), List.of());
  }

  /**
   * Adds a requirement.
   *
   * @param guarantee what must be enforced
   * @return these and that
   */
  public Guarantees require(Guarantee guarantee) {
    var more = EnumSet.noneOf(Guarantee.class);
    more.addAll(required);
    more.add(guarantee);
    return new Guarantees(mode, more, waivers);
  }

  /**
   * Accepts a weaker state.
   *
   * @param guarantee of what
   * @param state the worst state that is taken, WEAKENED or ABSENT
   * @param reason why, for whoever reads an output
   * @return these and that
   */
  public Guarantees accept(Guarantee guarantee, State state, String reason) {
    var more = new ArrayList<>(waivers);
    more.removeIf(waiver -> waiver.guarantee() == guarantee);
    more.add(new Waiver(guarantee, state, reason));
    more.sort(Comparator.comparing(Waiver::guarantee));
    return new Guarantees(mode, required, more);
  }

  /**
   * Accepts that any may be missing, as a try-out or a measurement does that takes the host as it
   * is; the posture still says what holds.
   *
   * @param reason why, for whoever reads an output
   * @return these, with each accepted as ABSENT for that reason
   */
  public Guarantees acceptAll(String reason) {
    var accepting = this;
    for (var guarantee : Guarantee.values()) {
      accepting = accepting.accept(guarantee, State.ABSENT, reason);
    }
    return accepting;
  }

  /**
   * Returns how a context with these runs.
   *
   * @return lab for {@link #lab()}, sealed for all else
   */
  public Mode mode() {
    return mode;
  }

  /**
   * Returns what was accepted.
   *
   * @return at most one a guarantee, in the order of {@link Guarantee}
   */
  public List<Waiver> waivers() {
    return waivers;
  }

  /**
   * Returns the waivers that a posture made use of.
   *
   * @param posture what was found
   * @return those whose guarantee is not enforced
   */
  public List<Waiver> used(Posture posture) {
    return waivers.stream()
        .filter(waiver -> posture.of(waiver.guarantee()).state() != State.ENFORCED)
        .toList();
  }

  /**
   * Compares a posture with what is required.
   *
   * @param posture what was found
   * @return one line a lack, with what to do; empty when nothing is missing
   */
  public List<String> lacks(Posture posture) {
    var lacks = new ArrayList<String>();
    for (var finding : posture.findings()) {
      if (!met(finding)) {
        lacks.add(
            "%s is %s (%s): %s"
                .formatted(
                    finding.guarantee().label(),
                    finding.state(),
                    finding.evidence(),
                    finding.guarantee().remedy()));
      }
    }
    return lacks;
  }

  private boolean met(Posture.Finding finding) {
    return switch (finding.state()) {
      case ENFORCED -> true;
      case SIMULATED -> mode == Mode.LAB;
      case WEAKENED, ABSENT ->
          !required.contains(finding.guarantee())
              || waivers.stream()
                  .anyMatch(waiver ->
                      waiver.guarantee() == finding.guarantee()
                          && waiver.state().compareTo(finding.state()) >= 0);
    };
  }

  /**
   * Writes what is required and accepted.
   *
   * @param into where to
   */
  public void describe(Description into) {
    into.put("mode", mode.label());
    for (var guarantee : Guarantee.values()) {
      if (required.contains(guarantee)) {
        into.put("require", guarantee.label());
      }
    }
    for (var waiver : waivers) {
      into.put(
          "accept",
          waiver.guarantee().label() + " " + waiver.state() + " because " + waiver.reason());
    }
  }
}
