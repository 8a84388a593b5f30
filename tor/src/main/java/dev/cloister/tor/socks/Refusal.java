package dev.cloister.tor.socks;

import java.io.IOException;

/** Why a client gets no stream, and what it is told. */
final class Refusal extends IOException {
  private static final long serialVersionUID = 1L;

  private final SocksCounter cause;
  private final byte[] answer;

  /** With the message that says so; the caller does not change it. */
  Refusal(SocksCounter cause, byte[] answer) {
    super(cause.label());
    this.cause = cause;
    this.answer = answer;
  }

  /** Refuses a request. */
  static Refusal of(SocksCounter cause, SocksCode code) {
    return new Refusal(cause, Negotiation.reply(code.code()));
  }

  SocksCounter cause() {
    return cause;
  }

  byte[] answer() {
    return answer;
  }
}
