package dev.cloister.core.internal.os;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import dev.cloister.core.NativeCallException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** Raw system calls and their structures, as the kernel's headers lay them out on 64 bit. */
final class LinuxConfining implements Confining {
  private static final int ENOENT = 2;
  private static final int ESRCH = 3;
  private static final int EINTR = 4;
  private static final int EINVAL = 22;

  private static final int PR_GET_DUMPABLE = 3;
  private static final int PR_SET_DUMPABLE = 4;
  private static final int PR_CAPBSET_DROP = 24;
  private static final int PR_SET_NO_NEW_PRIVS = 38;
  private static final int PR_CAP_AMBIENT = 47;
  private static final int PR_CAP_AMBIENT_CLEAR_ALL = 4;
  private static final int CAPABILITY_VERSION_3 = 0x20080522;
  private static final int MOST_CAPABILITIES = 64;

  private static final int LANDLOCK_CREATE_RULESET_VERSION = 1;
  private static final int LANDLOCK_RULE_PATH_BENEATH = 1;
  private static final int LANDLOCK_RULE_NET_PORT = 2;
  private static final int LANDLOCK_ACCESS_NET_CONNECT_TCP = 2;
  private static final int AT_FDCWD = -100;
  private static final int O_PATH_CLOEXEC = 0x200000 | 0x80000;
  private static final int O_CLOEXEC = 0x80000;
  private static final int CLONE_NEWNET = 0x40000000;

  private static final int SECCOMP_GET_NOTIF_SIZES = 3;
  private static final int SECCOMP_FILTER_FLAG_NEW_LISTENER = 8;
  private static final int SECCOMP_USER_NOTIF_FLAG_CONTINUE = 1;
  private static final int NOTIFICATION_BYTES = 80;
  private static final int ANSWER_BYTES = 24;
  private static final int DATA_BYTES = 64;

  /** _IOWR('!', 0, struct seccomp_notif) and _IOWR('!', 1, struct seccomp_notif_resp). */
  private static final long SECCOMP_IOCTL_NOTIF_RECV = 0xC0502100L;

  private static final long SECCOMP_IOCTL_NOTIF_SEND = 0xC0182101L;

  /** _IOW('!', 4, __u64). */
  private static final long SECCOMP_IOCTL_NOTIF_SET_FLAGS = 0x40082104L;

  private static final int SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP = 1;

  private static final int PRIO_USER = 2;
  private static final short POLLIN = 1;
  private static final short POLLOUT = 4;
  private static final int SIGKILL = 9;
  private static final int WNOHANG = 1;
  private static final int RUSAGE_BYTES = 144;

  /** For as many processors as the kernel can be built for. */
  private static final int PROCESSOR_MASK_BYTES = 1024;

  private final Kernel kernel;
  private final Seccomp seccomp;

  LinuxConfining(Kernel kernel) {
    this.kernel = kernel;
    this.seccomp = new Seccomp(kernel);
  }

  @Override
  public void refuseNewPrivileges() {
    kernel.call("prctl(PR_SET_NO_NEW_PRIVS)", SystemCall.PRCTL, PR_SET_NO_NEW_PRIVS, 1);
  }

  @Override
  public void becomeUser(int user, int group) {
    dropBoundingCapabilities();
    kernel.call(
        "prctl(PR_CAP_AMBIENT)", SystemCall.PRCTL, PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0);
    kernel.call("setgroups", SystemCall.SETGROUPS, 0, 0);
    kernel.call("setresgid", SystemCall.SETRESGID, group, group, group);
    kernel.call("setresuid", SystemCall.SETRESUID, user, user, user);
    try (var arena = Arena.ofConfined()) {
      var header = arena.allocate(8, 8);
      header.set(JAVA_INT, 0, CAPABILITY_VERSION_3);
      // The uid took permitted and effective with it; inheritable ones stay until this.
      kernel.call("capset", SystemCall.CAPSET, header.address(), arena.allocate(24, 8).address());
    }
  }

