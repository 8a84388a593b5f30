package dev.cloister.core.internal.os;

import dev.cloister.core.NativeCallException;
import java.time.Duration;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What a restricted spawn wants of the system. The first group acts on the calling thread alone and
 * cannot be undone there: only a thread that is thrown away afterwards may call it. Whatever the
 * kernel refuses throws {@link NativeCallException}.
 */
public sealed interface Confining permits LinuxConfining {
  /** What a pipe with any room has room for, by pipe(7): 4 KiB. */
  int ROOM_BYTES = 4096;

  /** Makes every later program of this thread run without setuid or file capabilities. */
  void refuseNewPrivileges();

  /**
   * Gives this thread a user and group of its own, no other groups, and no capability in any set.
   * Needs CAP_SETUID, CAP_SETGID and CAP_SETPCAP.
   *
   * @param user the uid, real, effective and saved
   * @param group the gid, likewise
   */
  void becomeUser(int user, int group);

  /**
   * Moves this thread, and the children it starts from then on, into another network namespace.
   * Needs CAP_SYS_ADMIN.
   *
   * @param path a file that stands for the namespace, as below {@code /run/netns}
   */
  void enterNetwork(String path);

  /**
   * Puts a Landlock ruleset on this thread.
   *
   * @param ruleset from {@link #ruleset}
   */
  void restrict(int ruleset);

  /**
   * Puts a seccomp program on this thread.
   *
   * @param program struct sock_filter[], 8 bytes an instruction
   * @param listening whether a descriptor is wanted that tells of calls
   * @return the descriptor, close-on-exec, when it was wanted
   */
  OptionalInt filter(byte[] program, boolean listening);

  /**
   * Returns the kernel's number of this thread.
   *
   * @return its tid
   */
  int threadId();

  /**
   * Makes ready to start a program in a session of its own, with every signal at its default.
   * Whatever the start needs of this process is loaded here, so that a thread can start it that may
   * open no file any more.
   *
   * @param command the program's path and its arguments
   * @param environment all of it, {@code NAME=value}
   * @param directory where it starts
   * @param streams the descriptors that become its 0, 1 and 2; it gets no other
   * @return what starts it
   */
  Starter prepare(
      List<String> command, List<String> environment, String directory, List<Integer> streams);

  /**
   * Tells whether a user has a process, by asking for the priority of all of that user's.
   *
   * @param user not 0
   * @return whether a process that this one can see has it as its real user
   */
  boolean hasProcesses(int user);

  /**
   * Tells which Landlock the kernel has.
   *
   * @return its ABI, 0 without any
   */
  int landlockVersion();

  /**
   * Makes a Landlock ruleset.
   *
   * @param version of {@link #landlockVersion}, which decides how much of the rest is told
   * @param files the rights on files that are refused but by rule
   * @param network likewise on TCP ports; from version 4
   * @param scopes what stays inside; from version 6
   * @return a descriptor
   */
  int ruleset(int version, long files, long network, long scopes);

  /**
   * Grants rights below a path.
   *
   * @param ruleset to which
   * @param path a file or directory; a symbolic link is followed
   * @param rights for a file, those that make sense on a file
   */
  void allow(int ruleset, String path, long rights);

  /**
   * Lets TCP be connected to a port, of whatever address.
   *
   * @param ruleset to which
   * @param port from 1 to 65535
   */
  void allowConnecting(int ruleset, int port);

  /**
   * Tells whether the kernel can tell of calls.
   *
   * @return whether its notifications have the shape that is known here
   */
  boolean hasListeners();

  /**
   * Asks the kernel to wake who listens, and then who waits for the answer, without a detour over
   * another processor; where it cannot, nothing changes.
   *
   * @param listener from {@link #filter}
   */
  void hurry(int listener);

  /**
   * Takes the next call that waits for an answer. Blocks unless {@link #ready} said otherwise.
   *
   * @param listener from {@link #filter}
   * @return empty when the caller died meanwhile
   */
  Optional<PendingCall> next(int listener);

