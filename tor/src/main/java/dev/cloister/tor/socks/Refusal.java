package dev.cloister.tor.socks;

import java.io.IOException;

/** A client is not served, for a cause that is counted; it was told what it is to know. */
final class Refusal extends IOException {
  private static final long serialVersionUID = 1L;

  private final SocksCounter cause;

  Refusal(SocksCounter cause) {
    super(cause.label());
    this.cause = cause;
  }

  SocksCounter cause() {
    return cause;
  }
}
