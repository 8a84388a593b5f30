package dev.cloister.core.internal.os;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.cloister.core.NativeCallException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;

/**
 * The C library of Linux, 64 bit. The only class of the project that binds native code. Each call
 * captures {@code errno} in memory of its own, so threads never see each other's.
 */
@SuppressWarnings(
    "restricted") // The one place for Linker.downcallHandle and MemorySegment.reinterpret.
final class FfmLibc implements Libc {
  private static final Linker LINKER = Linker.nativeLinker();
  private static final StructLayout CALL_STATE = Linker.Option.captureStateLayout();
  private static final VarHandle ERRNO = CALL_STATE.varHandle(PathElement.groupElement("errno"));

  /** 447 on x86-64 and on every architecture with the generic table. */
  private static final long SYS_MEMFD_SECRET = 447;

  private static final int PROT_READ_WRITE = 1 | 2;
  private static final int MAP_SHARED = 1;
  private static final int MAP_PRIVATE_ANONYMOUS = 2 | 0x20;
  private static final int MADV_DONTDUMP = 16;
  private static final int RLIMIT_CORE = 4;
  private static final int PR_GET_DUMPABLE = 3;
  private static final int O_RDONLY_CLOEXEC = 0x80000;
  private static final int O_CLOEXEC = 0x80000;

  private static final MethodHandle SYSCALL =
      bind("syscall", FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG), 1);
  private static final MethodHandle FTRUNCATE =
      bind("ftruncate", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG));
  private static final MethodHandle MMAP =
      bind(
          "mmap",
          FunctionDescriptor.of(
              JAVA_LONG, ADDRESS, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG));
  private static final MethodHandle MUNMAP =
      bind("munmap", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG));
  private static final MethodHandle MLOCK =
      bind("mlock", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG));
  private static final MethodHandle MADVISE =
      bind("madvise", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT));
  private static final MethodHandle CLOSE =
      bind("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
  private static final MethodHandle GETRLIMIT =
      bind("getrlimit", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS));
  private static final MethodHandle PRCTL =
      bind("prctl", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG), 1);
  private static final MethodHandle OPEN =
      bind("open", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT), 2);
  private static final MethodHandle PREAD =
      bind("pread", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_LONG));

  private static MethodHandle bind(String name, FunctionDescriptor type) {
    return LINKER.downcallHandle(
        LINKER.defaultLookup().findOrThrow(name), type, Linker.Option.captureCallState("errno"));
  }

  private static MethodHandle bind(String name, FunctionDescriptor type, int firstVariadic) {
    return LINKER.downcallHandle(
        LINKER.defaultLookup().findOrThrow(name),
        type,
        Linker.Option.captureCallState("errno"),
        Linker.Option.firstVariadicArg(firstVariadic));
  }

  /** One native call with memory for its errno and its arguments. */
  @FunctionalInterface
  private interface Call {
    /** Invokes a handle whose first argument is {@code errno}. */
    long invoke(Arena arena, MemorySegment errno) throws Throwable;
  }

  private static long call(String name, Call call) {
    try (var arena = Arena.ofConfined()) {
      var errno = arena.allocate(CALL_STATE);
      var result = call.invoke(arena, errno);
      if (result == -1) {
        throw new NativeCallException(name, (int) ERRNO.get(errno, 0L));
      }
      return result;
    } catch (NativeCallException e) {
      throw e;
    } catch (Throwable e) {
      // invokeExact declares Throwable; a linked C function throws nothing.
      throw new IllegalStateException(name + " could not be called", e);
    }
  }

  @Override
  public int memfdSecret() {
    return (int)
        call(
            "memfd_secret",
            (_, errno) -> (long) SYSCALL.invokeExact(errno, SYS_MEMFD_SECRET, (long) O_CLOEXEC));
  }

  @Override
  public void ftruncate(int descriptor, long bytes) {
    call("ftruncate", (_, errno) -> (int) FTRUNCATE.invokeExact(errno, descriptor, bytes));
  }

  @Override
  public MemorySegment mapShared(Arena arena, int descriptor, long bytes) {
    return map(arena, bytes, MAP_SHARED, descriptor);
  }

  @Override
  public MemorySegment mapAnonymous(Arena arena, long bytes) {
    return map(arena, bytes, MAP_PRIVATE_ANONYMOUS, -1);
  }

  private static MemorySegment map(Arena arena, long bytes, int flags, int descriptor) {
    var address =
        call(
            "mmap",
            (_, errno) ->
                (long)
                    MMAP.invokeExact(
                        errno, MemorySegment.NULL, bytes, PROT_READ_WRITE, flags, descriptor, 0L));
    return MemorySegment.ofAddress(address).reinterpret(bytes, arena, null);
  }

  @Override
  public void unmap(long address, long bytes) {
    call(
        "munmap",
        (_, errno) -> (int) MUNMAP.invokeExact(errno, MemorySegment.ofAddress(address), bytes));
  }

  @Override
  public void mlock(MemorySegment pages) {
    call("mlock", (_, errno) -> (int) MLOCK.invokeExact(errno, pages, pages.byteSize()));
  }

  @Override
  public void dontDump(MemorySegment pages) {
    call(
        "madvise",
        (_, errno) -> (int) MADVISE.invokeExact(errno, pages, pages.byteSize(), MADV_DONTDUMP));
  }

  @Override
  public void close(int descriptor) {
    call("close", (_, errno) -> (int) CLOSE.invokeExact(errno, descriptor));
  }

  @Override
  public long coreLimitBytes() {
    try (var arena = Arena.ofConfined()) {
      var limits = arena.allocate(MemoryLayout.sequenceLayout(2, JAVA_LONG));
      call("getrlimit", (_, errno) -> (int) GETRLIMIT.invokeExact(errno, RLIMIT_CORE, limits));
      var soft = limits.get(JAVA_LONG, 0);
      return soft < 0 ? Long.MAX_VALUE : soft;
    }
  }

  @Override
  public int dumpable() {
    return (int) call("prctl", (_, errno) -> (int) PRCTL.invokeExact(errno, PR_GET_DUMPABLE, 0L));
  }

  @Override
  public int openToRead(String path) {
    return (int)
        call(
            "open",
            (arena, errno) ->
                (int) OPEN.invokeExact(errno, arena.allocateFrom(path), O_RDONLY_CLOEXEC));
  }

  @Override
  public long readAt(int descriptor, long offset, int bytes) {
    return call(
        "pread",
        (arena, errno) ->
            (long)
                PREAD.invokeExact(errno, descriptor, arena.allocate(bytes), (long) bytes, offset));
  }
}