  private void dropBoundingCapabilities() {
    for (var capability = 0; capability < MOST_CAPABILITIES; capability++) {
      try {
        kernel.call("prctl(PR_CAPBSET_DROP)", SystemCall.PRCTL, PR_CAPBSET_DROP, capability);
      } catch (NativeCallException e) {
        if (e.errno() == EINVAL && capability > 0) {
          return; // The kernel has no more.
        }
        throw e;
      }
    }
  }

  @Override
  public void enterNetwork(String path) {
    var namespace = kernel.libc().openToRead(path);
    try {
      kernel.call("setns", SystemCall.SETNS, namespace, CLONE_NEWNET);
    } finally {
      kernel.libc().close(namespace);
    }
  }

  @Override
  public void restrict(int ruleset) {
    kernel.call("landlock_restrict_self", SystemCall.LANDLOCK_RESTRICT_SELF, ruleset, 0);
  }

  @Override
  public OptionalInt filter(byte[] program, boolean listening) {
    var flags = listening ? SECCOMP_FILTER_FLAG_NEW_LISTENER : 0;
    var result = seccomp.install(program, flags);
    return listening ? OptionalInt.of((int) result) : OptionalInt.empty();
  }

  @Override
  public int threadId() {
    return (int) kernel.call("gettid", SystemCall.GETTID);
  }

  @Override
  public Starter prepare(
      List<String> command, List<String> environment, String directory, List<Integer> streams) {
    return kernel.libc().prepare(new Libc.Command(command, environment, directory, streams));
  }

  @Override
  public boolean hasProcesses(int user) {
    return reaches(
        ESRCH, () -> kernel.call("getpriority", SystemCall.GETPRIORITY, PRIO_USER, user));
  }

  /** Makes a call; false when it fails so, which says that who it is for is not there. */
  private static boolean reaches(int notThere, Runnable call) {
    try {
      call.run();
      return true;
    } catch (NativeCallException e) {
      if (e.errno() == notThere) {
        return false;
      }
      throw e;
    }
  }

  @Override
  public int landlockVersion() {
    try {
      return (int)
          kernel.call(
              "landlock_create_ruleset",
              SystemCall.LANDLOCK_CREATE_RULESET,
              0,
              0,
              LANDLOCK_CREATE_RULESET_VERSION);
    } catch (NativeCallException _) {
      return 0; // ENOSYS: not built in; EOPNOTSUPP: not switched on.
    }
  }

  @Override
  public int ruleset(int version, long files, long network, long scopes) {
    try (var arena = Arena.ofConfined()) {
      var attributes = arena.allocate(24, 8);
      attributes.set(JAVA_LONG, 0, files);
      attributes.set(JAVA_LONG, 8, network);
      attributes.set(JAVA_LONG, 16, scopes);
      return (int)
          kernel.call(
              "landlock_create_ruleset",
              SystemCall.LANDLOCK_CREATE_RULESET,
              attributes.address(),
              version >= 6 ? 24 : version >= 4 ? 16 : 8,
              0);
    }
  }

  @Override
  public void allow(int ruleset, String path, long rights) {
    try (var arena = Arena.ofConfined()) {
      var parent =
          (int)
              kernel.call(
                  "open",
                  SystemCall.OPENAT,
                  AT_FDCWD,
                  arena.allocateFrom(path).address(),
                  O_PATH_CLOEXEC);
      try {
        var rule = arena.allocate(12, 8);
        rule.set(JAVA_LONG_UNALIGNED, 0, rights);
        rule.set(JAVA_INT_UNALIGNED, 8, parent);
        kernel.call(
            "landlock_add_rule",
            SystemCall.LANDLOCK_ADD_RULE,
            ruleset,
            LANDLOCK_RULE_PATH_BENEATH,
            rule.address(),
            0);
      } finally {
        kernel.libc().close(parent);
      }
    }
  }

  @Override
  public void allowConnecting(int ruleset, int port) {
    try (var arena = Arena.ofConfined()) {
      var rule = arena.allocate(16, 8);
      rule.set(JAVA_LONG, 0, LANDLOCK_ACCESS_NET_CONNECT_TCP);
      rule.set(JAVA_LONG, 8, port);
      kernel.call(
          "landlock_add_rule",
          SystemCall.LANDLOCK_ADD_RULE,
          ruleset,
          LANDLOCK_RULE_NET_PORT,
          rule.address(),
          0);
    }
  }

