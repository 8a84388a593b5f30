package dev.cloister.sandbox.confine;

import dev.cloister.core.internal.os.Confining;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CountDownLatch;

/**
 * What the throw-away thread does: put every restriction on itself, and start the guest, which
 * inherits them. It never fails but by {@link #failure}. From the first restriction on it loads no
 * class, opens no file and makes no call of its own.
 */
final class SpawnThread implements Runnable {
  private final Confining system;
  private final ConfinedSpawn.BeforeSpawn before;
  private final OptionalInt user;
  private final OptionalInt ruleset;
  private final byte[] program;
  private final boolean listening;
  private final Confining.Starter starter;
  private final ChildLimits limits;
  private final int ended;
  private final CountDownLatch armed = new CountDownLatch(1);

  private volatile int threadId;
  private volatile int pid;
  private volatile OptionalInt listener = OptionalInt.empty();
  private volatile Optional<Throwable> failure = Optional.empty();

  SpawnThread(
      Confining system,
      ConfinedSpawn.BeforeSpawn before,
      OptionalInt user,
      OptionalInt ruleset,
      byte[] program,
      boolean listening,
      Confining.Starter starter,
      ChildLimits limits,
      int ended) {
    this.system = system;
    this.before = before;
    this.user = user;
    this.ruleset = ruleset;
    this.program = program;
    this.listening = listening;
    this.starter = starter;
    this.limits = limits;
    this.ended = ended;
  }

  @Override
  public void run() {
    try {
      threadId = system.threadId();
      before.run(threadId);
      system.refuseNewPrivileges();
      if (user.isPresent()) {
        system.becomeUser(user.getAsInt(), user.getAsInt());
      }
      if (ruleset.isPresent()) {
        system.restrict(ruleset.getAsInt());
      }
      listener = system.filter(program, listening);
      armed.countDown();
      pid = starter.start();
      // From here: without CAP_SYS_RESOURCE, only the child's own user may.
      for (var limit : limits.values().entrySet()) {
        system.limit(pid, limit.getKey().number(), limit.getValue());
      }
    } catch (Throwable e) {
      failure = Optional.of(e);
    } finally {
      armed.countDown();
      // Wakes who waits for calls of this thread.
      system.close(ended);
    }
  }

  /** Gives back what the thread would have, which never ran. */
  void abandon() {
    system.close(ended);
  }

  /** Waits until the filter holds, or will not. */
  void awaitArmed() throws InterruptedException {
    armed.await();
  }

  /** The kernel's number of this thread, 0 before it ran. */
  int threadId() {
    return threadId;
  }

  /** The guest's, 0 when none was started. */
  int pid() {
    return pid;
  }

  OptionalInt listener() {
    return listener;
  }

  Optional<Throwable> failure() {
    return failure;
  }
}
