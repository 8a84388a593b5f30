package dev.cloister.core.internal.os;

/**
 * The kernel's calls by their names in the table of one architecture, made through the C library.
 * Immutable.
 *
 * @param libc makes them
 * @param architecture has their numbers
 */
record Kernel(Libc libc, Architecture architecture) {

  /**
   * Makes a call.
   *
   * @param name for the error
   * @param call which
   * @param arguments up to six; addresses as numbers
   * @return what it returns, never -1
   */
  long call(String name, SystemCall call, long... arguments) {
    return libc.systemCall(name, call.number(architecture), arguments);
  }
}
