package dev.cloister.sandbox.confine;

import dev.cloister.core.internal.os.Confining;
import dev.cloister.core.internal.os.Confining.Readiness;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;

/**
 * A guest that runs confined, and dies with {@link #close}. Its processor time and memory are known
 * after its end. Safe for use by many threads, but the streams, each of which is for one.
 */
public final class ConfinedChild implements AutoCloseable {
  /** How long {@link #close} waits for a killed guest to be gone. */
  public static final Duration DEATH = Duration.ofSeconds(5);

  private static final Duration SLICE = Duration.ofMillis(20);

  private final Confining system;
  private final ConfinedProcess process;
  private final CallSupervisor calls;
  private final Confinement confinement;
  private final InputPipe input;
  private final int output;
  private boolean closed;

  ConfinedChild(
      Confining system,
      ConfinedProcess process,
      CallSupervisor calls,
      Confinement confinement,
      InputPipe input,
      int output) {
    this.system = system;
    this.process = process;
    this.calls = calls;
    this.confinement = confinement;
    this.input = input;
    this.output = output;
  }

  /**
   * What a guest that has ended took.
   *
   * @param cpuMicros processor time, in user and system mode, with that of processes it waited for
   * @param peakBytes the most that was resident at once, in this process too before it spawned
   */
  public record Used(long cpuMicros, long peakBytes) {}

  /**
   * Returns the process, whose three streams are pipes without buffers. {@code onExit} takes a
   * thread of the common pool while it waits.
   *
   * @return the process that was started
   */
  public Process process() {
    return process;
  }

  /**
   * Returns who refuses and tells its system calls.
   *
   * @return the supervisor, to be drained by the guest's owner
   */
  public CallSupervisor calls() {
    return calls;
  }

  /**
   * Returns what was put on it.
   *
   * @return what holds on this host
   */
  public Confinement confinement() {
    return confinement;
  }

  /**
   * Returns what it took.
   *
   * @return empty while it runs
   */
  public Optional<Used> used() {
    return process.ending().map(end -> new Used(end.cpuMicros(), end.peakBytes()));
  }

  /**
   * Waits until its standard output has something to read, or is at its end, and answers its system
   * calls meanwhile: without that, a guest whose start needs answers never gets to say a word.
   * Blocks its thread in the kernel, in slices of 20 ms.
   *
   * @param timeout how long, at most
   * @return false when there was nothing
   * @throws InterruptedException when the thread is interrupted
   */
  public boolean awaitOutput(Duration timeout) throws InterruptedException {
    var start = System.nanoTime();
    while (true) {
      var left = timeout.toNanos() - (System.nanoTime() - start);
      var slice = Duration.ofNanos(Math.clamp(left, 0, SLICE.toNanos()));
      var seen = calls.look(OptionalInt.of(output), slice);
      if (seen.other() || (!seen.supervised() && hasOutput(slice))) {
        return true;
      }
      if (left <= 0) {
        return false;
      }
      if (Thread.interrupted()) {
        throw new InterruptedException("interrupted while waiting for output");
      }
    }
  }

  /**
   * Waits until its standard output has something to read, or is at its end; answers no system call
   * meanwhile. Blocks its thread in the kernel.
   *
   * @param atMost how long; zero: only looks
   * @return false when there was nothing
   */
  public boolean hasOutput(Duration atMost) {
    return system.ready(atMost, output).getFirst() != Readiness.QUIET;
  }

  /**
   * Tells whether its standard input takes something without a wait.
   *
   * @param bytes how much
   * @return false when it is not known to, as of more than 4 KiB, or is closed
   */
  public boolean hasRoom(int bytes) {
    return input.hasRoom(bytes);
  }

  /**
   * Kills it, reaps it, and gives back every descriptor. A second call does nothing.
   *
   * @throws IOException when it is not gone after {@link #DEATH}, or a stream fails to close
   */
  @Override
  public synchronized void close() throws IOException {
    if (closed) {
      return;
    }
    closed = true;
    process.destroyForcibly();
    var gone = awaitEnd();
    process.close();
    calls.close();
    system.close(output);
    try (var _ = process.getOutputStream();
        var _ = process.getInputStream();
        var _ = process.getErrorStream()) {
      if (!gone) {
        throw new IOException(
            "process " + process.pid() + " was killed and is still there after " + DEATH);
      }
    }
  }

  private boolean awaitEnd() {
    var interrupted = Thread.interrupted();
    try {
      while (true) {
        try {
          return process.waitFor(DEATH.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException _) {
          interrupted = true;
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
