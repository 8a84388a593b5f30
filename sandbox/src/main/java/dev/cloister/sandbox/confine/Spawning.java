package dev.cloister.sandbox.confine;

import dev.cloister.core.internal.os.Confining;
import dev.cloister.core.internal.os.Confining.Readiness;
import dev.cloister.core.internal.os.SystemCalls;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.OptionalInt;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.locks.LockSupport;

/**
 * The caller's side of a spawn: answers the system calls that wait while the throw-away thread
 * starts the guest, and returns when that thread is gone from the kernel too.
 */
final class Spawning {
  /** After this the calls that wait are refused, and the spawn fails. */
  static final Duration DEADLINE = Duration.ofSeconds(10);

  private static final Duration LOOK = Duration.ofMillis(5);
  private static final Duration SHORT_LOOK = Duration.ofNanos(50_000);

  private final Confining system;
  private final SpawnThread spawn;
  private final Thread thread;
  private final int done;
  private final CallSupervisor calls;

  private Spawning(
      Confining system, SpawnThread spawn, Thread thread, int done, CallSupervisor calls) {
    this.system = system;
    this.spawn = spawn;
    this.thread = thread;
    this.done = done;
    this.calls = calls;
  }

  /**
   * What has been started.
   *
   * @param pid the guest's
   * @param calls who answers its calls
   */
  record Started(int pid, CallSupervisor calls) {}

  /** Runs it to its end on a thread of the factory; {@code done} is ready when it has ended. */
  static Started run(
      Confining system,
      SpawnThread spawn,
      ThreadFactory threads,
      int done,
      SystemCalls table,
      Launch launch)
      throws IOException {
    var thread = start(spawn, threads);
    awaitArmed(spawn);
    var calls = new CallSupervisor(system, spawn.listener(), table, launch);
    try {
      var spawning = new Spawning(system, spawn, thread, done, calls);
      spawning.superviseToTheEnd();
      return spawning.outcome();
    } catch (IOException | RuntimeException | Error e) {
      calls.close();
      throw e;
    }
  }

  private static Thread start(SpawnThread spawn, ThreadFactory threads) {
    var started = false;
    try {
      var thread = threads.newThread(spawn);
      if (thread == null || thread.isVirtual()) {
        throw new IllegalArgumentException(
            "the factory made "
                + thread
                + ": a spawn needs a platform thread, which can be thrown"
                + " away with its restrictions");
      }
      thread.start();
      started = true;
      return thread;
    } finally {
      if (!started) {
        spawn.abandon();
      }
    }
  }

  private static void awaitArmed(SpawnThread spawn) {
    var interrupted = false;
    while (true) {
      try {
        spawn.awaitArmed();
        break;
      } catch (InterruptedException _) {
        // To leave now would leave the thread, and perhaps a guest.
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void superviseToTheEnd() throws IOException {
    var start = System.nanoTime();
    var ended = false;
    while (!isGone()) {
      var look = ended ? SHORT_LOOK : LOOK;
      var other = ended ? OptionalInt.empty() : OptionalInt.of(done);
      var seen = calls.look(other, look);
      ended = ended || seen.other() || (!seen.supervised() && hasEnded(look));
      var elapsed = System.nanoTime() - start;
      if (elapsed > 2 * DEADLINE.toNanos()) {
        throw new IOException("the spawning thread " + thread + " does not end");
      }
      if (elapsed > DEADLINE.toNanos()) {
        calls.close();
      }
    }
    calls.spawnerIsGone();
  }

  private boolean hasEnded(Duration atMost) {
    return system.ready(atMost, done).getFirst() == Readiness.ENDED;
  }

  /** Java counts a thread as ended shortly before the kernel does. */
  private boolean isGone() {
    return !thread.isAlive() && !Files.exists(Path.of("/proc/self/task/" + spawn.threadId()));
  }

  private Started outcome() throws IOException {
    if (spawn.failure().isPresent()) {
      if (spawn.pid() != 0) {
        end(spawn.pid());
      }
      switch (spawn.failure().get()) {
        case IOException e -> throw e;
        case RuntimeException e -> throw e;
        case Error e -> throw e;
        case Throwable e -> throw new IOException("the guest was not started", e);
      }
    }
    return new Started(spawn.pid(), calls);
  }

  /** Ends a guest that started and could not be limited. */
  private void end(int pid) {
    system.killGroup(pid);
    while (system.reap(pid).isEmpty()) {
      // Killed: it takes a moment, and no answer of ours.
      LockSupport.parkNanos(SHORT_LOOK.toNanos());
    }
  }
}
