package dev.cloister.core.internal.os;

/** The raw system calls made here, with their numbers in each {@link Architecture}. */
enum SystemCall {
  BIND(49, 200),
  CAPSET(126, 91),
  EXECVE(59, 221),
  GETEUID(107, 175),
  GETPRIORITY(140, 141),
  GETSOCKOPT(55, 209),
  GETTID(186, 178),
  IOCTL(16, 29),
  KILL(62, 129),
  LANDLOCK_ADD_RULE(445, 445),
  LANDLOCK_CREATE_RULESET(444, 444),
  LANDLOCK_RESTRICT_SELF(446, 446),
  MOUNT(165, 40),
  OPENAT(257, 56),
  PIDFD_OPEN(434, 434),
  PIDFD_SEND_SIGNAL(424, 424),
  PIPE2(293, 59),
  PPOLL(271, 73),
  PRCTL(157, 167),
  PRLIMIT64(302, 261),
  READ(0, 63),
  SCHED_GETAFFINITY(204, 123),
  SCHED_SETAFFINITY(203, 122),
  SECCOMP(317, 277),
  SETFSGID(123, 152),
  SETFSUID(122, 151),
  SETGROUPS(116, 159),
  SETNS(308, 268),
  SETRESGID(119, 149),
  SETRESUID(117, 147),
  SETSOCKOPT(54, 208),
  SOCKET(41, 198),
  UMOUNT2(166, 39),
  WAIT4(61, 260),
  WRITE(1, 64);

  private final int x86;
  private final int generic;

  SystemCall(int x86, int generic) {
    this.x86 = x86;
    this.generic = generic;
  }

  int number(Architecture architecture) {
    return switch (architecture) {
      case X86_64 -> x86;
      case AARCH64 -> generic;
    };
  }
}
