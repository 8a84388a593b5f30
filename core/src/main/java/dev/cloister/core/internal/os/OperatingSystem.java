package dev.cloister.core.internal.os;

import dev.cloister.core.NativeCallException;
import java.lang.foreign.MemorySegment;
import java.util.Locale;

/**
 * What the project wants of an operating system, in its own words. Safe for use by many threads.
 *
 * <p>A wish that the system refuses throws {@link NativeCallException} with the call and its errno;
 * on a system without these calls, or without the right to make them, every wish throws {@link
 * UnsupportedHere}, which says why.
 */
public sealed interface OperatingSystem permits Linux, NoNativeCalls {
  /** What is said where no native call may be made. */
  String NO_NATIVE_ACCESS =
      "native access is not granted: start java with"
          + " --enable-native-access=dev.cloister.core (ALL-UNNAMED on the class path)";

  /**
   * Maps pages that the kernel itself cannot read: not by another process, not into a core file,
   * not to swap. The process can still read and copy them.
   *
   * @param bytes how many, rounded up to whole pages
   * @return the pages, zeroed
   */
  Pages secretPages(long bytes);

  /**
   * Maps pages that stay in RAM and out of core files; a privileged process can read them.
   *
   * @param bytes how many, rounded up to whole pages
   * @return the pages, zeroed
   */
  Pages lockedPages(long bytes);

  /**
   * Tries to read memory of this process through {@code /proc/self/mem}, as a debugger would.
   *
   * @param pages what to read
   * @throws NativeCallException with the errno when the kernel refuses
   */
  void readAsADebugger(Pages pages);

  /**
   * Reads the soft limit on core files.
   *
   * @return bytes; {@link Long#MAX_VALUE} when unlimited
   */
  long coreLimitBytes();

  /**
   * Reads whether the kernel would dump this process at all.
   *
   * @return whether it would
   */
  boolean dumpable();

  /**
   * Returns the calls that confine a thread and start a child from it.
   *
   * @return them
   * @throws UnsupportedHere also on an architecture whose system calls are not known
   */
  Confining confining();

  /**
   * Returns the calls that harden this process.
   *
   * @return them
   * @throws UnsupportedHere also on an architecture whose system calls are not known
   */
  Hardening hardening();

  /**
   * Returns the calls that mount and serve a file system.
   *
   * @return them
   * @throws UnsupportedHere also on an architecture whose system calls are not known
   */
  Mounting mounting();

  /**
   * Returns the calls that capture from a network interface.
   *
   * @return them
   * @throws UnsupportedHere also on an architecture whose system calls are not known
   */
  Capturing capturing();

  /** Memory outside the heap, mapped for one owner. */
  interface Pages extends AutoCloseable {

    /**
     * Returns the memory, whole pages long.
     *
     * @return a segment that throws on every access after {@link #close}
     */
    MemorySegment memory();

    /** Zeroes and unmaps the pages; a second call does nothing. */
    @Override
    void close();
  }

  /** Says that a wish cannot even be made here, and why. */
  final class UnsupportedHere extends RuntimeException {
    private static final long serialVersionUID = 1L;

    UnsupportedHere(String reason) {
      super(reason);
    }
  }

  /**
   * Returns the system this process runs on.
   *
   * @return Linux where its calls can be made, else one that refuses every wish
   */
  static OperatingSystem current() {
    if (!System.getProperty("os.name", "").toLowerCase(Locale.ROOT).startsWith("linux")) {
      return new NoNativeCalls("not Linux but " + System.getProperty("os.name"));
    }
    if (!Integer.toString(Long.SIZE).equals(System.getProperty("sun.arch.data.model"))) {
      return new NoNativeCalls("not a 64-bit process");
    }
    if (!OperatingSystem.class.getModule().isNativeAccessEnabled()) {
      return new NoNativeCalls(NO_NATIVE_ACCESS);
    }
    return new Linux(new FfmLibc());
  }
}
