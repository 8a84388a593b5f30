package dev.cloister.core.internal.os;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.cloister.core.NativeCallException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;

/** Raw calls where one acts on the process, the C library's where it has to visit each thread. */
final class LinuxHardening implements Hardening {
  private static final int PR_SET_DUMPABLE = 4;
  private static final int NOT_DUMPED = 0;
  private static final int DUMPED = 1;
  private static final int RLIMIT_CORE = 4;

  /** SECCOMP_FILTER_FLAG_TSYNC: every thread; else ESRCH, and none, by _TSYNC_ESRCH. */
  private static final int TSYNC = 1 | 1 << 4;

  private static final String ALLOWED = "allowed";

  private final Kernel kernel;

  LinuxHardening(Kernel kernel) {
    this.kernel = kernel;
  }

  @Override
  public int user() {
    return (int) kernel.call("geteuid", SystemCall.GETEUID);
  }

  @Override
  public void becomeUser(int user, int group) {
    kernel.libc().becomeUser(user, group);
  }

  @Override
  public void refuseDumps() {
    try (var arena = Arena.ofConfined()) {
      var none = arena.allocate(16, 8);
      kernel.call("prlimit", SystemCall.PRLIMIT64, 0, RLIMIT_CORE, none.address(), 0);
    }
    kernel.call("prctl(PR_SET_DUMPABLE)", SystemCall.PRCTL, PR_SET_DUMPABLE, NOT_DUMPED);
  }

  @Override
  public void filterEveryThread(byte[] program) {
    new Seccomp(kernel).install(program, TSYNC);
  }

  @Override
  public <T> T withFileRightsOf(int user, int group, Supplier<T> work) {
    var dumpable = kernel.libc().dumpable();
    // These answer with what was before.
    var groupBefore = kernel.call("setfsgid", SystemCall.SETFSGID, group);
    var userBefore = kernel.call("setfsuid", SystemCall.SETFSUID, user);
    try {
      return work.get();
    } finally {
      kernel.call("setfsuid", SystemCall.SETFSUID, userBefore);
      kernel.call("setfsgid", SystemCall.SETFSGID, groupBefore);
      if (dumpable == DUMPED) {
        // Whoever changes its user is not dumped any more, until it says so; prctl(2).
        kernel.call("prctl(PR_SET_DUMPABLE)", SystemCall.PRCTL, PR_SET_DUMPABLE, DUMPED);
      }
    }
  }

  @Override
  public String attempt(String call, long... arguments) {
    var number = calls().number(call);
    if (number.isEmpty()) {
      return "ENOSYS";
    }
    return refusal(() -> kernel.libc().systemCall(call, number.getAsInt(), arguments));
  }

  @Override
  public String attemptToRead(Path file) {
    return refusal(() -> kernel.libc().close(kernel.libc().openToRead(file.toString())));
  }

  private static String refusal(Runnable act) {
    try {
      act.run();
      return ALLOWED;
    } catch (NativeCallException e) {
      return e.errnoName();
    }
  }

  @Override
  public void become(String program, List<String> arguments, List<String> environment) {
    try (var arena = Arena.ofConfined()) {
      kernel.call(
          "execve",
          SystemCall.EXECVE,
          arena.allocateFrom(program, ISO_8859_1).address(),
          strings(arena, arguments).address(),
          strings(arena, environment).address());
    }
  }

  private static MemorySegment strings(Arena arena, List<String> strings) {
    var array = arena.allocate(ADDRESS, strings.size() + 1L);
    for (var i = 0; i < strings.size(); i++) {
      array.setAtIndex(ADDRESS, i, arena.allocateFrom(strings.get(i), ISO_8859_1));
    }
    return array;
  }

  @Override
  public SystemCalls calls() {
    return SystemCalls.of(kernel.architecture());
  }
}
