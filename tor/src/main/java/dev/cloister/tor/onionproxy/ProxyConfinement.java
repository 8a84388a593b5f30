package dev.cloister.tor.onionproxy;

import dev.cloister.sandbox.confine.FileRules;
import dev.cloister.sandbox.confine.FileRules.Access;
import dev.cloister.sandbox.confine.SystemCallFilter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * What a client's tor needs of the system, as it was traced from its start over its bootstrap to
 * streams: tor 0.4.9 of Debian 12, with glibc 2.36, OpenSSL 3.0 and libevent 2.1; and the calls of
 * the same kind that others use instead.
 */
final class ProxyConfinement {
  /** Tor starts with no fewer than 1000 (tor(1), ConnLimit). */
  static final int OPEN_FILES = 1024;

  private static final List<Path> PROGRAMS =
      List.of(Path.of("/lib"), Path.of("/lib64"), Path.of("/usr/lib"));

  private static final List<Path> READ =
      List.of(
          Path.of("/etc/ld.so.cache"),
          Path.of("/etc/localtime"),
          Path.of("/etc/ssl/openssl.cnf"),
          Path.of("/proc/meminfo"),
          Path.of("/sys/devices/system/cpu"),
          Path.of("/usr/share/zoneinfo"));

  private static final List<Path> DEVICES = List.of(Path.of("/dev/null"), Path.of("/dev/urandom"));

  /** No program, no process but threads, no datagram; a signal reaches its own user's alone. */
  private static final String SYSTEM_CALLS =
      """
      accept4 access arch_prctl bind brk chmod clock_getres clock_gettime clock_nanosleep clone
      clone3 close connect dup dup2 dup3 epoll_create1 epoll_ctl epoll_pwait epoll_wait eventfd2
      exit exit_group fchmod fcntl fdatasync flock fstat fstatfs fsync ftruncate futex getcwd
      getdents64 getegid geteuid getgid getpeername getpid getppid getrandom getrlimit getrusage
      getsockname getsockopt gettid gettimeofday getuid ioctl kill listen lseek lstat madvise
      membarrier mkdir mkdirat mmap mprotect mremap munmap nanosleep newfstatat open openat pipe
      pipe2 poll ppoll prctl pread64 prlimit64 pselect6 pwrite64 read readlink readlinkat readv
      recvfrom recvmsg rename renameat renameat2 restart_syscall rmdir rseq rt_sigaction
      rt_sigprocmask rt_sigreturn sched_getaffinity sched_yield select sendmsg sendto
      set_robust_list set_tid_address setsockopt shutdown sigaltstack socket socketpair stat
      statfs statx sysinfo time umask uname unlink unlinkat write writev
      """;

  private ProxyConfinement() {}

  static SystemCallFilter systemCalls() {
    return SystemCallFilter.allowing(List.of(SYSTEM_CALLS.strip().split("\\s+", -1)))
        .withInternetAndUnix();
  }

  /**
   * Lists the files that it may open.
   *
   * @param tor its program
   * @param own its directory, with the one in which it listens
   */
  static FileRules files(Path tor, Path own) {
    var rules =
        FileRules.nothing()
            .with(Access.EXECUTE, tor)
            .with(Access.WRITE, own)
            .with(Access.LISTEN, ProxyTorrc.listening(own));
    rules = with(rules, Access.EXECUTE, PROGRAMS);
    rules = with(rules, Access.READ, READ);
    return with(rules, Access.USE, DEVICES);
  }

  private static FileRules with(FileRules rules, Access access, List<Path> paths) {
    var all = rules;
    for (var path : paths) {
      if (Files.exists(path)) {
        all = all.with(access, path);
      }
    }
    return all;
  }
}
