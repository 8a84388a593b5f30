package dev.cloister.tor.mediation;

import dev.cloister.core.Description;
import dev.cloister.core.policy.NetworkPolicy;
import dev.cloister.tor.control.EventKind;
import java.util.EnumSet;
import java.util.Set;

/**
 * What an operator lets each function do with the relay's tor. Deny by default: an empty grant lets
 * nothing through. Immutable.
 */
public final class TorGrant {
  /** How many circuits a function has at a time, unless set. */
  public static final int CIRCUITS_DEFAULT = 8;

  /** How many onion services a function has at a time, unless set. */
  public static final int ONIONS_DEFAULT = 2;

  /** How many lines a function says a second on average, unless set. */
  public static final int LINES_PER_SECOND_DEFAULT = 10;

  /** How many lines a function may have saved up. */
  static final int LINES_AT_ONCE = 40;

  /** How many events wait for a function; further ones are dropped and counted. */
  static final int EVENTS_WAITING = 1000;

  /** What goes by without harm: events about the function's own, and that the network is there. */
  private static final Set<EventKind> EVENTS =
      EnumSet.of(
          EventKind.CIRC,
          EventKind.STREAM,
          EventKind.CIRC_BW,
          EventKind.STREAM_BW,
          EventKind.HS_DESC,
          EventKind.HS_DESC_CONTENT,
          EventKind.NETWORK_LIVENESS);

  private final Set<Verb> verbs;
  private final Set<TorInfo> info;
  private final NetworkPolicy onionTargets;
  private final int circuits;
  private final int onions;
  private final int linesPerSecond;

  private TorGrant(
      Set<Verb> verbs,
      Set<TorInfo> info,
      NetworkPolicy onionTargets,
      int circuits,
      int onions,
      int linesPerSecond) {
    this.verbs = Set.copyOf(verbs);
    this.info = Set.copyOf(info);
    this.onionTargets = onionTargets;
    this.circuits = circuits;
    this.onions = onions;
    this.linesPerSecond = linesPerSecond;
  }

  /**
   * Grants some verbs; {@link Verb#GETINFO} and {@link Verb#ADD_ONION} let nothing through until
   * {@link #info} and {@link #onionTargets} say what.
   *
   * @param verbs those that are let through
   * @return a grant to widen
   */
  public static TorGrant of(Verb... verbs) {
    return new TorGrant(
        Set.of(verbs),
        Set.of(),
        NetworkPolicy.none(),
        CIRCUITS_DEFAULT,
        ONIONS_DEFAULT,
        LINES_PER_SECOND_DEFAULT);
  }

  /**
   * Grants everything that can be granted, to services that lead where a policy says.
   *
   * @param onionTargets where onion services may lead
   * @return a grant
   */
  public static TorGrant all(NetworkPolicy onionTargets) {
    return of(Verb.values()).info(TorInfo.values()).onionTargets(onionTargets);
  }

  /**
   * Sets what may be asked for.
   *
   * @param keys those that are let through
   * @return the rest, and this
   */
  public TorGrant info(TorInfo... keys) {
    return new TorGrant(verbs, Set.of(keys), onionTargets, circuits, onions, linesPerSecond);
  }

  /**
   * Sets where onion services may lead; nowhere unless set.
   *
   * @param policy judges the address and port of each target
   * @return the rest, and this
   */
  public TorGrant onionTargets(NetworkPolicy policy) {
    return new TorGrant(verbs, info, policy, circuits, onions, linesPerSecond);
  }

  /**
   * Sets how much a function has at a time.
   *
   * @param circuitsMost of its own; {@value #CIRCUITS_DEFAULT} unless set
   * @param onionsMost of its own; {@value #ONIONS_DEFAULT} unless set
   * @param linesMost a second on average; {@value #LINES_PER_SECOND_DEFAULT} unless set
   * @return the rest, and these
   */
  public TorGrant bounds(int circuitsMost, int onionsMost, int linesMost) {
    if (circuitsMost < 0 || onionsMost < 0 || linesMost < 1) {
      throw new IllegalArgumentException(
          "%d circuits, %d onion services, %d lines a second: must be 0, 0 and 1 or more"
              .formatted(circuitsMost, onionsMost, linesMost));
    }
    return new TorGrant(verbs, info, onionTargets, circuitsMost, onionsMost, linesMost);
  }

  boolean grants(Verb verb) {
    return verbs.contains(verb);
  }

  boolean grants(TorInfo key) {
    return info.contains(key);
  }

  static EventKind[] events() {
    return EVENTS.toArray(EventKind[]::new);
  }

  NetworkPolicy onionTargets() {
    return onionTargets;
  }

  int circuits() {
    return circuits;
  }

  int onions() {
    return onions;
  }

  int linesPerSecond() {
    return linesPerSecond;
  }

  void describe(Description into) {
    into.put("verbs", verbs.stream().sorted().toList())
        .put("info", info.stream().sorted().toList())
        .put("onion-targets", onionTargets)
        .put("circuits", circuits)
        .put("onions", onions)
        .put("lines-per-second", linesPerSecond);
  }
}
