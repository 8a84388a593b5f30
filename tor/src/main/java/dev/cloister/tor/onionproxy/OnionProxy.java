package dev.cloister.tor.onionproxy;

import dev.cloister.core.internal.Deadline;
import dev.cloister.core.internal.Failures;
import dev.cloister.sandbox.cgroup.ControlGroup;
import dev.cloister.sandbox.confine.ConfinedChild;
import dev.cloister.sandbox.confine.DeniedCall;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * A function's tor, which runs confined, and is gone with all that was its own when this closes.
 * Safe for use by many threads.
 */
final class OnionProxy implements Closeable {
  private static final Duration LOOK = Duration.ofMillis(5);
  private static final int READY_PERCENT = 100;

  private final ConfinedChild child;
  private final Optional<ControlGroup> group;
  private final Path directory;
  private final List<Closeable> belongings;
  private final TorLog log;

  /**
   * Takes a tor that was started.
   *
   * @param belongings what is given back after its death, in this order
   */
  OnionProxy(
      ConfinedChild child,
      Optional<ControlGroup> group,
      Path directory,
      List<Closeable> belongings) {
    this.child = child;
    this.group = group;
    this.directory = directory;
    this.belongings = List.copyOf(belongings);
    this.log = new TorLog(child.process().getInputStream());
  }

  /** Returns where it listens. */
  Path socket() {
    return ProxyTorrc.socket(directory);
  }

  /**
   * Waits until it can open streams. It looks again and again: a wait in the kernel, for seconds,
   * would keep a virtual thread's carrier.
   */
  void awaitBootstrap(Deadline deadline) throws IOException {
    while (log.percent() < READY_PERCENT) {
      child.calls().drain();
      var alive = child.process().isAlive();
      log.read();
      if (!alive) {
        throw failure("ended with exit code " + child.process().exitValue());
      }
      if (deadline.hasPassed()) {
        throw failure("was not ready within " + deadline.within());
      }
      pause();
    }
    // Whatever comes over its connections, it starts nothing any more.
    child.calls().seal();
  }

  private static void pause() throws IOException {
    try {
      Thread.sleep(LOOK);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while a function's onion proxy got ready", e);
    }
  }

  private IOException failure(String what) {
    var denied = child.calls().denied().stream().map(DeniedCall::name).distinct().toList();
    return new IOException(
        "the function's onion proxy %s, %d %% bootstrapped; it said: %s; denied system calls: %s"
            .formatted(what, log.percent(), log.last(), denied));
  }

  /** Answers its denied calls, reads what it says, and tells how it ended if it has. */
  Optional<String> tick() {
    child.calls().drain();
    log.read();
    return child.process().isAlive()
        ? Optional.empty()
        : Optional.of(
            "its onion proxy ended with exit code %d%s"
                .formatted(child.process().exitValue(), ranOutOfMemory() ? ", out of memory" : ""));
  }

  private boolean ranOutOfMemory() {
    try {
      return group.isPresent() && group.get().usage().oomKills().orElse(0) > 0;
    } catch (IOException _) {
      return false;
    }
  }

  @Override
  public void close() throws IOException {
    var failures = new Failures();
    failures.run(child::close);
    belongings.forEach(belonging -> failures.run(belonging::close));
    failures.throwFirst();
  }
}
