package dev.cloister.tor.testing;

import dev.cloister.core.internal.Deadline;
import dev.cloister.tor.control.ControlEvents;
import dev.cloister.tor.control.EventKind;
import dev.cloister.tor.control.TorControl;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A running tor and this process's hold of it: it ends with this process, even if that is killed.
 * Used by one thread, the closing excepted.
 */
final class NodeProcess {
  /** How long a tor may take to end by itself when told to; a tenth of a second is usual. */
  static final Duration ENDS_WITHIN = Duration.ofSeconds(5);

  private static final File NOTHING = new File("/dev/null");

  private final NodePlan plan;
  private final Process process;
  private @Nullable TorControl owner;

  /** What tells that something it waits for may have come; null when it waits for nothing. */
  private @Nullable ControlEvents news;

  private NodeProcess(NodePlan plan, Process process) {
    this.plan = plan;
    this.process = process;
  }

  static NodeProcess start(Path tor, Path empty, NodePlan plan) throws IOException {
    var process =
        new ProcessBuilder(
                List.of(
                    tor.toString(),
                    "--defaults-torrc",
                    empty.toString(),
                    "-f",
                    plan.torrc().toString()))
            .directory(plan.directory().toFile())
            .redirectInput(NOTHING)
            .redirectErrorStream(true)
            .redirectOutput(plan.log().toFile())
            .start();
    return new NodeProcess(plan, process);
  }

  NodePlan plan() {
    return plan;
  }

  Process process() {
    return process;
  }

  /** Says so if it has ended. */
  void requireAlive() throws PrivateTorFailure {
    if (!process.isAlive()) {
      throw failure("ended with exit code " + process.exitValue());
    }
  }

  PrivateTorFailure failure(String what) {
    return new PrivateTorFailure(plan.nickname(), what, LogTail.of(plan.log()));
  }

  /**
   * Connects, and makes it end when that connection does: with this process at the latest.
   *
   * @return false when it takes no commands yet: it writes the cookie once its ports are open
   */
  boolean own() throws IOException {
    if (Files.notExists(plan.cookie())) {
      return false;
    }
    var control = TorControl.connect(plan.control());
    owner = control;
    control.takeOwnership();
    news = control.events(EventKind.NEWDESC, EventKind.NEWCONSENSUS, EventKind.STATUS_CLIENT);
    return true;
  }

  /** Waits until it tells of something, or for so long; its end is an {@link IOException}. */
  void awaitNews(Duration atMost) throws IOException {
    var events = news;
    if (events == null) {
      throw new IllegalStateException("node " + plan.nickname() + " tells of nothing now");
    }
    var _ = events.next(atMost);
  }

  /** Has it tell of nothing any more. */
  void endNews() {
    var events = news;
    if (events != null) {
      news = null;
      events.close();
    }
  }

  /** Returns the connection that owns it. */
  TorControl control() {
    var control = owner;
    if (control == null) {
      throw new IllegalStateException("node " + plan.nickname() + " is not owned yet");
    }
    return control;
  }

  /** Tells it to end; waits for nothing. */
  void tellToEnd() {
    process.destroy();
  }

  /** Waits for its end, and kills it if that does not come; an interrupt is kept for later. */
  void awaitEnd() {
    var interrupted = false;
    var deadline = Deadline.in(ENDS_WITHIN);
    while (process.isAlive()) {
      try {
        if (!process.waitFor(deadline.nanosLeft(), TimeUnit.NANOSECONDS)) {
          process.destroyForcibly().waitFor();
        }
      } catch (InterruptedException _) {
        interrupted = true;
      }
    }
    var control = owner;
    if (control != null) {
      control.close();
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
