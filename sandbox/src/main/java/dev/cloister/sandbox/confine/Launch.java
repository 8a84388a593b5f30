package dev.cloister.sandbox.confine;

import static java.util.stream.Collectors.toUnmodifiableSet;

import java.util.Set;
import java.util.stream.Stream;

/**
 * What starts the guest, and so which calls it may make until {@link CallSupervisor#seal()}, though
 * the guest's own list lacks them. Afterwards they are refused as any other.
 */
public enum Launch {
  /** The program itself: a new process becomes it, and nothing comes between. */
  DIRECT,

  /**
   * Bubblewrap, which makes namespaces and mounts, becomes their first process, and starts the
   * program. It watches over it to the end, so it may always wait for a child.
   */
  BUBBLEWRAP;

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

  private static final Set<String> NAMESPACES_AND_MOUNTS =
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
          "pwrite64",
          "eventfd2",
          "pipe2",
          "fstatfs",
          "getgroups",
          "inotify_init1",
          "dup3",
          "utimensat");

  /**
   * What is let through without an answer, which takes longer than the call: it gives up
   * descriptors and capabilities, of which a guest has none to gain, changes a directory, or limits
   * processes, of which only those in the guest's own namespace have a number.
   */
  private static final Set<String> HARMLESS =
      Set.of("capget", "capset", "chdir", "close_range", "fchdir", "prlimit64", "wait4", "waitid");

  private static final Set<String> START_OF_BUBBLEWRAP =
      Stream.concat(SPAWN.stream(), NAMESPACES_AND_MOUNTS.stream()).collect(toUnmodifiableSet());

  /** Tells whether a call outside the guest's list goes on to the kernel before the seal. */
  boolean needs(String call) {
    return untilSealed().contains(call);
  }

  /** What goes on to the kernel unseen as long as the guest lives. */
  Set<String> always() {
    return switch (this) {
      case DIRECT -> Set.of();
      case BUBBLEWRAP -> HARMLESS;
    };
  }

  /** All that goes on to the kernel before the seal. */
  Set<String> untilSealed() {
    return switch (this) {
      case DIRECT -> SPAWN;
      case BUBBLEWRAP -> START_OF_BUBBLEWRAP;
    };
  }
}
