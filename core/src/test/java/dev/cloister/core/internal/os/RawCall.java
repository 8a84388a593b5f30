package dev.cloister.core.internal.os;

import dev.cloister.core.NativeCallException;

/** A system call by its number, as code makes it that found its way into a process. */
public final class RawCall {
  private RawCall() {}

  /**
   * Makes it.
   *
   * @param number of the call on this architecture
   * @param arguments up to six
   * @return the name of the errno, or what it returned
   */
  public static String answer(long number, long... arguments) {
    try {
      return Long.toString(new FfmLibc().systemCall("raw", number, arguments));
    } catch (NativeCallException e) {
      return e.errnoName();
    }
  }
}
