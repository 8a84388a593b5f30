package dev.cloister.sandbox.transport;

import dev.cloister.core.TimeSource;
import dev.cloister.core.internal.Deadline;
import dev.cloister.core.internal.Failures;
import dev.cloister.crypto.identity.TransportIdentity;
import dev.cloister.crypto.identity.TransportPin;
import dev.cloister.sandbox.session.CellChannel;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;

/**
 * A channel whose bytes nobody reads or changes between a node and a client that has its pin: what
 * is read is what was written, up to its end, or reading fails. How many bytes go, and when,
 * anybody on the way sees; and who the client is, the node does not know.
 *
 * <p>It holds three buffers of some 16 KiB for as long as it is open. As with every such channel,
 * one thread may read while another writes, and {@link #close} is for any thread. Records that are
 * no part of the connection break it: every further read says so.
 *
 * <p>Source: RFC 8446.
 */
public final class SecuredChannel implements CellChannel {
  /** How long closing waits to tell the other side; then it sees a connection that was cut off. */
  public static final Duration FAREWELL_MOST = Duration.ofSeconds(1);

  private final CellChannel over;
  private final SSLEngine engine;
  private final Incoming incoming;
  private final Outgoing outgoing;
  private final TimeSource clock;
  private final AtomicBoolean closed = new AtomicBoolean();

  private SecuredChannel(CellChannel over, SSLEngine engine, TimeSource clock) {
    this.over = over;
    this.engine = engine;
    this.clock = clock;
    this.outgoing = new Outgoing(engine, over);
    this.incoming = new Incoming(engine, over, outgoing, clock);
  }

  /**
   * Connects a client: nothing but the handshake is sent before the node has shown its key.
   *
   * @param over what carries the records; closed when this fails, and with the channel
   * @param pin the key that is taken
   * @param clock what times are measured by
   * @param within the most that the handshake may take, and at first the channel's timeout
   * @return an open channel, which the caller closes
   * @throws javax.net.ssl.SSLHandshakeException when it is another node, or speaks otherwise
   * @throws SocketTimeoutException when it took too long
   * @throws java.io.EOFException when the node ended the connection
   * @throws IOException when the connection broke
   */
  public static SecuredChannel connect(
      CellChannel over, TransportPin pin, TimeSource clock, Duration within) throws IOException {
    return opened(new SecuredChannel(over, pin.connecting(), clock), within);
  }

  /**
   * Accepts a client of a node.
   *
   * @param over what carries the records; closed when this fails, and with the channel
   * @param identity the node's key
   * @param clock what times are measured by
   * @param within the most that the handshake may take, and at first the channel's timeout
   * @return an open channel, which the caller closes
   * @throws javax.net.ssl.SSLException when the client speaks otherwise, or has another pin
   * @throws SocketTimeoutException when it took too long
   * @throws java.io.EOFException when the client ended the connection
   * @throws IOException when the connection broke
   */
  public static SecuredChannel accept(
      CellChannel over, TransportIdentity identity, TimeSource clock, Duration within)
      throws IOException {
    return opened(new SecuredChannel(over, identity.accepting(), clock), within);
  }

  private static SecuredChannel opened(SecuredChannel channel, Duration within) throws IOException {
    try {
      channel.shakeHands(Deadline.in(within, channel.clock));
      channel.timeout(within);
      return channel;
    } catch (IOException | RuntimeException e) {
      Failures.undo(e, channel::close);
      throw e;
    }
  }

  private void shakeHands(Deadline deadline) throws IOException {
    engine.beginHandshake();
    while (true) {
      switch (engine.getHandshakeStatus()) {
        case NOT_HANDSHAKING, FINISHED -> {
          return;
        }
        case NEED_TASK -> runTasks(engine);
        case NEED_WRAP -> exchange(outgoing::sayWhatIsDue, deadline);
        case NEED_UNWRAP, NEED_UNWRAP_AGAIN -> exchange(incoming::hear, deadline);
      }
    }
  }

  /** Something that waits for the other side. */
  @FunctionalInterface
  private interface Exchange {
    void run() throws IOException;
  }

  private void exchange(Exchange exchange, Deadline deadline) throws IOException {
    var nanos = deadline.nanosLeft();
    try {
      if (nanos > 0) {
        over.timeout(Duration.ofNanos(nanos));
        exchange.run();
        return;
      }
    } catch (SocketTimeoutException _) {
      // It is said in the words of the handshake.
    }
    throw new SocketTimeoutException(
        "the handshake took more than %s: wait longer, or is it no node?"
            .formatted(deadline.within()));
  }

  /** Does the engine's work in this thread. */
  static void runTasks(SSLEngine engine) {
    for (var task = engine.getDelegatedTask(); task != null; task = engine.getDelegatedTask()) {
      task.run();
    }
  }

  /**
   * Reads what there is, and waits for the first byte; where bytes come one by one, for up to twice
   * the timeout.
   *
   * @throws java.io.EOFException when the connection ended before the other side said so: what was
   *     read is whole, and more may have been meant
   * @throws SSLException when something came that is no part of the connection
   */
  @Override
  public int read(ByteBuffer into) throws IOException {
    refuseClosed();
    return incoming.read(into);
  }

  /**
   * Writes all of it.
   *
   * @throws SocketTimeoutException when for so long none was taken; what is behind the buffer's
   *     position goes before anything else when the next call comes
   */
  @Override
  public int write(ByteBuffer from) throws IOException {
    refuseClosed();
    return outgoing.write(from);
  }

  private void refuseClosed() throws ClosedChannelException {
    if (closed.get()) {
      throw new ClosedChannelException();
    }
  }

  @Override
  public void timeout(Duration most) {
    over.timeout(most);
    incoming.timeout(most);
  }

  @Override
  public boolean isOpen() {
    return !closed.get() && over.isOpen();
  }

  /**
   * Tells the other side that this is the end, unless a writer is at it or the other side takes
   * nothing, and closes what carries the records. A second call does nothing.
   */
  @Override
  public void close() throws IOException {
    if (closed.compareAndSet(false, true)) {
      outgoing.bidFarewell(FAREWELL_MOST);
      over.close();
    }
  }
}
