package dev.cloister.sandbox.confine;

import dev.cloister.core.internal.os.FilterProgram;
import dev.cloister.core.internal.os.SystemCalls;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Makes the seccomp program of a {@link SystemCallFilter}: a binary search over the call's number,
 * then, where a call is allowed with some arguments only, a look at those.
 */
final class FilterCompiler {
  private static final int CLONE_THREAD = 0x10000;
  private static final int CLONE_VM_SIGHAND_THREAD = 0x100 | 0x800 | CLONE_THREAD;

  /** CLONE_NEW*, and CLONE_PARENT, by which a child would be the Java process's. */
  private static final int CLONE_NAMESPACES_OR_PARENT = 0x7e020000 | 0x8000;

  private static final int AF_UNIX = 1;
  private static final int AF_INET = 2;
  private static final int AF_INET6 = 10;
  private static final int IPPROTO_TCP = 6;
  private static final int SOL_SOCKET = 1;

  /** SO_REUSEADDR, SO_ERROR, SO_SNDBUF, SO_RCVBUF, SO_KEEPALIVE, SO_LINGER, SO_RCV-, SNDTIMEO. */
  private static final List<Integer> SOCKET_OPTIONS = List.of(2, 4, 7, 8, 9, 13, 20, 21);

  /** TCP_NODELAY, TCP_KEEPIDLE, TCP_KEEPINTVL, TCP_KEEPCNT, TCP_USER_TIMEOUT. */
  private static final List<Integer> TCP_OPTIONS = List.of(1, 4, 5, 6, 18);

  private static final int SOCKET_TYPE_MASK = 0xf;
  private static final int SOCK_STREAM = 1;

  /** TCGETS, TIOCGWINSZ, FIONREAD, FIONBIO, FIONCLEX, FIOCLEX. */
  private static final List<Integer> IOCTLS =
      List.of(0x5401, 0x5413, 0x541b, 0x5421, 0x5450, 0x5451);

  /**
   * F_DUPFD, F_GETFD, F_SETFD, F_GETFL, F_SETFL, F_GETLK, F_SETLK, F_SETLKW, F_OFD_*,
   * F_DUPFD_CLOEXEC, F_GETPIPE_SZ. Not F_SETOWN and F_SETSIG, which send signals, nor F_SETPIPE_SZ,
   * which takes the kernel's memory.
   */
  private static final List<Integer> FCNTLS =
      List.of(0, 1, 2, 3, 4, 5, 6, 7, 36, 37, 38, 1030, 1032);

  /**
   * PR_GET_PDEATHSIG, PR_GET_DUMPABLE, PR_SET_NAME, PR_GET_NAME, PR_GET_SECCOMP, PR_CAPBSET_READ,
   * PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS, PR_GET_NO_NEW_PRIVS, PR_SET_VMA.
   */
  private static final List<Integer> PRCTLS = List.of(2, 3, 15, 16, 21, 23, 24, 38, 39, 0x53564d41);

  private static final int PR_SET_PDEATHSIG = 1;
  private static final int SIGKILL = 9;
  private static final int PERSONALITY_QUERY = -1;

  private final SystemCallFilter filter;
  private final SystemCalls calls;
  private final Launch launch;
  private final boolean listening;
  private final FilterProgram allow = FilterProgram.answer(FilterProgram.ALLOW);
  private final FilterProgram deny;

  FilterCompiler(SystemCallFilter filter, SystemCalls calls, Launch launch, boolean listening) {
    this.filter = filter;
    this.calls = calls;
    this.launch = launch;
    this.listening = listening;
    this.deny = FilterProgram.answer(listening ? FilterProgram.TELL_LISTENER : FilterProgram.EPERM);
  }