  @Override
  public boolean hasListeners() {
    try (var arena = Arena.ofConfined()) {
      var sizes = arena.allocate(8, 8);
      kernel.call("seccomp", SystemCall.SECCOMP, SECCOMP_GET_NOTIF_SIZES, 0, sizes.address());
      return sizes.get(JAVA_SHORT, 0) == NOTIFICATION_BYTES
          && sizes.get(JAVA_SHORT, 2) == ANSWER_BYTES
          && sizes.get(JAVA_SHORT, 4) == DATA_BYTES;
    } catch (NativeCallException _) {
      return false;
    }
  }

  @Override
  public void hurry(int listener) {
    try {
      kernel.call(
          "ioctl(SECCOMP_IOCTL_NOTIF_SET_FLAGS)",
          SystemCall.IOCTL,
          listener,
          SECCOMP_IOCTL_NOTIF_SET_FLAGS,
          SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP);
    } catch (NativeCallException _) {
      // Before Linux 6.6 there is no such thing: it goes on at the usual pace.
    }
  }

  @Override
  public Optional<PendingCall> next(int listener) {
    try (var arena = Arena.ofConfined()) {
      var notification = arena.allocate(NOTIFICATION_BYTES, 8);
      kernel.call(
          "ioctl(SECCOMP_IOCTL_NOTIF_RECV)",
          SystemCall.IOCTL,
          listener,
          SECCOMP_IOCTL_NOTIF_RECV,
          notification.address());
      return Optional.of(
          new PendingCall(
              notification.get(JAVA_LONG, 0),
              notification.get(JAVA_INT, 8),
              notification.get(JAVA_INT, 20),
              notification.get(JAVA_INT, 16),
              notification.get(JAVA_LONG, 32),
              notification.get(JAVA_LONG, 40)));
    } catch (NativeCallException e) {
      if (e.errno() == ENOENT || e.errno() == EINTR) {
        return Optional.empty();
      }
      throw e;
    }
  }

  @Override
  public boolean answer(int listener, PendingCall call, int errno) {
    try (var arena = Arena.ofConfined()) {
      var answer = arena.allocate(ANSWER_BYTES, 8);
      answer.set(JAVA_LONG, 0, call.id());
      answer.set(JAVA_INT, 16, -errno);
      answer.set(JAVA_INT, 20, errno == 0 ? SECCOMP_USER_NOTIF_FLAG_CONTINUE : 0);
      return reaches(
          ENOENT,
          () ->
              kernel.call(
                  "ioctl(SECCOMP_IOCTL_NOTIF_SEND)",
                  SystemCall.IOCTL,
                  listener,
                  SECCOMP_IOCTL_NOTIF_SEND,
                  answer.address()));
    }
  }

  @Override
  public List<Readiness> ready(Duration timeout, int... descriptors) {
    try (var arena = Arena.ofConfined()) {
      var seen = new ArrayList<Readiness>();
      for (var events : poll(arena, timeout, POLLIN, descriptors)) {
        seen.add(
            (events & POLLIN) != 0
                ? Readiness.READABLE
                : events != 0 ? Readiness.ENDED : Readiness.QUIET);
      }
      return seen;
    }
  }

  @Override
  public boolean hasRoom(int descriptor) {
    try (var arena = Arena.ofConfined()) {
      return poll(arena, Duration.ZERO, POLLOUT, descriptor)[0] != 0;
    }
  }

  /** What the kernel saw of each, in order. */
  private short[] poll(Arena arena, Duration timeout, short wanted, int... descriptors) {
    var polled = arena.allocate(8L * descriptors.length, 8);
    for (var i = 0; i < descriptors.length; i++) {
      polled.set(JAVA_INT, 8L * i, descriptors[i]);
      polled.set(JAVA_SHORT, 8L * i + 4, wanted);
    }
    var time = arena.allocate(16, 8);
    time.set(JAVA_LONG, 0, timeout.toSeconds());
    time.set(JAVA_LONG, 8, timeout.toNanosPart());
    poll(polled, descriptors.length, time);
    var seen = new short[descriptors.length];
    for (var i = 0; i < descriptors.length; i++) {
      seen[i] = polled.get(JAVA_SHORT, 8L * i + 6);
    }
    return seen;
  }

