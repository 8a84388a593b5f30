package dev.cloister.sandbox.fuse;

import java.io.IOException;

/** A request that this package itself refuses. Without a stack trace: guests make many. */
final class Refused extends IOException {
  private static final long serialVersionUID = 1L;

  /** What the guest gets. */
  private final Errno errno;

  Refused(Errno errno) {
    super(errno.name());
    this.errno = errno;
  }

  Errno errno() {
    return errno;
  }

  @Override
  public synchronized Throwable fillInStackTrace() {
    return this;
  }
}
