package dev.cloister.sandbox.confine;

import dev.cloister.core.internal.os.Confining;
import dev.cloister.core.internal.os.Confining.Ending;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * A child that no thread of the JDK watches: such a thread would be made by the one that spawns,
 * and live on under its restrictions. So it is reaped by whoever asks for its end.
 */
final class ConfinedProcess extends Process {
  private static final int SIGTERM = 15;
  private static final int SIGKILL = 9;
  private static final Duration LONGEST_LOOK = Duration.ofMillis(50);
  private static final Duration LONGEST_PAUSE = Duration.ofMillis(5);

  private final Confining system;
  private final int pid;
  private final int descriptor;
  private final OutputStream input;
  private final InputStream output;
  private final InputStream error;
  private Optional<Ending> ending = Optional.empty();
  private boolean closed;

  ConfinedProcess(
      Confining system,
      int pid,
      int descriptor,
      OutputStream input,
      InputStream output,
      InputStream error) {
    this.system = system;
    this.pid = pid;
    this.descriptor = descriptor;
    this.input = input;
    this.output = output;
    this.error = error;
  }

  /** How it ended, once it has: asking reaps. */
  synchronized Optional<Ending> ending() {
    if (ending.isEmpty()) {
      ending = system.reap(pid);
    }
    return ending;
  }

  @Override
  public OutputStream getOutputStream() {
    return input;
  }

  @Override
  public InputStream getInputStream() {
    return output;
  }

  @Override
  public InputStream getErrorStream() {
    return error;
  }

  @Override
  public int waitFor() throws InterruptedException {
    while (!waitFor(Long.MAX_VALUE, TimeUnit.NANOSECONDS)) {
      // Until it ends.
    }
    return exitValue();
  }

  @Override
  public boolean waitFor(long timeout, TimeUnit unit) throws InterruptedException {
    var start = System.nanoTime();
    var limit = unit.toNanos(timeout);
    var pause = Duration.ofNanos(100_000);
    while (ending().isEmpty()) {
      if (Thread.interrupted()) {
        throw new InterruptedException("interrupted while waiting for process " + pid);
      }
      var left = limit - (System.nanoTime() - start);
      if (left <= 0) {
        return false;
      }
      if (Thread.currentThread().isVirtual()) {
        // A wait in the kernel would take its carrier from the others.
        LockSupport.parkNanos(Math.min(left, pause.toNanos()));
        pause = pause.compareTo(LONGEST_PAUSE) < 0 ? pause.multipliedBy(2) : LONGEST_PAUSE;
      } else {
        look(Duration.ofNanos(Math.min(left, LONGEST_LOOK.toNanos())));
      }
    }
    return true;
  }

  private void look(Duration atMost) {
    // Should another thread close the descriptor meanwhile, the look ends early, and no harm done.
    system.ready(atMost, descriptor);
  }

  @Override
  public int exitValue() {
    return ending()
        .orElseThrow(() -> new IllegalThreadStateException("process " + pid + " has not ended"))
        .exit();
  }

  @Override
  public boolean isAlive() {
    return ending().isEmpty();
  }

  @Override
  public void destroy() {
    signal(SIGTERM);
  }

  /** Kills it and all that it forked, unless those were let leave its process group. */
  @Override
  public Process destroyForcibly() {
    signal(SIGKILL);
    return this;
  }

  private synchronized void signal(int signal) {
    if (ending.isPresent() || closed) {
      return; // The pid may be another's by now.
    }
    if (signal == SIGKILL) {
      system.killGroup(pid);
    }
    system.signal(descriptor, signal);
  }

  @Override
  public boolean supportsNormalTermination() {
    return true;
  }

  @Override
  public long pid() {
    return pid;
  }

  @Override
  public ProcessHandle toHandle() {
    return ProcessHandle.of(pid)
        .orElseThrow(() -> new UnsupportedOperationException("process " + pid + " is gone"));
  }

  /** Gives the descriptor back, after the end. */
  synchronized void close() {
    if (!closed) {
      closed = true;
      system.close(descriptor);
    }
  }
}