  FilterProgram compile() {
    var verdicts = new TreeMap<Integer, FilterProgram>();
    filter.allowed().forEach(name -> put(verdicts, name, rule(name)));
    launch.always().forEach(name -> put(verdicts, name, allow));
    SystemCallFilter.OF_THE_SPAWNER.forEach(name -> put(verdicts, name, allow));
    if (!listening) {
      launch.untilSealed().forEach(name -> put(verdicts, name, allow));
    }
    // The C library then falls back to clone, whose flags can be seen.
    put(verdicts, "clone3", FilterProgram.answer(FilterProgram.ENOSYS));
    return FilterProgram.byNumber(calls.architecture(), verdicts, deny);
  }

  private void put(Map<Integer, FilterProgram> verdicts, String name, FilterProgram piece) {
    calls.number(name).ifPresent(number -> verdicts.put(number, piece));
  }

  private FilterProgram rule(String name) {
    return switch (name) {
      case "clone" -> FilterProgram.withArgument(0, cloning());
      case "fork", "vfork" -> filter.forks() ? allow : deny;
      case "socket" -> FilterProgram.withArgument(0, opening());
      case "setsockopt" -> FilterProgram.withArgument(1, setting());
      case "socketpair" -> FilterProgram.withArgument(0, pairing());
      case "ioctl" -> FilterProgram.withArgument(1, only(IOCTLS));
      case "fcntl" -> FilterProgram.withArgument(1, only(FCNTLS));
      case "prctl" -> FilterProgram.withArgument(0, controlling());
      case "personality" -> FilterProgram.withArgument(0, only(List.of(PERSONALITY_QUERY)));
      case "prlimit64" -> FilterProgram.withArgument(0, only(List.of(0)));
      default -> allow;
    };
  }

  private FilterProgram cloning() {
    var process = filter.forks() ? allow : deny;
    return FilterProgram.whenAnyBit(
        CLONE_NAMESPACES_OR_PARENT,
        deny,
        FilterProgram.masked(
            CLONE_VM_SIGHAND_THREAD,
            FilterProgram.whenEqual(CLONE_VM_SIGHAND_THREAD, allow, process)));
  }

  private FilterProgram opening() {
    var otherwise = filter.sockets().unix() ? only(List.of(AF_UNIX)) : deny;
    if (!filter.sockets().tcp()) {
      return otherwise;
    }
    var tcp =
        FilterProgram.withArgument(
            1,
            FilterProgram.masked(
                SOCKET_TYPE_MASK,
                FilterProgram.whenEqual(
                    SOCK_STREAM,
                    FilterProgram.withArgument(2, only(List.of(0, IPPROTO_TCP))),
                    deny)));
    return FilterProgram.whenEqual(AF_INET, tcp, FilterProgram.whenEqual(AF_INET6, tcp, otherwise));
  }

  private FilterProgram setting() {
    return FilterProgram.whenEqual(
        SOL_SOCKET,
        FilterProgram.withArgument(2, only(SOCKET_OPTIONS)),
        FilterProgram.whenEqual(
            IPPROTO_TCP, FilterProgram.withArgument(2, only(TCP_OPTIONS)), deny));
  }

  /** A pair of datagram sockets could send to any other socket by its path. */
  private FilterProgram pairing() {
    return FilterProgram.whenEqual(
        AF_UNIX,
        FilterProgram.withArgument(
            1, FilterProgram.masked(SOCKET_TYPE_MASK, only(List.of(SOCK_STREAM)))),
        deny);
  }

  /** That the guest dies with its parent can be asked for, and not be taken back. */
  private FilterProgram controlling() {
    var dying = FilterProgram.withArgument(1, only(List.of(SIGKILL)));
    return FilterProgram.whenEqual(
        PR_SET_PDEATHSIG, launch == Launch.BUBBLEWRAP && listening ? deny : dying, only(PRCTLS));
  }

  private FilterProgram only(List<Integer> values) {
    var piece = deny;
    for (var value : values.reversed()) {
      piece = FilterProgram.whenEqual(value, allow, piece);
    }
    return piece;
  }
}
