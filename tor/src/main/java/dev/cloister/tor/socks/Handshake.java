package dev.cloister.tor.socks;

import dev.cloister.core.TimeSource;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ProtocolException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/**
 * The messages before a stream's bytes, read to the byte and no further, all within one deadline.
 * The longest that is ever read at once is 255 bytes. Used by one thread.
 *
 * <p>Source: RFC 1928 and RFC 1929.
 */
final class Handshake {
  /** The version in all messages but those of RFC 1929, which have another. */
  static final int VERSION = 5;

  /** The version of the messages with user and password. */
  static final int LOGIN_VERSION = 1;

  /** The method without any login. */
  static final int NO_LOGIN = 0;

  /** The method with user and password. */
  static final int LOGIN = 2;

  /** What says that no offered method will do. */
  static final int NO_METHOD = 0xff;

  /** The command that connects. */
  static final int CONNECT = 1;

  static final int IPV4 = 1;
  static final int NAME = 3;
  static final int IPV6 = 4;

  private final TorStream stream;
  private final TimeSource clock;
  private final long deadline;
  private final String peer;

  /**
   * A host of a message.
   *
   * @param type 1, 3 or 4
   * @param text a name as it came, or an address
   */
  record Host(int type, String text) {}

  /** The other side sent a type of address that there is none of. */
  static final class UnknownType extends ProtocolException {
    private static final long serialVersionUID = 1L;

    UnknownType(String message) {
      super(message);
    }
  }

  Handshake(TorStream stream, Duration within, TimeSource clock, String peer) {
    this.stream = stream;
    this.clock = clock;
    this.deadline = clock.nanoTime() + Sockets.nanos(within);
    this.peer = peer;
  }

  Duration left() throws SocketTimeoutException {
    var left = deadline - clock.nanoTime();
    if (left <= 0) {
      throw new SocketTimeoutException(peer + " took longer than it may for its handshake");
    }
    return Duration.ofNanos(left);
  }

  void put(byte[] message) throws IOException {
    stream.timeout(left());
    stream.write(ByteBuffer.wrap(message));
  }

  byte[] take(int length) throws IOException {
    var bytes = ByteBuffer.allocate(length);
    while (bytes.hasRemaining()) {
      stream.timeout(left());
      if (stream.read(bytes) < 0) {
        throw new EOFException(peer + " closed the connection within its handshake");
      }
    }
    return bytes.array();
  }

  int take() throws IOException {
    return take(1)[0] & 0xff;
  }

  /** Takes as many bytes as the next one says. */
  byte[] takeCounted() throws IOException {
    return take(take());
  }

  /** Takes a byte that can only be this one. */
  void expect(int value, String what) throws IOException {
    var is = take();
    if (is != value) {
      throw wrong("%s %d: must be %d".formatted(what, is, value));
    }
  }

  ProtocolException wrong(String what) {
    return new ProtocolException(peer + " sent " + what);
  }

  Host takeHost() throws IOException {
    var type = take();
    return switch (type) {
      case IPV4 -> new Host(type, Destination.literal(InetAddress.getByAddress(take(4))));
      case IPV6 -> new Host(type, Destination.literal(InetAddress.getByAddress(take(16))));
      case NAME -> new Host(type, new String(takeCounted(), StandardCharsets.ISO_8859_1));
      default ->
          throw new UnknownType(peer + " sent address type " + type + ": known are 1, 3 and 4");
    };
  }

  int takePort() throws IOException {
    return take() << 8 | take();
  }
}
