package dev.cloister.tracing.sink;

import dev.cloister.core.Description;
import dev.cloister.core.gate.Declaration;
import dev.cloister.core.gate.Egress;
import dev.cloister.core.gate.Opening;
import dev.cloister.core.ledger.Counter;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.InvalidPathException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.OptionalInt;

/**
 * Declares a connection, made from inside, as the way out of a context: what is released and the
 * heartbeats that bind it are pushed to one peer, and a peer that is slow, dead or gone never holds
 * the context up. What it does not guarantee: that everything arrives. What did not is counted, and
 * the next heartbeat that arrives tells the reader that lines are missing.
 *
 * <p>The seal connects; nothing ever listens, and nothing that the peer sends is read. When the
 * connection breaks, the context's {@code tick} makes another to the same address: a name is looked
 * up once, at the seal. Nothing of it is encrypted, or authenticated but by the heartbeats. Lines
 * and heartbeats come in one stream, each with its line feed; only a heartbeat's first member is
 * its payload. After a break a stream may end within a line, and the next begins with a whole one.
 *
 * @param target a host and port, or the path of a unix socket
 * @param bufferBytes how much may wait for the peer; what would exceed it is dropped
 * @param closeWithin how long closing waits for the peer to take the rest
 * @param retryEvery from one attempt to connect again to the next
 */
public record Push(String target, long bufferBytes, Duration closeWithin, Duration retryEvery)
    implements Declaration<Egress> {
  /** What {@code bufferBytes} is unless set: 16 MiB. */
  public static final long BUFFER_BYTES_DEFAULT = 16 << 20;

  /** What {@code closeWithin} is unless set. */
  public static final Duration CLOSE_WITHIN_DEFAULT = Duration.ofSeconds(5);

  /** What {@code retryEvery} is unless set. */
  public static final Duration RETRY_EVERY_DEFAULT = Duration.ofSeconds(1);

  private static final Duration CONNECT_WITHIN = Duration.ofSeconds(10);
  private static final int MOST_PORT = 65_535;

  /** Checks the settings; the target's form too. */
  public Push {
    if (bufferBytes < 1) {
      throw new IllegalArgumentException("bufferBytes " + bufferBytes + ": must be at least 1");
    }
    if (closeWithin.isNegative()) {
      throw new IllegalArgumentException("closeWithin " + closeWithin + ": must be 0 or more");
    }
    if (!retryEvery.isPositive()) {
      throw new IllegalArgumentException("retryEvery " + retryEvery + ": must be more than 0");
    }
    if (!isPath(target)) {
      port(target);
    } else {
      path(target);
    }
  }

  /**
   * Declares a peer.
   *
   * @param target {@code host:port}, an IPv6 address in brackets, or the path of a unix socket,
   *     with a slash in it
   * @return the declaration; nothing is connected yet
   */
  public static Push to(String target) {
    return new Push(target, BUFFER_BYTES_DEFAULT, CLOSE_WITHIN_DEFAULT, RETRY_EVERY_DEFAULT);
  }

  /**
   * Sets how much may wait for the peer.
   *
   * @param bytes at least 1
   * @return another declaration
   */
  public Push bufferBytes(long bytes) {
    return new Push(target, bytes, closeWithin, retryEvery);
  }

  /**
   * Sets how long closing waits for the peer.
   *
   * @param within 0 or more
   * @return another declaration
   */
  public Push closeWithin(Duration within) {
    return new Push(target, bufferBytes, within, retryEvery);
  }

  /**
   * Sets how often a broken connection is tried again.
   *
   * @param every more than nothing
   * @return another declaration
   */
  public Push retryEvery(Duration every) {
    return new Push(target, bufferBytes, closeWithin, every);
  }

  /**
   * Tells to which port of TCP it connects, for whoever confines this process.
   *
   * @return from 1 to 65535; empty for a unix socket
   */
  public OptionalInt port() {
    return isPath(target) ? OptionalInt.empty() : OptionalInt.of(port(target));
  }

  @Override
  public String name() {
    return "push";
  }

  @Override
  public void describe(Description into) {
    into.put("to", target);
    into.put("bufferBytes", bufferBytes);
  }

  @Override
  public Collection<? extends Counter> counters() {
    return List.copyOf(Arrays.asList(PushCounter.values()));
  }

  @Override
  public Egress open(Opening opening) throws IOException {
    var address = address();
    try {
      return new PushConnection(
          this, opening, address, PushConnection.connected(address, CONNECT_WITHIN));
    } catch (IOException e) {
      throw new IOException(
          "%s cannot be pushed to (%s): start what listens there before the seal"
              .formatted(target, e.getMessage()),
          e);
    }
  }

  private SocketAddress address() throws IOException {
    if (isPath(target)) {
      return path(target);
    }
    var host = target.substring(0, target.lastIndexOf(':'));
    try {
      return new InetSocketAddress(InetAddress.getByName(host), port(target));
    } catch (UnknownHostException e) {
      throw new IOException(target + " cannot be pushed to: no host has that name", e);
    }
  }

  private static boolean isPath(String target) {
    return target.contains("/");
  }

  private static UnixDomainSocketAddress path(String target) {
    try {
      return UnixDomainSocketAddress.of(target);
    } catch (InvalidPathException e) {
      throw new IllegalArgumentException("target \"" + target + "\": not a path", e);
    }
  }

  private static int port(String target) {
    var colon = target.lastIndexOf(':');
    var host = target.substring(0, Math.max(0, colon));
    var isBracketed = host.startsWith("[") && host.endsWith("]");
    try {
      var port = Integer.parseInt(target.substring(colon + 1));
      if (!host.isEmpty()
          && (isBracketed || !host.contains(":"))
          && port > 0
          && port <= MOST_PORT) {
        return port;
      }
    } catch (NumberFormatException _) {
      // said below
    }
    throw new IllegalArgumentException(
        "target \"%s\": allowed are host:port, [IPv6]:port, and the path of a unix socket, with a"
                .formatted(target)
            + " slash in it");
  }
}
