package dev.cloister.core.internal.os;

import dev.cloister.core.NativeCallException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicBoolean;

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
    var arena = Arena.ofShared();
    try {
      libc.ftruncate(descriptor, size);
      return new Mapping(libc, arena, libc.mapShared(arena, descriptor, size));
    } catch (NativeCallException e) {
      arena.close();
      throw e;
    } finally {
      libc.close(descriptor);
    }
  }

  @Override
  public Pages lockedPages(long bytes) {
    var arena = Arena.ofShared();
    MemorySegment memory;
    try {
      memory = libc.mapAnonymous(arena, wholePages(bytes));
    } catch (NativeCallException e) {
      arena.close();
      throw e;
    }
    var pages = new Mapping(libc, arena, memory);
    try {
      libc.mlock(memory);
      libc.dontDump(memory);
      return pages;
    } catch (NativeCallException e) {
      pages.close();
      throw e;
    }
  }

  @Override
  public void readAsADebugger(Pages pages) {
    var descriptor = libc.openToRead("/proc/self/mem");
    try {
      libc.readAt(descriptor, pages.memory().address(), 1);
    } finally {
      libc.close(descriptor);
    }
  }

  @Override
  public long coreLimitBytes() {
    return libc.coreLimitBytes();
  }

  @Override
  public boolean dumpable() {
    return libc.dumpable() == 1;
  }

  private static long wholePages(long bytes) {
    if (bytes < 1) {
      throw new IllegalArgumentException("bytes must be at least 1, was " + bytes);
    }
    return Math.ceilDiv(bytes, PAGE_BYTES) * PAGE_BYTES;
  }

  /** Mapped pages whose segment turns unusable, not dangling, when they are unmapped. */
  private static final class Mapping implements Pages {
    private final Libc libc;
    private final Arena arena;
    private final MemorySegment memory;
    private final AtomicBoolean closed = new AtomicBoolean();

    Mapping(Libc libc, Arena arena, MemorySegment memory) {
      this.libc = libc;
      this.arena = arena;
      this.memory = memory;
    }

    @Override
    public MemorySegment memory() {
      return memory;
    }

    @Override
    public void close() {
      if (closed.compareAndSet(false, true)) {
        memory.fill((byte) 0);
        arena.close();
        libc.unmap(memory.address(), memory.byteSize());
      }
    }
  }
}
