package dev.cloister.sandbox.runtime.wasm;

import com.dylibso.chicory.runtime.ChicoryInterruptedException;
import com.dylibso.chicory.runtime.Memory;
import com.dylibso.chicory.wasm.ChicoryException;
import dev.cloister.core.policy.Resource;
import dev.cloister.core.policy.ResourceLimits;
import dev.cloister.sandbox.guest.DirectCalls;
import dev.cloister.sandbox.runtime.CellApi;
import dev.cloister.sandbox.runtime.Ending;
import dev.cloister.sandbox.runtime.Ending.Cause;
import dev.cloister.sandbox.runtime.GuestProcess;
import dev.cloister.sandbox.runtime.Usage;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadFactory;
import org.jspecify.annotations.Nullable;

/**
 * A guest within this process, on a thread of its own; its calls are carried by the thread that
 * runs it. Its limit of CPU time is looked at by {@link #tick}; that of memory needs no look.
 */
final class WasmGuest implements GuestProcess {
  /** The longest time between two looks: 10 ms. */
  private static final long LOOK_NANOS = 10_000_000;

  private final ThreadFactory threads;
  private final ResourceLimits limits;

  /** What interprets the function's code; empty where that is a module itself. */
  private final Optional<Engine> interpreter;

  /** What it may open, all of it by the thread that runs the guest. */
  private final Optional<GuestFiles> files;

  private final Desk desk = new Desk();
  private final GuestThread cpu = new GuestThread();
  private volatile @Nullable GuestSide side;
  private volatile @Nullable Memory memory;
  private volatile long memoryPeakBytes;

  private @Nullable Ending ending;
  private @Nullable Thread guest;
  private @Nullable Thread serving;

  /** Whether the serving thread was interrupted, by us: then the interruption stays here. */
  private boolean calledBack;

  WasmGuest(
      ThreadFactory threads,
      ResourceLimits limits,
      Optional<Engine> interpreter,
      Optional<Path> directory) {
    this.threads = threads;
    this.limits = limits;
    this.interpreter = interpreter;
    this.files = directory.map(given -> new GuestFiles(given, limits.of(Resource.OPEN_FILES)));
  }

  @Override
  public Ending run(byte[] code, CellApi api) {
    var own = begin(code);
    if (own.isPresent()) {
      try {
        serve(new DirectCalls(api), own.get());
      } finally {
        files.ifPresent(GuestFiles::close);
      }
      leave();
    }
    return ended(Ending.of(Cause.CLOSED));
  }

  private synchronized Optional<Thread> begin(byte[] code) {
    if (ending != null) {
      return Optional.empty();
    }
    var made = threads.newThread(() -> live(code));
    guest = made;
    serving = Thread.currentThread();
    made.start();
    return Optional.of(made);
  }

