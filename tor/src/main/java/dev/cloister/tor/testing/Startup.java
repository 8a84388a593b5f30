package dev.cloister.tor.testing;

import dev.cloister.core.TimeSource;
import dev.cloister.core.internal.Deadline;
import dev.cloister.tor.control.Setting;
import dev.cloister.tor.control.TorSignal;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.function.Predicate;

/**
 * The order in which a network comes up. Each step waits until what it needs is so, asked of tor
 * itself: a node that asks too early is put off for longer than all the rest takes. Used by one
 * thread.
 */
final class Startup {
  /** How long until it looks again where nothing tells; a node's end is seen as soon. */
  private static final Duration LOOK = Duration.ofMillis(25);

  /** How long it trusts events to tell; not all that is waited for is told. */
  private static final Duration TOLD = Duration.ofMillis(250);

  /** What authorities may take to hear when they vote. */
  private static final Duration NOTICE = Duration.ofMillis(500);

  /** In both flavours: with all of every relay, and with digests of what clients need. */
  private static final List<String> CONSENSUSES =
      List.of("/tor/status-vote/current/consensus", "/tor/status-vote/current/consensus-microdesc");

  private final TorPrograms programs;
  private final Torrc torrc;
  private final HeldPorts ports;
  private final List<NodeProcess> started;
  private final TimeSource time;
  private final Deadline deadline;

  /** Something that is so of a node, or is not yet. */
  private interface Condition {
    boolean holds(NodeProcess node) throws IOException;
  }

  /**
   * Prepares it.
   *
   * @param started where each process is noted as soon as it runs
   */
  Startup(
      TorPrograms programs,
      Torrc torrc,
      HeldPorts ports,
      List<NodeProcess> started,
      TimeSource time) {
    this.programs = programs;
    this.torrc = torrc;
    this.ports = ports;
    this.started = started;
    this.time = time;
    this.deadline = Deadline.in(torrc.shape().readyWithin());
  }

  /** Starts every node, and returns when all are ready. */
  void run(List<NodePlan> plans) throws IOException {
    // Without a word from here, authorities would vote as late as they can.
    var offset = (int) (time.now().getEpochSecond() % Torrc.INTERVAL_SECONDS);
    start(plans, TorRole::relays, offset);
    each("publish every relay", TorRole.AUTHORITY::equals, this::hasEveryDescriptor, this::told);
    callVotes();
    each("agree on every relay", TorRole.AUTHORITY::equals, this::knowsEveryRelay, this::told);
    each("serve the consensus", TorRole.AUTHORITY::equals, this::servesConsensus, this::untold);
    for (var node : started) {
      if (node.plan().role() != TorRole.AUTHORITY) {
        // It forgets that its earlier questions had no answer.
        node.control().signal(TorSignal.RELOAD);
      }
    }
    each("learn of every relay", TorRole::relays, this::canChoosePaths, this::told);
    start(plans, role -> !role.relays(), offset);
    each("build a circuit", role -> !role.relays(), this::isReady, this::told);
    started.forEach(NodeProcess::endNews);
  }

  private void start(List<NodePlan> plans, Predicate<TorRole> which, int offset)
      throws IOException {
    for (var plan : plans) {
      if (which.test(plan.role())) {
        Files.writeString(plan.torrc(), torrc.of(plan, offset));
        plan.release(ports);
        started.add(NodeProcess.start(programs.tor(), torrc.empty(), plan));
      }
    }
    each("take commands", which, NodeProcess::own, this::untold);
  }

  private void each(String what, Predicate<TorRole> which, Condition condition, Condition pause)
      throws IOException {
    for (var node : started) {
      if (which.test(node.plan().role())) {
        until(what, node, condition, pause);
      }
    }
  }

  /** Waits until the node tells of something. */
  private boolean told(NodeProcess node) throws IOException {
    node.awaitNews(Duration.ofNanos(Math.min(TOLD.toNanos(), Math.max(0, deadline.nanosLeft()))));
    return true;
  }

  /** Waits for a moment, or the node's end. */
  private boolean untold(NodeProcess node) throws IOException {
    return ProgramRuns.awaitEnd(node.process(), deadline, LOOK);
  }

  private void until(String what, NodeProcess node, Condition condition, Condition pause)
      throws IOException {
    while (!holds(condition, node)) {
      for (var any : started) {
        any.requireAlive();
      }
      if (deadline.hasPassed()) {
        throw node.failure("did not %s within %s".formatted(what, deadline.within()));
      }
      var _ = holds(pause, node);
    }
  }

  private boolean holds(Condition condition, NodeProcess node) throws IOException {
    try {
      return condition.holds(node);
    } catch (IOException e) {
      if (e instanceof InterruptedIOException && !(e instanceof SocketTimeoutException)) {
        throw e;
      }
      // A tor that ends closes its connections first.
      ProgramRuns.awaitEnd(node.process(), deadline, NodeProcess.ENDS_WITHIN);
      node.requireAlive();
      var failure = node.failure("gave no answer (" + e.getMessage() + ")");
      failure.initCause(e);
      throw failure;
    }
  }

  /** Sets the moment of the consensus as near as the delays of a vote allow, for all the same. */
  private void callVotes() throws IOException {
    var calledBy = time.now().plus(NOTICE).getEpochSecond() + 1;
    var offset = (calledBy + 2 * Torrc.DELAY_SECONDS) % Torrc.INTERVAL_SECONDS;
    for (var node : started) {
      if (node.plan().role() == TorRole.AUTHORITY) {
        node.control().setConf(new Setting(Torrc.VOTES, Long.toString(offset)));
      }
    }
  }

  private boolean hasEveryDescriptor(NodeProcess node) throws IOException {
    return count(node.control().getInfo("desc/all-recent"), "router ") == relays();
  }

  private boolean knowsEveryRelay(NodeProcess node) throws IOException {
    return node.control()
            .getInfo("ns/all")
            .lines()
            .filter(line -> line.startsWith("s ") && line.contains(" Running"))
            .count()
        == relays();
  }

  private boolean servesConsensus(NodeProcess node) throws IOException {
    for (var document : CONSENSUSES) {
      if (!DirectoryPort.serves(node.plan().address(), node.plan().dirPort(), document)) {
        return false;
      }
    }
    return true;
  }

  private boolean canChoosePaths(NodeProcess node) throws IOException {
    return isSet(node, "status/enough-dir-info");
  }

  private boolean isReady(NodeProcess node) throws IOException {
    return knowsEveryRelay(node) && isSet(node, "status/circuit-established");
  }

  private static boolean isSet(NodeProcess node, String key) throws IOException {
    return node.control().getInfo(key).equals("1");
  }

  private static long count(String text, String begin) {
    return text.lines().filter(line -> line.startsWith(begin)).count();
  }

  private int relays() {
    return torrc.shape().nodes() - torrc.shape().clients();
  }
}
