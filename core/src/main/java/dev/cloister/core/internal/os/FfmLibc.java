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
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.List;

/**
 * The C library of Linux, 64 bit. With {@link Libpcap} the only class of the project that binds
 * native code. Each call captures {@code errno} in memory of its own, so threads never see each
 * other's.
 */
@SuppressWarnings(
    "restricted") // Here and in Libpcap alone: Linker.downcallHandle, MemorySegment.reinterpret.
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
      bind(
          "syscall",
          FunctionDescriptor.of(
              JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG,
              JAVA_LONG),
          1);
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

  private static final MethodHandle SETGROUPS =
      bind("setgroups", FunctionDescriptor.of(JAVA_INT, JAVA_LONG, ADDRESS));
  private static final FunctionDescriptor ON_THREE_IDS =
      FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT);
  private static final MethodHandle SETRESGID = bind("setresgid", ON_THREE_IDS);
  private static final MethodHandle SETRESUID = bind("setresuid", ON_THREE_IDS);

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
    return (int) systemCall("memfd_secret", SYS_MEMFD_SECRET, O_CLOEXEC);
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

  @Override
  public void becomeUser(int user, int group) {
    call("setgroups", (_, errno) -> (int) SETGROUPS.invokeExact(errno, 0L, MemorySegment.NULL));
    call("setresgid", (_, errno) -> (int) SETRESGID.invokeExact(errno, group, group, group));
    call("setresuid", (_, errno) -> (int) SETRESUID.invokeExact(errno, user, user, user));
  }

  @Override
  public long systemCall(String name, long number, long... arguments) {
    var all = Arrays.copyOf(arguments, 6);
    return call(
        name,
        (_, errno) ->
            (long)
                SYSCALL.invokeExact(errno, number, all[0], all[1], all[2], all[3], all[4], all[5]));
  }

  @Override
  public Confining.Starter prepare(Command command) {
    return new Spawn(command);
  }

  /** posix_spawn(3) and what it takes; apart, because older C libraries lack two of these. */
  private static final class Spawn implements Confining.Starter {
    private static final short POSIX_SPAWN_SETSIGDEF = 4;
    private static final short POSIX_SPAWN_SETSIGMASK = 8;
    private static final short POSIX_SPAWN_SETSID = 0x80;

    /** More than posix_spawn_file_actions_t (80), posix_spawnattr_t (336), sigset_t (128) take. */
    private static final long OPAQUE_BYTES = 512;

    private static final FunctionDescriptor ON_ONE = FunctionDescriptor.of(JAVA_INT, ADDRESS);
    private static final FunctionDescriptor ON_TWO =
        FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS);
    private static final MethodHandle POSIX_SPAWN =
        bind(
            "posix_spawn",
            FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS));
    private static final MethodHandle ACTIONS_INIT = bind("posix_spawn_file_actions_init", ON_ONE);
    private static final MethodHandle ACTIONS_DESTROY =
        bind("posix_spawn_file_actions_destroy", ON_ONE);
    private static final MethodHandle ADD_DUP2 =
        bind(
            "posix_spawn_file_actions_adddup2",
            FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT));
    private static final MethodHandle ADD_CHDIR =
        bind("posix_spawn_file_actions_addchdir_np", ON_TWO);
    private static final MethodHandle ADD_CLOSE_FROM =
        bind(
            "posix_spawn_file_actions_addclosefrom_np",
            FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT));
    private static final MethodHandle ATTRIBUTES_INIT = bind("posix_spawnattr_init", ON_ONE);
    private static final MethodHandle SET_FLAGS =
        bind(
            "posix_spawnattr_setflags",
            FunctionDescriptor.of(JAVA_INT, ADDRESS, ValueLayout.JAVA_SHORT));
    private static final MethodHandle SET_SIGNALS_DEFAULT =
        bind("posix_spawnattr_setsigdefault", ON_TWO);
    private static final MethodHandle FILL_SIGNALS = bind("sigfillset", ON_ONE);

    private final MemorySegment actions;
    private final MemorySegment attributes;
    private final MemorySegment path;
    private final MemorySegment arguments;
    private final MemorySegment environment;
    private final MemorySegment pid;

    Spawn(Command command) {
      // Collected with this: the thread that starts is not the one that prepares.
      var arena = Arena.ofAuto();
      actions = arena.allocate(OPAQUE_BYTES, 16);
      attributes = arena.allocate(OPAQUE_BYTES, 16);
      path = arena.allocateFrom(command.arguments().getFirst());
      arguments = strings(arena, command.arguments());
      environment = strings(arena, command.environment());
      pid = arena.allocate(JAVA_INT);
      checked("posix_spawn_file_actions_init", e -> (int) ACTIONS_INIT.invokeExact(e, actions));
      try {
        describe(arena, command);
      } catch (NativeCallException e) {
        close();
        throw e;
      }
    }

    private void describe(Arena arena, Command command) {
      for (var i = 0; i < command.streams().size(); i++) {
        var from = (int) command.streams().get(i);
        var to = i;
        checked(
            "posix_spawn_file_actions_adddup2",
            e -> (int) ADD_DUP2.invokeExact(e, actions, from, to));
      }
      var directory = arena.allocateFrom(command.directory());
      checked(
          "posix_spawn_file_actions_addchdir_np",
          e -> (int) ADD_CHDIR.invokeExact(e, actions, directory));
      checked(
          "posix_spawn_file_actions_addclosefrom_np",
          e -> (int) ADD_CLOSE_FROM.invokeExact(e, actions, 3));
      checked("posix_spawnattr_init", e -> (int) ATTRIBUTES_INIT.invokeExact(e, attributes));
      var signals = arena.allocate(OPAQUE_BYTES, 16);
      checked("sigfillset", e -> (int) FILL_SIGNALS.invokeExact(e, signals));
      checked(
          "posix_spawnattr_setsigdefault",
          e -> (int) SET_SIGNALS_DEFAULT.invokeExact(e, attributes, signals));
      // The mask in fresh attributes is empty: nothing is blocked in the child.
      var flags = (short) (POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSID);
      checked("posix_spawnattr_setflags", e -> (int) SET_FLAGS.invokeExact(e, attributes, flags));
    }

    @Override
    public int start() {
      checked(
          "posix_spawn",
          e ->
              (int)
                  POSIX_SPAWN.invokeExact(
                      e, pid, path, actions, attributes, arguments, environment));
      return pid.get(JAVA_INT, 0);
    }

    @Override
    public void close() {
      checked(
          "posix_spawn_file_actions_destroy", e -> (int) ACTIONS_DESTROY.invokeExact(e, actions));
    }

    private static MemorySegment strings(Arena arena, List<String> strings) {
      var array = arena.allocate(ADDRESS, strings.size() + 1L);
      for (var i = 0; i < strings.size(); i++) {
        array.setAtIndex(ADDRESS, i, arena.allocateFrom(strings.get(i)));
      }
      return array;
    }

    /** These functions return their error instead of leaving it in errno. */
    private static void checked(String name, Returning call) {
      var error = FfmLibc.call(name, (_, errno) -> call.invoke(errno));
      if (error != 0) {
        throw new NativeCallException(name, (int) error);
      }
    }

    @FunctionalInterface
    private interface Returning {
      long invoke(MemorySegment errno) throws Throwable;
    }
  }
}
