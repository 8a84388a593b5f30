package dev.cloister.tor.client;

import dev.cloister.core.TimeSource;
import dev.cloister.core.internal.Failures;
import dev.cloister.crypto.identity.TransportPin;
import dev.cloister.sandbox.session.CellChannel;
import dev.cloister.sandbox.session.Dialer;
import dev.cloister.sandbox.transport.SecuredChannel;
import dev.cloister.tor.NodeAddress;
import dev.cloister.tor.control.TorControl;
import dev.cloister.tor.onion.OnionStreams;
import dev.cloister.tor.socks.Destination;
import dev.cloister.tor.socks.Isolation;
import dev.cloister.tor.socks.LoopbackStreams;
import dev.cloister.tor.socks.TorStreams;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executor;

/**
 * Opens ways to nodes, of which no two share a circuit, and none of which goes anywhere but to the
 * node whose key the address names. When, how often and how much is asked, the client's guard sees
 * all the same; and what is equal in two requests, the node does.
 *
 * <p>Nothing is resolved. Immutable; for any number of threads.
 */
public final class BentoClient {
  private static final String LOCALHOST = "127.0.0.1";

  private final TorStreams streams;
  private final boolean isLocal;
  private final TimeSource clock;
  private final Optional<Steering> steering;
  private final OnionStreams onions;
  private final SecureRandom random = new SecureRandom();

  private BentoClient(
      TorStreams streams,
      boolean isLocal,
      TimeSource clock,
      Optional<Steering> steering,
      OnionStreams onions) {
    this.streams = streams;
    this.isLocal = isLocal;
    this.clock = clock;
    this.steering = steering;
    this.onions = onions;
  }

  /**
   * Goes through Tor and in no other way: to nodes that are onion services.
   *
   * @param streams such as a {@code SocksClient}, whose isolation is kept
   * @param clock what times are measured by
   * @return a client
   */
  public static BentoClient through(TorStreams streams, TimeSource clock) {
    return new BentoClient(
        streams, false, clock, Optional.empty(), OnionStreams.over(streams, clock));
  }

  /**
   * Stays on this host: for nodes that are reached by no tor.
   *
   * @param clock what times are measured by
   * @return a client
   */
  public static BentoClient onLoopback(TimeSource clock) {
    var streams = LoopbackStreams.by(clock);
    return new BentoClient(
        streams, true, clock, Optional.empty(), OnionStreams.over(streams, clock));
  }

  /**
   * Goes to nodes behind their own relays too, for which tor has to be told where the circuit ends:
   * tor chooses a circuit as for any stream, and another like it is built with the node's relay for
   * its end. While one is opened, tor's other streams wait for a command each, which they get at
   * once.
   *
   * @param clientsControl a connection to the tor behind the streams; the caller closes it after
   *     the last channel
   * @param executor runs a task an opening, beside the thread that opens
   * @return another client
   */
  public BentoClient steering(TorControl clientsControl, Executor executor) {
    return new BentoClient(
        streams,
        isLocal,
        clock,
        Optional.of(new Steering(streams, clientsControl, executor, clock)),
        onions.hearing(clientsControl));
  }

  /**
   * Names a node; nothing is opened yet.
   *
   * @param address its own
   * @return ways to it
   * @throws IllegalArgumentException when this client does not go there
   */
  public Dialer dialer(NodeAddress address) {
    var way = way(address);
    return timeout -> open(way, address.pin(), timeout);
  }

  /** How bytes come to a node, whoever it is. */
  @FunctionalInterface
  private interface Way {
    CellChannel open(Isolation isolation, Duration timeout) throws IOException;
  }

  private Way way(NodeAddress address) {
    return switch (address.reach()) {
      case NodeAddress.Onion(var service, var port) when !isLocal ->
          (isolation, timeout) -> onions.open(service, port, isolation, timeout);
      case NodeAddress.Exit(var relay, var port) when steering.isPresent() ->
          (isolation, timeout) -> steering.get().open(relay, port, isolation, timeout);
      case NodeAddress.Loopback(var port) when isLocal ->
          (isolation, timeout) ->
              streams.open(new Destination(LOCALHOST, port), isolation, timeout);
      case NodeAddress.Onion _ -> throw refused(address, "goes nowhere but to this host");
      case NodeAddress.Exit _ ->
          throw refused(address, "steers no circuits: give it a control port");
      case NodeAddress.Loopback _ -> throw refused(address, "makes no direct connection");
    };
  }

  private static IllegalArgumentException refused(NodeAddress address, String why) {
    return new IllegalArgumentException("node %s: this client %s".formatted(address.reach(), why));
  }

  private CellChannel open(Way way, TransportPin pin, Duration timeout) throws IOException {
    var start = clock.nanoTime();
    var bare = way.open(Isolation.fresh(random), timeout);
    var left = timeout.minusNanos(clock.nanoTime() - start);
    if (!left.isPositive()) {
      var late = new SocketTimeoutException("the node was reached after " + timeout + ": too late");
      Failures.undo(late, bare::close);
      throw late;
    }
    return SecuredChannel.connect(bare, pin, clock, left);
  }
}
