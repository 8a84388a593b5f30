package dev.cloister.tor.node;

import dev.cloister.core.internal.Failures;
import dev.cloister.core.ledger.Ledger;
import dev.cloister.crypto.identity.TransportIdentity;
import dev.cloister.sandbox.session.CellChannel;
import dev.cloister.sandbox.transport.SecuredChannel;
import dev.cloister.tor.NodeAddress;
import dev.cloister.tor.internal.AcceptLoop;
import dev.cloister.tor.socks.LoopbackStreams;
import dev.cloister.tor.socks.TorStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;

/**
 * A node that listens on this host's loopback and nowhere else, and hands on no connection whose
 * client has not shown that it means this node's key. Who a client is, it does not know, nor
 * whether one is one of many: by Tor all come from the same address.
 *
 * <p>Tor itself is left as it is, but for what {@link #settings} says. Safe for use by many
 * threads; none is its own.
 */
public final class BentoNode implements AutoCloseable {
  private static final byte[] LOCALHOST = {127, 0, 0, 1};

  private final BentoNodePlan plan;
  private final AcceptLoop listening;
  private final Door door;
  private final LoopbackStreams streams;
  private final Guests guests;

  private BentoNode(BentoNodePlan plan, ServerSocketChannel listening, Door door) {
    this.plan = plan;
    this.listening = new AcceptLoop(listening);
    this.door = door;
    this.streams = LoopbackStreams.by(plan.clock);
    this.guests = new Guests(plan.limits, this.listening::freed);
  }

  /**
   * Declares a node.
   *
   * @param service serves one client until its channel ends, and may be called by many threads at
   *     once, such as {@code CellServer::serve}; the channel is closed when it returns
   * @param identity its key; the caller closes it, after the node
   * @return a plan
   */
  public static BentoNodePlan serving(Consumer<CellChannel> service, TransportIdentity identity) {
    return new BentoNodePlan(service, identity);
  }

  static BentoNode open(BentoNodePlan plan) throws IOException {
    var listening = ServerSocketChannel.open();
    try {
      listening.bind(new InetSocketAddress(InetAddress.getByAddress(LOCALHOST), plan.port));
      var door = plan.door.to((InetSocketAddress) listening.getLocalAddress());
      return new BentoNode(plan, listening, door);
    } catch (IOException | RuntimeException e) {
      Failures.undo(e, listening::close);
      throw e;
    }
  }

  /**
   * Returns what clients are told.
   *
   * @return how the node is reached, and its pin
   */
  public NodeAddress address() {
    return new NodeAddress(door.reach(), plan.identity.pin());
  }

  /**
   * Tells an operator what was changed of the relay's options, which closing undoes.
   *
   * @return a line for each; none unless clients come through the relay itself
   */
  public List<String> settings() {
    return door.settings();
  }

  /**
   * Returns the counters.
   *
   * @return numbers only, of {@link NodeCounter}
   */
  public Ledger ledger() {
    return guests.ledger();
  }

  /**
   * Accepts clients in this thread, and returns when the node is closed, or the thread is
   * interrupted, which ends the listening.
   *
   * @param executor runs a task a connection, for as long as that lasts; a virtual thread a task is
   *     the norm
   */
  public void serve(Executor executor) {
    listening.run(
        new AcceptLoop.Taker() {
          @Override
          public void take(SocketChannel accepted) throws IOException {
            start(accepted, executor);
          }

          @Override
          public void missed() {
            guests.missed();
          }
        });
  }

  private void start(SocketChannel accepted, Executor executor) throws IOException {
    var stream = streams.over(accepted, plan.limits.handshake());
    var guest = guests.admit(stream);
    if (guest.isPresent()) {
      try {
        executor.execute(() -> serve(stream, guest.get()));
      } catch (RejectedExecutionException _) {
        guest.get().end(NodeCounter.NO_ROOM);
      }
    }
  }

  private void serve(TorStream stream, Guests.Guest guest) {
    var cause = NodeCounter.NOT_SECURED;
    try (var channel =
        SecuredChannel.accept(stream, plan.identity, plan.clock, plan.limits.handshake())) {
      guest.isProven();
      cause = NodeCounter.SERVED;
      plan.service.accept(channel);
    } catch (IOException _) {
      // It was no client of this node, or left; its cause is counted.
    } finally {
      guest.end(cause);
    }
  }

  /**
   * Ends the listening, so that the port is free when this returns, undoes what was changed of tor,
   * and ends every connection; the tasks that serve them return by themselves. A second call does
   * nothing.
   *
   * @throws IOException when something could not be undone; it says what is to be undone by hand
   */
  @Override
  public void close() throws IOException {
    if (guests.close()) {
      var failures = new Failures();
      failures.run(listening::close);
      failures.run(door.end());
      failures.run(guests::endAll);
      failures.throwFirst();
    }
  }

  /**
   * Names the node.
   *
   * @return its address
   */
  @Override
  public String toString() {
    return "BentoNode[" + address() + "]";
  }
}
