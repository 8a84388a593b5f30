package dev.cloister.tor.socks;

import com.google.common.net.InetAddresses;
import dev.cloister.core.TimeSource;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/**
 * Opens streams through a SOCKS port of tor, to which every name goes as it is. Whether what
 * listens there is tor, and lets the destination be reached over three hops, it does not say. A
 * port that answers anything else than SOCKS, or nothing, is an {@code IOException} within the time
 * given.
 *
 * <p>Holds nothing between calls; for any number of threads, platform or virtual, each of which
 * waits in its own call. An interrupt ends the call.
 *
 * <p>Source: RFC 1928, RFC 1929, and Tor's socks-extensions (isolation by user and password, the
 * commands RESOLVE and RESOLVE_PTR, the extended errors).
 */
public final class SocksClient implements TorStreams {
  private static final int RESOLVE = 0xf0;
  private static final int RESOLVE_PTR = 0xf1;

  private final SocketAddress port;
  private final TimeSource clock;
  private final String peer;

  private SocksClient(SocketAddress port, TimeSource clock) {
    this.port = port;
    this.clock = clock;
    this.peer = "SOCKS port " + port;
  }

  /**
   * Names the port; nothing is connected yet.
   *
   * @param socksPort a numeric IP address with a port, or a unix socket's path
   * @param clock what bounds are measured by
   * @return a client
   */
  public static SocksClient through(SocketAddress socksPort, TimeSource clock) {
    return new SocksClient(Sockets.checked(socksPort), clock);
  }

  @Override
  public TorStream open(Destination to, Isolation isolation, Duration timeout) throws IOException {
    var stream = SocketStream.connect(port, timeout, clock);
    try {
      var handshake = new Handshake(stream, timeout, clock, peer);
      ask(handshake, isolation, Handshake.CONNECT, to.host(), to.port(), to.toString());
      stream.timeout(timeout);
      return stream;
    } catch (IOException | RuntimeException e) {
      stream.close();
      throw e;
    }
  }

  /**
   * Has a name looked up at an exit.
   *
   * @param host a name; an address is answered as it is
   * @param isolation which other streams may share its circuit
   * @param timeout the most that it may take
   * @return one address of it, which is what an exit said, and not to be trusted more
   * @throws SocksFailure when there is none
   * @throws IOException when tor was not reached or broke off
   */
  public InetAddress resolve(String host, Isolation isolation, Duration timeout)
      throws IOException {
    var name = Destination.canonical(host);
    var answer = look(RESOLVE, name, isolation, timeout);
    if (answer.type() == Handshake.NAME) {
      throw new IOException(peer + " answered RESOLVE of " + name + " with a name");
    }
    return InetAddresses.forString(answer.text());
  }

  /**
   * Has an address looked up at an exit.
   *
   * @param address of either family
   * @param isolation which other streams may share its circuit
   * @param timeout the most that it may take
   * @return a name of it, as {@link Destination} has names
   * @throws SocksFailure when there is none
   * @throws IOException when tor was not reached or broke off, or the name is none
   */
  public String resolve(InetAddress address, Isolation isolation, Duration timeout)
      throws IOException {
    var literal = Destination.literal(address);
    var answer = look(RESOLVE_PTR, literal, isolation, timeout);
    try {
      return Destination.canonical(answer.text());
    } catch (IllegalArgumentException e) {
      throw new IOException(peer + " answered RESOLVE_PTR of " + literal + " with no name", e);
    }
  }

  private Handshake.Host look(int command, String host, Isolation isolation, Duration timeout)
      throws IOException {
    try (var stream = SocketStream.connect(port, timeout, clock)) {
      return ask(new Handshake(stream, timeout, clock, peer), isolation, command, host, 0, host);
    }
  }

  private static Handshake.Host ask(
      Handshake handshake, Isolation isolation, int command, String host, int port, String asked)
      throws IOException {
    logIn(handshake, isolation);
    handshake.put(request(command, host, port));
    handshake.expect(Handshake.VERSION, "version");
    var code = handshake.take();
    if (code != 0) {
      throw new SocksFailure(SocksCode.of(code), asked);
    }
    handshake.expect(0, "reserved byte");
    var answer = handshake.takeHost();
    handshake.takePort();
    return answer;
  }

  /** Offers the one method that does what was asked: without login nothing would be isolated. */
  private static void logIn(Handshake handshake, Isolation isolation) throws IOException {
    var offered = isolation.isNone() ? Handshake.NO_LOGIN : Handshake.LOGIN;
    handshake.put(new byte[] {Handshake.VERSION, 1, (byte) offered});
    handshake.expect(Handshake.VERSION, "version");
    var method = handshake.take();
    if (method != offered) {
      throw handshake.wrong(
          method == Handshake.NO_METHOD
              ? "that it takes " + (isolation.isNone() ? "no stream without" : "no") + " login"
              : "method %d: offered was %d".formatted(method, offered));
    }
    if (offered == Handshake.LOGIN) {
      var login = new ByteArrayOutputStream();
      login.write(Handshake.LOGIN_VERSION);
      writeCounted(login, isolation.user());
      writeCounted(login, isolation.password());
      handshake.put(login.toByteArray());
      handshake.expect(Handshake.LOGIN_VERSION, "version of the login");
      handshake.expect(0, "answer to the login");
    }
  }

  private static byte[] request(int command, String host, int port) {
    var request = new ByteArrayOutputStream();
    request.writeBytes(new byte[] {Handshake.VERSION, (byte) command, 0});
    if (InetAddresses.isInetAddress(host)) {
      var address = InetAddresses.forString(host).getAddress();
      request.write(address.length == 4 ? Handshake.IPV4 : Handshake.IPV6);
      request.writeBytes(address);
    } else {
      request.write(Handshake.NAME);
      writeCounted(request, host.getBytes(StandardCharsets.US_ASCII));
    }
    request.write(port >>> 8);
    request.write(port);
    return request.toByteArray();
  }

  private static void writeCounted(ByteArrayOutputStream out, byte[] bytes) {
    out.write(bytes.length);
    out.writeBytes(bytes);
  }
}