  /** Carries calls until the guest's thread is gone, whatever happens meanwhile. */
  private void serve(DirectCalls calls, Thread own) {
    var interrupted = false;
    while (true) {
      try {
        var question = desk.next();
        if (question.isEmpty()) {
          own.join();
          break;
        }
        question.get().carry(calls);
        desk.answered();
      } catch (InterruptedException _) {
        interrupted = true;
        stop(Ending.of(Cause.CLOSED));
      } catch (RuntimeException e) {
        stop(Ending.of(Cause.CLOSED, "the host failed: " + e.getClass().getSimpleName()));
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Forgets an interruption of ours. */
  private synchronized void leave() {
    serving = null;
    guest = null;
    if (calledBack) {
      var _ = Thread.interrupted();
    }
  }

  /** Keeps the first reason. */
  private synchronized Ending ended(Ending how) {
    if (ending == null) {
      ending = how;
    }
    return ending;
  }

  /** The life of the guest's own thread. */
  @SuppressWarnings("CatchingUnchecked") // an error of a guest's is its end, not the host's
  private void live(byte[] code) {
    cpu.began();
    try {
      ended(played(code));
    } catch (Throwable e) {
      ended(judged(e));
    } finally {
      account();
      memory = null;
      cpu.ended();
      desk.leave();
    }
  }

  private Ending played(byte[] code) throws ModuleRejected {
    var engine = interpreter.isPresent() ? interpreter.get() : Engine.load(code);
    var given = new GuestSide(desk, files, interpreter.isPresent() ? code : new byte[0]);
    side = given;
    var pages = pages(engine);
    var instance = engine.instance(Linker.link(engine.module(), given), pages);
    memory = instance.memory();
    instance.initialize(false);
    instance.export(Engine.ENTRY).apply();
    return Ending.exited(0);
  }

  /** What is left of the limit for the guest's memory, when the host's share is taken off. */
  private int pages(Engine engine) {
    var limit = limits.of(Resource.MEMORY_BYTES);
    var weight = interpreter.isPresent() ? 0 : engine.weightBytes();
    var pages = Math.clamp((limit - weight) / Memory.PAGE_SIZE, 0, Memory.RUNTIME_MAX_PAGES);
    if (engine.initialPages() > pages) {
      throw new Halt(
          Ending.atLimit(
              Resource.MEMORY_BYTES,
              "its code takes %d bytes and its memory begins with %d, of %d"
                  .formatted(weight, (long) engine.initialPages() * Memory.PAGE_SIZE, limit)));
    }
    return pages;
  }

  private Ending judged(Throwable thrown) {
    return switch (thrown) {
      case Halt halt -> halt.ending;
      case ModuleRejected rejected ->
          Ending.of(Cause.FAILED, String.valueOf(rejected.getMessage()));
      case ChicoryInterruptedException _ -> Ending.of(Cause.CLOSED);
      case StackOverflowError _ -> Ending.of(Cause.FAILED, stackIsFull());
      case OutOfMemoryError _ -> Ending.of(Cause.DIED, "the host's own heap is full");
      case ChicoryException e when e.getCause() instanceof StackOverflowError ->
          Ending.of(Cause.FAILED, stackIsFull());
      case ChicoryException e -> Ending.of(Cause.FAILED, "trap: " + e.getMessage() + lastWords());
      default -> Ending.of(Cause.DIED, "the engine failed: " + thrown.getClass().getSimpleName());
    };
  }

  private static String stackIsFull() {
    return "call stack exhausted: the function calls itself too deep";
  }

  private String lastWords() {
    var known = side;
    var line = known == null ? "" : known.lastLine();
    return line.isEmpty() ? "" : "; " + line;
  }

  private void account() {
    var known = memory;
    if (known != null) {
      memoryPeakBytes = Math.max(memoryPeakBytes, (long) known.pages() * Memory.PAGE_SIZE);
    }
  }

  @Override
  public long tick() {
    synchronized (this) {
      if (ending != null) {
        return Long.MAX_VALUE;
      }
    }
    account();
    var limit = limits.duration(Resource.CPU_SECONDS);
    var used = cpu.cpuNanos();
    if (used >= limit.toNanos()) {
      stop(
          Ending.atLimit(
              Resource.CPU_SECONDS, "%d ms of %d".formatted(used / 1_000_000, limit.toMillis())));
    }
    return Math.clamp(limit.toNanos() - used, 1, LOOK_NANOS);
  }

  @Override
  public synchronized void stop(Ending why) {
    if (ending != null) {
      return;
    }
    ending = why;
    if (guest != null) {
      guest.interrupt();
    }
    if (serving != null && !Thread.currentThread().equals(serving)) {
      calledBack = true;
      serving.interrupt();
    }
  }

  @Override
  public Usage usage() {
    account();
    var known = side;
    return Usage.ofGuest(
        cpu.cpuNanos(),
        memoryPeakBytes,
        cpu.cpuNanos() > 0 ? 1 : 0,
        known == null ? Map.of() : known.denied());
  }

  @Override
  public void close() {
    stop(Ending.of(Cause.CLOSED));
  }
}
