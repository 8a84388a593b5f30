package dev.cloister.tor.socks;

import dev.cloister.core.ledger.Ledger;
import dev.cloister.tor.internal.AcceptLoop;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

/**
 * A SOCKS 5 server that opens no stream its policy has not accepted, and whose clients, however
 * slow, many or malformed, cost no more than its limits. It carries bytes and judges none: what a
 * function says to a destination that is accepted, it does not see.
 *
 * <p>{@code CONNECT} alone is served; the other commands are refused by their code. A destination
 * is judged in its one form ({@link Destination}); an address written as a name is an address. The
 * end of one direction is carried over to the other side. What the policy throws, or what opens
 * streams other than errors of I/O, costs that client its connection, is counted, and reaches the
 * executor. Safe for use by many threads.
 *
 * <p>Source: RFC 1928 and RFC 1929.
 */
public final class SocksServer implements AutoCloseable {
  private final SocksServerPlan plan;
  private final Optional<AcceptLoop> listening;
  private final Optional<SocketAddress> address;
  private final Ledger ledger = Ledger.of(List.of(SocksCounter.values()));
  private final SocksConnection.Ends ends =
      new SocksConnection.Ends() {
        @Override
        public void count(SocksCounter counter, long amount) {
          SocksServer.this.count(counter, amount);
        }

        @Override
        public void left(SocksConnection connection) {
          forget(connection);
        }
      };

  /** Guarded by itself, as is {@link #closed}. */
  private final Set<SocksConnection> connections = new HashSet<>();

  private boolean closed;

  SocksServer(SocksServerPlan plan) throws IOException {
    this.plan = plan;
    var listener =
        plan.listener.isEmpty() && plan.address.isPresent()
            ? Optional.of(listener(plan.address.get()))
            : plan.listener;
    listening = listener.map(AcceptLoop::new);
    address =
        listener.isPresent() ? Optional.of(listener.get().getLocalAddress()) : Optional.empty();
  }

  private static ServerSocketChannel listener(SocketAddress at) throws IOException {
    var channel =
        at instanceof InetSocketAddress
            ? ServerSocketChannel.open()
            : ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      return channel.bind(at);
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  /**
   * Declares a server.
   *
   * @param streams what opens the streams
   * @param policy where to
   * @return a plan
   */
  public static SocksServerPlan through(TorStreams streams, OutboundPolicy policy) {
    return new SocksServerPlan(streams, policy);
  }

  /**
   * Returns where it listens.
   *
   * @return with the port that was free; empty when it does not listen
   */
  public Optional<SocketAddress> address() {
    return address;
  }

  /**
   * Returns the counters.
   *
   * @return numbers only
   */
  public Ledger ledger() {
    return ledger;
  }

  /**
   * Accepts clients in this thread, and returns when the server is closed, or the thread is
   * interrupted, which ends the listening.
   *
   * @param executor runs two tasks a connection at the same time, each of which waits for bytes; a
   *     virtual thread a task is the norm
   */
  public void accept(Executor executor) {
    listening
        .orElseThrow(() ->
            new IllegalStateException(
                "nothing to accept from: set listeningAt or acceptingFrom before open, or hand"
                    + " channels to serve"))
        .run(
            new AcceptLoop.Taker() {
              @Override
              public void take(SocketChannel accepted) {
                start(accepted, executor);
              }

              @Override
              public void missed() {
                count(SocksCounter.NOT_ACCEPTED, 1);
              }
            });
  }

  private void start(SocketChannel channel, Executor executor) {
    admit(channel)
        .ifPresent(connection -> {
          try {
            executor.execute(() -> connection.run(executor));
          } catch (RejectedExecutionException _) {
            connection.end(SocksCounter.NO_ROOM);
          }
        });
  }

  /**
   * Serves one connected client in this thread, until it sends no more or the connection ends.
   *
   * @param client its channel, TCP or unix; belongs to the server from now on
   * @param executor runs the other direction, which may go on longer
   */
  public void serve(SocketChannel client, Executor executor) {
    admit(client).ifPresent(connection -> connection.run(executor));
  }

  private Optional<SocksConnection> admit(SocketChannel channel) {
    count(SocksCounter.CAME, 1);
    try {
      var client = SocketStream.over(channel, plan.limits.handshake(), plan.clock);
      var connection = new SocksConnection(plan, ends, client);
      var refused = admission(connection);
      if (refused.isEmpty()) {
        return Optional.of(connection);
      }
      count(refused.get(), 1);
      SocksConnection.close(client);
    } catch (IOException _) {
      count(SocksCounter.LEFT, 1);
    }
    return Optional.empty();
  }

  private Optional<SocksCounter> admission(SocksConnection connection) {
    synchronized (connections) {
      if (closed) {
        return Optional.of(SocksCounter.CLOSED);
      }
      if (connections.size() == plan.limits.connections()) {
        return Optional.of(SocksCounter.NO_ROOM);
      }
      connections.add(connection);
      ledger.tally(SocksCounter.LIVING).set(connections.size());
      return Optional.empty();
    }
  }

  private void forget(SocksConnection connection) {
    synchronized (connections) {
      connections.remove(connection);
      ledger.tally(SocksCounter.LIVING).set(connections.size());
    }
    listening.ifPresent(AcceptLoop::freed);
  }

  private void count(SocksCounter counter, long amount) {
    synchronized (connections) {
      ledger.tally(counter).add(amount);
    }
  }

  /**
   * Ends the listening, so that its address is free when this returns, and every connection; the
   * tasks that serve them return by themselves.
   *
   * @throws IOException when the unix socket's file could not be removed
   */
  @Override
  public void close() throws IOException {
    List<SocksConnection> living;
    synchronized (connections) {
      if (closed) {
        return;
      }
      closed = true;
      living = List.copyOf(connections);
    }
    living.forEach(connection -> connection.end(SocksCounter.CLOSED));
    try {
      if (listening.isPresent()) {
        listening.get().close();
      }
    } finally {
      if (address.isPresent() && address.get() instanceof UnixDomainSocketAddress unix) {
        Files.deleteIfExists(unix.getPath());
      }
    }
  }
}
