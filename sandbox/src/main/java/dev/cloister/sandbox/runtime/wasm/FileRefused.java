package dev.cloister.sandbox.runtime.wasm;

/** A call on files is answered with an error number, and nothing of it was done. */
final class FileRefused extends Exception {
  private static final long serialVersionUID = 1L;

  /** One of {@link Errno}. */
  final int errno;

  FileRefused(int errno) {
    super("errno " + errno, null, false, false);
    this.errno = errno;
  }
}