  private void poll(MemorySegment polled, int count, MemorySegment time) {
    try {
      kernel.call("ppoll", SystemCall.PPOLL, polled.address(), count, time.address(), 0, 0);
    } catch (NativeCallException e) {
      if (e.errno() != EINTR) {
        throw e;
      }
    }
  }

  @Override
  public Pipe pipe() {
    try (var arena = Arena.ofConfined()) {
      var ends = arena.allocate(8, 8);
      kernel.call("pipe2", SystemCall.PIPE2, ends.address(), O_CLOEXEC);
      return new Pipe(ends.get(JAVA_INT, 0), ends.get(JAVA_INT, 4));
    }
  }

  @Override
  public void limit(int pid, int resource, long value) {
    try (var arena = Arena.ofConfined()) {
      var limits = arena.allocate(16, 8);
      limits.set(JAVA_LONG, 0, value);
      limits.set(JAVA_LONG, 8, value);
      kernel.call("prlimit", SystemCall.PRLIMIT64, pid, resource, limits.address(), 0);
    }
  }

  @Override
  public BitSet processors() {
    try (var arena = Arena.ofConfined()) {
      var mask = arena.allocate(PROCESSOR_MASK_BYTES, 8);
      var bytes =
          kernel.call(
              "sched_getaffinity",
              SystemCall.SCHED_GETAFFINITY,
              0,
              PROCESSOR_MASK_BYTES,
              mask.address());
      return BitSet.valueOf(mask.asSlice(0, bytes).toArray(JAVA_LONG));
    }
  }

  @Override
  public boolean keepOn(long tid, BitSet processors) {
    try (var arena = Arena.ofConfined()) {
      var mask = arena.allocateFrom(JAVA_LONG, processors.toLongArray());
      return reaches(
          ESRCH,
          () ->
              kernel.call(
                  "sched_setaffinity",
                  SystemCall.SCHED_SETAFFINITY,
                  tid,
                  mask.byteSize(),
                  mask.address()));
    }
  }

  @Override
  public int processDescriptor(int pid) {
    return (int) kernel.call("pidfd_open", SystemCall.PIDFD_OPEN, pid, 0);
  }

  @Override
  public boolean signal(int process, int signal) {
    return reaches(
        ESRCH,
        () ->
            kernel.call("pidfd_send_signal", SystemCall.PIDFD_SEND_SIGNAL, process, signal, 0, 0));
  }

  @Override
  public void killGroup(int pid) {
    var _ = reaches(ESRCH, () -> kernel.call("kill", SystemCall.KILL, -pid, SIGKILL));
  }

  @Override
  public Optional<Ending> reap(int pid) {
    try (var arena = Arena.ofConfined()) {
      var status = arena.allocate(8, 8);
      var usage = arena.allocate(RUSAGE_BYTES, 8);
      var reaped =
          kernel.call("wait4", SystemCall.WAIT4, pid, status.address(), WNOHANG, usage.address());
      if (reaped == 0) {
        return Optional.empty();
      }
      var cpuMicros =
          (usage.get(JAVA_LONG, 0) + usage.get(JAVA_LONG, 16)) * 1_000_000
              + usage.get(JAVA_LONG, 8)
              + usage.get(JAVA_LONG, 24);
      return Optional.of(
          new Ending(exit(status.get(JAVA_INT, 0)), cpuMicros, usage.get(JAVA_LONG, 32) * 1024));
    }
  }

  /** As a shell, and the JDK, count it. */
  private static int exit(int status) {
    var signal = status & 0x7f;
    return signal == 0 ? (status >> 8) & 0xff : 128 + signal;
  }

  @Override
  public int dumpable() {
    return (int) kernel.call("prctl(PR_GET_DUMPABLE)", SystemCall.PRCTL, PR_GET_DUMPABLE);
  }

  @Override
  public void dumpable(int value) {
    kernel.call("prctl(PR_SET_DUMPABLE)", SystemCall.PRCTL, PR_SET_DUMPABLE, value);
  }

  @Override
  public void close(int descriptor) {
    kernel.libc().close(descriptor);
  }
}
