package dev.cloister.sandbox.confine;

import java.util.Set;

/**
 * What starts the guest, and so which calls it may make until {@link CallSupervisor#seal()}, though
 * the guest's own list lacks them. Afterwards they are refused as any other.
 */
public enum Launch {
  /** The program itself: a new process becomes it, and nothing comes between. */
  DIRECT(Set.of(), Set.of()),

  /**
   * Bubblewrap, which makes namespaces and mounts, becomes their first process, and starts the
   * program. It watches over it to the end, so it may always wait for a child.
   */
  BUBBLEWRAP(
      Set.of(
          "bind",
          "capget",
          "capset",
          "chmod",
          "chown",
          "creat",
          "fchdir",
          "fchmod",
          "fchown",
          "link",
          "mknod",
          "mknodat",
          "mount",
          "mount_setattr",
          "move_mount",
          "open_tree",
          "pivot_root",
          "chroot",
          "prctl",
          "recvfrom",
          "recvmsg",
          "seccomp",
          "sendmsg",
          "sendto",
          "setfsuid",
          "setfsgid",
          "setgid",
          "setgroups",
          "sethostname",
          "setns",
          "setresgid",
          "setresuid",
          "setreuid",
          "setregid",
          "setuid",
          "signalfd4",
          "socket",
          "symlink",
          "symlinkat",
          "umount2",
          "unshare",
          "mkdir",
          "mkdirat",
          "unlink",
          "rmdir",
          "statfs",
          "ioctl",
          "fcntl",
          "kill",
          "prlimit64",
          "pwrite64",
          "eventfd2",
          "pipe2",
          "fstatfs",
          "getgroups",
          "inotify_init1",
          "dup3",
          "utimensat"),
      Set.of("wait4", "waitid"));

  /** What posix_spawn(3) does between the new process and its program, and a program's start. */
  private static final Set<String> SPAWN =
      Set.of(
          "chdir",
          "clone",
          "close_range",
          "dup2",
          "dup3",
          "execve",
          "fcntl",
          "prlimit64",
          "setsid",
          "vfork");

  private final Set<String> untilSealed;
  private final Set<String> always;

  Launch(Set<String> untilSealed, Set<String> always) {
    this.untilSealed = untilSealed;
    this.always = always;
  }

  /** Tells whether a call outside the guest's list goes on to the kernel before the seal. */
  boolean needs(String call) {
    return SPAWN.contains(call) || untilSealed.contains(call);
  }

  /** What the starting program needs as long as the guest lives. */
  Set<String> always() {
    return always;
  }

  /** All that goes on to the kernel before the seal. */
  Set<String> untilSealed() {
    var all = new java.util.TreeSet<>(SPAWN);
    all.addAll(untilSealed);
    return all;
  }
}
