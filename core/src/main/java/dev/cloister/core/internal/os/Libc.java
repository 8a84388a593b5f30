package dev.cloister.core.internal.os;

import dev.cloister.core.NativeCallException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * The calls of the C library that this project makes, each with its own {@code errno}. A call that
 * fails throws {@link NativeCallException}; none returns -1. See the manual pages of the same
 * names, section 2.
 */
interface Libc {

  /** Makes a file whose pages the kernel takes out of its own view of memory; memfd_secret(2). */
  int memfdSecret();

  /** Sets a file's size; ftruncate(2). */
  void ftruncate(int descriptor, long bytes);

  /**
   * Maps a file, shared, readable and writable; mmap(2). Closing the arena makes the segment
   * unusable, and unmaps nothing.
   */
  MemorySegment mapShared(Arena arena, int descriptor, long bytes);

  /** Maps zeroed private pages of no file, otherwise as above; mmap(2). */
  MemorySegment mapAnonymous(Arena arena, long bytes);

  /** Unmaps what one of the two calls above mapped; munmap(2). */
  void unmap(long address, long bytes);

  /** Keeps pages in RAM; mlock(2). */
  void mlock(MemorySegment pages);

  /** Leaves pages out of core files; madvise(2) with MADV_DONTDUMP. */
  void dontDump(MemorySegment pages);

  /** Closes a descriptor; close(2). */
  void close(int descriptor);

  /** Reads the soft limit on the size of a core file, in bytes; getrlimit(2) with RLIMIT_CORE. */
  long coreLimitBytes();

  /** Reads whether the kernel would dump this process: 0, 1 or 2; prctl(2) with PR_GET_DUMPABLE. */
  int dumpable();

  /** Opens a file to read; open(2) with O_RDONLY and O_CLOEXEC. */
  int openToRead(String path);

  /** Reads up to {@code bytes} at an offset into scratch memory, and forgets them; pread(2). */
  long readAt(int descriptor, long offset, int bytes);

  /**
   * Gives every thread a user and a group and no other groups, which raw calls would give to one
   * alone; setgroups(2), setresgid(2), setresuid(2), "C library/kernel differences".
   */
  void becomeUser(int user, int group);

  /**
   * Makes a raw system call, for what the C library has no function for, or one that would do more
   * than the call: it hands changed credentials to every thread; syscall(2).
   *
   * @param name for the error
   * @param number on this architecture
   * @param arguments up to six; addresses as numbers
   */
  long systemCall(String name, long number, long... arguments);

  /**
   * Makes ready to start a program in a session of its own, with every signal at its default;
   * posix_spawn(3).
   */
  Confining.Starter prepare(Command command);

  /**
   * What to start.
   *
   * @param arguments the program's path first
   * @param environment all of it, {@code NAME=value}
   * @param directory where it starts
   * @param streams the descriptors that become its 0, 1 and 2; it gets no other
   */
  record Command(
      List<String> arguments, List<String> environment, String directory, List<Integer> streams) {}
}
