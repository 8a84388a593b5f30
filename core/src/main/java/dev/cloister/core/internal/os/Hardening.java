package dev.cloister.core.internal.os;

import dev.cloister.core.NativeCallException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;

/**
 * What hardens a whole process, each step for all of its threads and for good. Whatever the kernel
 * refuses throws {@link NativeCallException}.
 */
public sealed interface Hardening permits LinuxHardening {

  /**
   * Tells who this thread is.
   *
   * @return the effective uid
   */
  int user();

  /**
   * Gives every thread a user and group, real, effective and saved, and no other groups; from uid 0
   * every capability in use goes with it. Needs CAP_SETUID and CAP_SETGID.
   *
   * @param user the uid
   * @param group the gid
   */
  void becomeUser(int user, int group);

  /**
   * Makes the process one that is not dumped, and whose files below {@code /proc} are root's. To be
   * called after {@link #becomeUser}, which the kernel answers by setting this anew.
   */
  void refuseDumps();

  /**
   * Puts a seccomp program on every thread, and with it this thread's refusal of new privileges.
   *
   * @param program struct sock_filter[], 8 bytes an instruction
   */
  void filterEveryThread(byte[] program);

  /**
   * Opens files as another user would, on this thread alone, and takes that back.
   *
   * @param user whose rights
   * @param group its group
   * @param work makes no thread and loads no class that it could not load then
   * @param <T> what it returns
   * @return what it returned
   */
  <T> T withFileRightsOf(int user, int group, Supplier<T> work);

  /**
   * Makes a system call that is expected to be refused.
   *
   * @param call its name, as in syscalls(2)
   * @param arguments with which it does nothing even where it is allowed
   * @return the name of the errno, or {@code allowed}
   */
  String attempt(String call, long... arguments);

  /**
   * Opens a file to read, which is expected to be refused, and closes it.
   *
   * @param file which
   * @return the name of the errno, or {@code allowed}
   */
  String attemptToRead(Path file);

  /**
   * Becomes another program, in this process and with the restrictions of this thread; every other
   * thread ends. Text is bytes, a character each.
   *
   * @param program its path
   * @param arguments its name first
   * @param environment all of it, {@code NAME=value}
   */
  void become(String program, List<String> arguments, List<String> environment);

  /**
   * Returns the table of the calls of this architecture.
   *
   * @return names and numbers
   */
  SystemCalls calls();
}
