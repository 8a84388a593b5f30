package dev.cloister.core.internal.os;

import dev.cloister.core.NativeCallException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.function.Function;
import java.util.function.Supplier;

/** Linux, over its C library. */
final class Linux implements OperatingSystem {
  private static final long PAGE_BYTES = 4096;

  private final Libc libc;

  Linux(Libc libc) {
    this.libc = libc;
  }

  @Override
  public Pages secretPages(long bytes) {
    var size = wholePages(bytes);
    var descriptor = libc.memfdSecret();
    var pages = undoing(() -> libc.close(descriptor), () -> mapFile(descriptor, size));
    undoing(
        pages::close,
        () -> {
          libc.close(descriptor);
          return pages;
        });
    return pages;
  }

  private Pages mapFile(int descriptor, long size) {
    libc.ftruncate(descriptor, size);
    return map(arena -> libc.mapShared(arena, descriptor, size));
  }

  @Override
  public Pages lockedPages(long bytes) {
    var size = wholePages(bytes);
    var pages = map(arena -> libc.mapAnonymous(arena, size));
    return undoing(
        pages::close,
        () -> {
          libc.mlock(pages.memory());
          libc.dontDump(pages.memory());
          return pages;
        });
  }

  private Pages map(Function<Arena, MemorySegment> call) {
    var arena = Arena.ofShared();
    return undoing(arena::close, () -> new MappedPages(libc, arena, call.apply(arena)));
  }

  /** Takes a step; when the system refuses it, undoes the one before, whatever comes of that. */
  private static <T> T undoing(Runnable undo, Supplier<T> step) {
    try {
      return step.get();
    } catch (NativeCallException e) {
      try {
        undo.run();
      } catch (NativeCallException also) {
        e.addSuppressed(also);
      }
      throw e;
    }
  }

  @Override
  public void readAsADebugger(Pages pages) {
    var descriptor = libc.openToRead("/proc/self/mem");
    undoing(
        () -> libc.close(descriptor), () -> libc.readAt(descriptor, pages.memory().address(), 1));
    libc.close(descriptor);
  }

  @Override
  public long coreLimitBytes() {
    return libc.coreLimitBytes();
  }

  @Override
  public boolean dumpable() {
    // 2 dumps as well: into a file or pipe of root's.
    return libc.dumpable() != 0;
  }

  @Override
  public Confining confining() {
    return new LinuxConfining(kernel());
  }

  @Override
  public Hardening hardening() {
    return new LinuxHardening(kernel());
  }

  @Override
  public Mounting mounting() {
    return new LinuxMounting(kernel());
  }

  @Override
  public Capturing capturing() {
    return new LinuxCapturing(kernel());
  }

  private Kernel kernel() {
    return new Kernel(
        libc,
        Architecture.current().orElseThrow(() -> new UnsupportedHere(Architecture.unknown())));
  }

  private static long wholePages(long bytes) {
    if (bytes < 1) {
      throw new IllegalArgumentException("bytes must be at least 1, was " + bytes);
    }
    return Math.ceilDiv(bytes, PAGE_BYTES) * PAGE_BYTES;
  }
}
