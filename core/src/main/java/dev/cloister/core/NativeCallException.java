package dev.cloister.core;

import java.util.Map;

/** The operating system refused a call. */
public final class NativeCallException extends CloisterException {
  private static final long serialVersionUID = 1L;

  /** The names of the numbers that the calls of this project meet; errno(3). */
  private static final Map<Integer, String> NAMES =
      Map.ofEntries(
          Map.entry(1, "EPERM"),
          Map.entry(2, "ENOENT"),
          Map.entry(5, "EIO"),
          Map.entry(9, "EBADF"),
          Map.entry(11, "EAGAIN"),
          Map.entry(12, "ENOMEM"),
          Map.entry(13, "EACCES"),
          Map.entry(14, "EFAULT"),
          Map.entry(16, "EBUSY"),
          Map.entry(19, "ENODEV"),
          Map.entry(20, "ENOTDIR"),
          Map.entry(22, "EINVAL"),
          Map.entry(24, "EMFILE"),
          Map.entry(28, "ENOSPC"),
          Map.entry(38, "ENOSYS"),
          Map.entry(103, "ECONNABORTED"));

  /** The call that failed. */
  private final String call;

  /** Why it failed. */
  private final int errno;

  /**
   * Says which call failed, and with what.
   *
   * @param call the call's name, as in its manual page
   * @param errno the number it left
   */
  public NativeCallException(String call, int errno) {
    super(call + " failed: " + name(errno));
    this.call = call;
    this.errno = errno;
  }

  /**
   * Returns the call.
   *
   * @return its name, as in its manual page
   */
  public String call() {
    return call;
  }

  /**
   * Returns the error number.
   *
   * @return errno, positive
   */
  public int errno() {
    return errno;
  }

  /**
   * Returns the error's symbol.
   *
   * @return such as {@code EPERM}, or {@code errno 95} for one not met before
   */
  public String errnoName() {
    return name(errno);
  }

  private static String name(int errno) {
    return NAMES.getOrDefault(errno, "errno " + errno);
  }
}
