package dev.cloister.tor.socks;

import java.io.IOException;
import java.util.Optional;

/**
 * The server's side of a handshake: which destination a client asks for. Used by one thread.
 *
 * <p>Source: RFC 1928 and RFC 1929. What the server is bound to is never told: 0.0.0.0:0, as tor
 * does.
 */
final class Negotiation {
  private static final int REFUSED_LOGIN = 1;

  private final Handshake handshake;
  private final Optional<Isolation> login;

  /**
   * Begins.
   *
   * @param login the one user and password that are let in; empty, and all are
   */
  Negotiation(Handshake handshake, Optional<Isolation> login) {
    this.handshake = handshake;
    this.login = login;
  }

  /**
   * Takes the client's messages up to its request, which is to be answered.
   *
   * @throws Refusal when it is refused, which the client has not been told
   */
  Destination request() throws IOException {
    handshake.expect(Handshake.VERSION, "version");
    var method = method(handshake.takeCounted());
    if (method == Handshake.NO_METHOD) {
      throw new Refusal(
          login.isPresent() ? SocksCounter.NO_LOGIN : SocksCounter.UNSUPPORTED,
          new byte[] {Handshake.VERSION, (byte) method});
    }
    handshake.put(new byte[] {Handshake.VERSION, (byte) method});
    if (method == Handshake.LOGIN) {
      logIn();
    }
    handshake.expect(Handshake.VERSION, "version");
    var command = handshake.take();
    handshake.expect(0, "reserved byte");
    var host = host();
    var port = handshake.takePort();
    if (command != Handshake.CONNECT) {
      throw Refusal.of(SocksCounter.UNSUPPORTED, SocksCode.COMMAND_UNSUPPORTED);
    }
    try {
      return new Destination(host, port);
    } catch (IllegalArgumentException _) {
      throw Refusal.of(SocksCounter.MALFORMED, SocksCode.NOT_ALLOWED);
    }
  }

  /** Without a login of ours, one that the client insists on is taken, and says nothing. */
  private int method(byte[] offered) {
    var plain = false;
    var withLogin = false;
    for (var method : offered) {
      plain |= method == Handshake.NO_LOGIN;
      withLogin |= method == Handshake.LOGIN;
    }
    if (plain && login.isEmpty()) {
      return Handshake.NO_LOGIN;
    }
    return withLogin ? Handshake.LOGIN : Handshake.NO_METHOD;
  }

  private void logIn() throws IOException {
    handshake.expect(Handshake.LOGIN_VERSION, "version of the login");
    var user = handshake.takeCounted();
    var password = handshake.takeCounted();
    if (login.isPresent() && !login.get().matches(user, password)) {
      throw new Refusal(SocksCounter.NO_LOGIN, new byte[] {Handshake.LOGIN_VERSION, REFUSED_LOGIN});
    }
    handshake.put(new byte[] {Handshake.LOGIN_VERSION, 0});
  }

  private String host() throws IOException {
    try {
      return handshake.takeHost().text();
    } catch (Handshake.UnknownType _) {
      throw Refusal.of(SocksCounter.UNSUPPORTED, SocksCode.ADDRESS_UNSUPPORTED);
    }
  }

  /** Writes a reply: 0 for success, or a code. */
  static byte[] reply(int code) {
    return new byte[] {Handshake.VERSION, (byte) code, 0, Handshake.IPV4, 0, 0, 0, 0, 0, 0};
  }
}
