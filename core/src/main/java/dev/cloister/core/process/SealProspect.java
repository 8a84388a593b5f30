package dev.cloister.core.process;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.cloister.core.internal.os.Hardening;
import dev.cloister.core.posture.Guarantee;
import dev.cloister.core.posture.Posture.Finding;
import dev.cloister.core.posture.Posture.State;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** What a seal would reach on this host, as far as that can be told before; changes nothing. */
final class SealProspect {
  private static final String EXPECTED = "to be tried at the seal";

  private final Hardening hardening;
  private final UserChange change;
  private final Optional<CallList> list;
  private final Reach reach;
  private final Path proc;

  SealProspect(
      Hardening hardening, UserChange change, Optional<CallList> list, Reach reach, Path proc) {
    this.hardening = hardening;
    this.change = change;
    this.list = list;
    this.reach = reach;
    this.proc = proc;
  }

  /** Says why nothing at all would be reached. */
  static List<Finding> nothing(String reason) {
    return SealProof.GUARANTEES.stream()
        .map(guarantee -> new Finding(guarantee, State.ABSENT, reason))
        .toList();
  }

  List<Finding> findings() {
    try {
      var threads = Threads.now(proc);
      return List.of(
          new Finding(Guarantee.NO_CORE_FILE, State.ENFORCED, EXPECTED),
          new Finding(Guarantee.MEMORY_UNREADABLE, State.ENFORCED, EXPECTED),
          privileges(threads),
          filtered(Guarantee.NO_NEW_PROGRAM),
          filtered(Guarantee.NOTHING_LISTENS),
          calls(),
          SealProof.attaching(threads, EXPECTED),
          SealProof.files(hardening),
          connections());
    } catch (IOException e) {
      return nothing("this process cannot be observed: " + e);
    }
  }

  private Finding privileges(Threads threads) {
    if (hardening.user() != 0) {
      return threads.haveNoCapability() && threads.areNotRoots()
          ? new Finding(Guarantee.NO_PRIVILEGES, State.ENFORCED, EXPECTED)
          : new Finding(
              Guarantee.NO_PRIVILEGES,
              State.ABSENT,
              "threads have capabilities or uids of root's, which only a start as root gives up");
    }
    return change
        .obstacle(hardening)
        .map(obstacle -> new Finding(Guarantee.NO_PRIVILEGES, State.ABSENT, obstacle))
        .orElse(new Finding(Guarantee.NO_PRIVILEGES, State.ENFORCED, EXPECTED));
  }

  private Finding filtered(Guarantee guarantee) {
    return canFilter()
        ? new Finding(guarantee, State.ENFORCED, EXPECTED)
        : new Finding(guarantee, State.ABSENT, "no seccomp, or no list for this architecture");
  }

  private Finding calls() {
    var finding = filtered(Guarantee.CALLS_CONFINED);
    return finding.state() == State.ENFORCED && !fits()
        ? new Finding(Guarantee.CALLS_CONFINED, State.WEAKENED, list.orElseThrow().toString())
        : finding;
  }

  private Finding connections() {
    var finding = filtered(Guarantee.CONNECTIONS_CONFINED);
    return finding.state() == State.ENFORCED
        ? new Finding(
            Guarantee.CONNECTIONS_CONFINED, reach.connections(), EXPECTED + reach.connectionsLeft())
        : finding;
  }

  private boolean fits() {
    return list.map(CallList::fits).orElse(false);
  }

  private boolean canFilter() {
    try {
      var actions = Files.readString(proc.resolve("sys/kernel/seccomp/actions_avail"), US_ASCII);
      return list.isPresent() && actions.contains("errno");
    } catch (IOException _) {
      return false;
    }
  }
}