  /**
   * Answers a call.
   *
   * @param listener from {@link #filter}
   * @param call from {@link #next}
   * @param errno what the caller gets, or 0: it goes on to the kernel
   * @return false when the caller died meanwhile
   */
  boolean answer(int listener, PendingCall call, int errno);

  /**
   * Waits until something can be read from a descriptor, or its other end is gone.
   *
   * @param timeout zero: only looks
   * @param descriptors which
   * @return for each, in order, what was seen; all are quiet after the timeout or a signal
   */
  List<Readiness> ready(Duration timeout, int... descriptors);

  /**
   * Tells whether a pipe takes {@link #ROOM_BYTES} now, without a wait.
   *
   * @param descriptor its writing end
   * @return true, too, when nobody is left at the other end: then a write fails at once
   */
  boolean hasRoom(int descriptor);

  /**
   * Makes a pipe; both ends are close-on-exec.
   *
   * @return the ends
   */
  Pipe pipe();

  /**
   * Sets a limit on another process, soft and hard.
   *
   * @param pid which
   * @param resource RLIMIT_…
   * @param value as setrlimit(2) counts it
   */
  void limit(int pid, int resource, long value);

  /**
   * Tells on which processors the calling thread may run.
   *
   * @return their numbers
   */
  BitSet processors();

  /**
   * Keeps a thread on some processors, and what it starts from now on.
   *
   * @param tid which
   * @param processors their numbers
   * @return false when it is gone
   */
  boolean keepOn(long tid, BitSet processors);

  /**
   * Returns a descriptor of a child that is not reaped yet.
   *
   * @param pid which
   * @return a descriptor, ready when it ends
   */
  int processDescriptor(int pid);

  /**
   * Sends a signal, to no other than the one meant.
   *
   * @param process from {@link #processDescriptor}
   * @param signal its number
   * @return false when it is dead
   */
  boolean signal(int process, int signal);

  /**
   * Reaps a child if it has ended, once.
   *
   * @param pid which
   * @return how it ended; empty while it runs
   */
  Optional<Ending> reap(int pid);

  /**
   * Reads whether the kernel would dump this process.
   *
   * @return 0, 1 or 2
   */
  int dumpable();

  /**
   * Sets it, for all threads.
   *
   * @param value 0 or 1
   */
  void dumpable(int value);

  /**
   * Closes a descriptor.
   *
   * @param descriptor which
   */
  void close(int descriptor);

  /**
   * Kills every process of a child's session that did not leave its process group.
   *
   * @param pid a child from {@link Starter}, not reaped yet
   */
  void killGroup(int pid);

  /** A program that is ready to start. */
  interface Starter extends AutoCloseable {

    /**
     * Starts it, once.
     *
     * @return its pid; the program is running, or this throws
     */
    int start();

    /** Frees what was made ready. To be called once, after the start. */
    @Override
    void close();
  }

  /** What a look at a descriptor shows. */
  enum Readiness {
    /** Nothing. */
    QUIET,
    /** Something to read. */
    READABLE,
    /** Nobody is left at the other end. */
    ENDED
  }

  /**
   * A pipe.
   *
   * @param reading the descriptor to read from
   * @param writing the descriptor to write to
   */
  record Pipe(int reading, int writing) {}

  /**
   * A system call that waits for an answer.
   *
   * @param id the kernel's name for it
   * @param pid of the calling thread
   * @param architecture AUDIT_ARCH_… of the call
   * @param number of the call
   * @param first its first argument
   * @param second its second
   */
  record PendingCall(long id, int pid, int architecture, int number, long first, long second) {}

  /**
   * How a child ended.
   *
   * @param exit its exit value, or 128 + the signal
   * @param cpuMicros what it and its reaped children used of the processors
   * @param peakBytes the most memory that was resident at once, before its exec too, when it was
   *     that of the process which spawned it
   */
  record Ending(int exit, long cpuMicros, long peakBytes) {}
}
