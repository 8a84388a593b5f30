package dev.cloister.sandbox.confine;

import dev.cloister.core.PolicyRejected;
import dev.cloister.core.internal.os.Architecture;
import dev.cloister.core.internal.os.SystemCalls;
import java.util.Collection;
import java.util.Set;
import java.util.TreeSet;

/**
 * Lets a guest make the listed system calls and no other, and those with dangerous arguments only
 * with the others: no namespace by clone, no socket but of the Unix family or of TCP, as said, no
 * input typed into a terminal, no limit of another process. What a permitted call reads or writes
 * by pointer it cannot see: files are Landlock's or a mount namespace's work. Immutable. Source:
 * seccomp(2).
 *
 * @param allowed names as in syscalls(2)
 * @param forks whether clone, fork and vfork may make a process, where they are allowed at all
 * @param sockets what a socket is, where it is allowed at all
 */
public record SystemCallFilter(Set<String> allowed, boolean forks, Sockets sockets) {
  /** What kinds of sockets can be made. */
  public enum Sockets {
    /** Those of the Unix family. */
    UNIX(true, false),
    /** Those of TCP, over IPv4 or IPv6. */
    TCP(false, true),
    /** Both. */
    UNIX_AND_TCP(true, true);

    private final boolean unix;
    private final boolean tcp;

    Sockets(boolean unix, boolean tcp) {
      this.unix = unix;
      this.tcp = tcp;
    }

    boolean unix() {
      return unix;
    }

    boolean tcp() {
      return tcp;
    }
  }

  /** The calls that a guest without a network of its own has no use for. */
  public static final Set<String> OF_A_NETWORK = Set.of("connect", "setsockopt", "socket");

  /**
   * What the thread that starts the guest makes itself under the filter, in the Java runtime, until
   * it is gone. Were one of them held there for an answer, the runtime could wait for that thread
   * while whoever answers waits for the runtime. None could do harm to another process.
   */
  static final Set<String> OF_THE_SPAWNER =
      Set.of(
          "clock_gettime",
          "clock_nanosleep",
          "close",
          "exit",
          "exit_group",
          "futex",
          "getpid",
          "gettid",
          "gettimeofday",
          "lseek",
          "madvise",
          "membarrier",
          "mmap",
          "mprotect",
          "mremap",
          "munmap",
          "pread64",
          "read",
          "restart_syscall",
          "rseq",
          "rt_sigaction",
          "rt_sigprocmask",
          "rt_sigreturn",
          "sched_getaffinity",
          "sched_yield",
          "write");

  /**
   * Checks the names.
   *
   * @throws PolicyRejected when one is no system call
   */
  public SystemCallFilter {
    allowed = checked("the image's system calls", allowed);
  }

  /**
   * Allows calls, but no fork.
   *
   * @param calls names as in syscalls(2); one that this architecture lacks is passed over
   * @return a filter
   * @throws PolicyRejected when one is no system call
   */
  public static SystemCallFilter allowing(Collection<String> calls) {
    return new SystemCallFilter(Set.copyOf(calls), false, Sockets.UNIX);
  }

  /**
   * Narrows.
   *
   * @param calls names to take out; those that are not in do no harm
   * @return a filter that allows less
   * @throws PolicyRejected when one is no system call, or one without which nothing starts
   */
  public SystemCallFilter without(Collection<String> calls) {
    var denied = checked("the policy's denied system calls", calls);
    for (var call : denied) {
      if (OF_THE_SPAWNER.contains(call)) {
        throw new PolicyRejected(
            "the policy's denied system calls",
            call + " cannot be denied: no program starts or ends without it; leave it out");
      }
    }
    var rest = new TreeSet<>(allowed);
    rest.removeAll(denied);
    return new SystemCallFilter(rest, forks, sockets);
  }

  /**
   * Lets processes be made by the calls that are allowed for it. Limits of one process are then no
   * limits of the guest, and killing one does not end it: a cgroup or a process namespace must.
   *
   * @return a filter that allows more
   */
  public SystemCallFilter withForks() {
    return new SystemCallFilter(allowed, true, sockets);
  }

  /**
   * Makes every socket one of TCP, over IPv4 or IPv6. Where it leads is not for a filter to see: a
   * network namespace and its rules must decide.
   *
   * @return a filter that allows other sockets
   */
  public SystemCallFilter withInternet() {
    return new SystemCallFilter(allowed, forks, Sockets.TCP);
  }

  /**
   * Makes every socket one of TCP or of the Unix family: for a program of the operator's that
   * serves others, never for a stranger's.
   *
   * @return a filter that allows other sockets
   */
  public SystemCallFilter withInternetAndUnix() {
    return new SystemCallFilter(allowed, forks, Sockets.UNIX_AND_TCP);
  }

  private static Set<String> checked(String where, Collection<String> calls) {
    var table = SystemCalls.of(Architecture.X86_64);
    for (var call : calls) {
      if (!table.isKnown(call)) {
        throw new PolicyRejected(
            where, "\"" + call + "\" is no system call of Linux: take a name of syscalls(2)");
      }
    }
    return Set.copyOf(calls);
  }
}
