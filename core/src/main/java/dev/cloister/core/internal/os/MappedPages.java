package dev.cloister.core.internal.os;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicBoolean;

/** Mapped pages whose segment turns unusable, not dangling, when they are unmapped. */
final class MappedPages implements OperatingSystem.Pages {
  private final Libc libc;
  private final Arena arena;
  private final MemorySegment memory;
  private final AtomicBoolean closed = new AtomicBoolean();

  MappedPages(Libc libc, Arena arena, MemorySegment memory) {
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
