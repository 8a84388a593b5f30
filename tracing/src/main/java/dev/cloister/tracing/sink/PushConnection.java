package dev.cloister.tracing.sink;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.cloister.core.TimeSource;
import dev.cloister.core.gate.Egress;
import dev.cloister.core.gate.EgressPass;
import dev.cloister.core.gate.Opening;
import dev.cloister.core.gate.Released;
import dev.cloister.core.internal.Deadline;
import dev.cloister.core.ledger.Ledger;
import dev.cloister.core.ledger.SignedHeartbeat;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The open connection of a {@link Push}, and what waits for its peer. No call but {@link #close}
 * waits for anything.
 */
final class PushConnection implements Egress {
  /** How often a peer that was slow is tried again. */
  private static final long SLOW_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

  private final Push plan;
  private final EgressPass pass;
  private final TimeSource time;
  private final Ledger ledger;
  private final SocketAddress address;

  /** This and all below are guarded by this. */
  private final Deque<Waiting> waiting = new ArrayDeque<>();

  private long waitingBytes;
  private @Nullable SocketChannel channel;
  private boolean isConnecting;
  private long retryAt;
  private boolean closed;

  /**
   * Something whole that waits for the peer.
   *
   * @param bytes what is left of it
   * @param counter what counts it, should it not arrive
   * @param amount how much it counts
   */
  private record Waiting(ByteBuffer bytes, PushCounter counter, long amount) {
    boolean isBegun() {
      return bytes.position() > 0;
    }
  }

  PushConnection(Push plan, Opening opening, SocketAddress address, SocketChannel channel) {
    this.plan = plan;
    this.pass = opening.pass();
    this.time = opening.time();
    this.ledger = opening.ledger();
    this.address = address;
    this.channel = channel;
    count(PushCounter.CONNECTIONS, 1);
  }

  /** Connects within a time. */
  static SocketChannel connected(SocketAddress address, Duration within) throws IOException {
    var channel = connecting(address);
    try (var selector = Selector.open()) {
      if (!channel.isConnected()) {
        channel.register(selector, SelectionKey.OP_CONNECT);
        selector.select(within.toMillis());
        if (!channel.finishConnect()) {
          throw new SocketTimeoutException("no answer within " + within.toSeconds() + " s");
        }
      }
      return channel;
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  private static SocketChannel connecting(SocketAddress address) throws IOException {
    var channel =
        address instanceof InetSocketAddress
            ? SocketChannel.open()
            : SocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      channel.configureBlocking(false);
      channel.connect(address);
      return channel;
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  private void count(PushCounter counter, long amount) {
    ledger.tally(counter).add(amount);
  }

  @Override
  public synchronized void push(Released released) throws IOException {
    var bytes = new ByteArrayOutputStream(released.sizeBytes());
    released.writeTo(pass, bytes);
    offer(bytes.toByteArray(), PushCounter.DROPPED_LINES, released.lines());
  }

  @Override
  public synchronized void beat(SignedHeartbeat heartbeat) {
    offer((heartbeat.line() + "\n").getBytes(UTF_8), PushCounter.DROPPED_HEARTBEATS, 1);
  }

  private void offer(byte[] bytes, PushCounter counter, long amount) {
    if (closed || waitingBytes + bytes.length > plan.bufferBytes()) {
      count(counter, amount);
    } else {
      waiting.addLast(new Waiting(ByteBuffer.wrap(bytes), counter, amount));
      hold(bytes.length);
    }
    send();
  }

  private void hold(long bytes) {
    waitingBytes += bytes;
    ledger.tally(PushCounter.WAITING_BYTES).set(waitingBytes);
  }

  /** Sends what the system takes now. */
  private void send() {
    try {
      while (channel != null && !isConnecting && !waiting.isEmpty()) {
        var first = waiting.getFirst();
        var sent = channel.write(first.bytes());
        count(PushCounter.SENT_BYTES, sent);
        hold(-sent);
        if (first.bytes().hasRemaining()) {
          return;
        }
        waiting.removeFirst();
      }
    } catch (IOException _) {
      disconnect();
    }
  }

  /** Closes what is broken; what was sent in part is no use to the next connection. */
  private void disconnect() {
    closeChannel();
    isConnecting = false;
    retryAt = time.nanoTime() + plan.retryEvery().toNanos();
    if (!waiting.isEmpty() && waiting.getFirst().isBegun()) {
      drop(waiting.removeFirst());
    }
  }

  private void drop(Waiting lost) {
    count(lost.counter(), lost.amount());
    hold(-lost.bytes().remaining());
  }

  private void closeChannel() {
    try {
      if (channel != null) {
        channel.close();
      }
    } catch (IOException _) {
      // The descriptor is gone all the same.
    }
    channel = null;
  }

  /** Goes on with what could not be sent, and connects again where that is due. */
  @Override
  public synchronized long tick() {
    if (closed) {
      return Long.MAX_VALUE;
    }
    try {
      if (channel == null && isRetryDue()) {
        channel = connecting(address);
        isConnecting = true;
        retryAt = time.nanoTime() + plan.retryEvery().toNanos();
      }
      if (isConnecting) {
        finishConnecting(Objects.requireNonNull(channel));
      }
    } catch (IOException _) {
      disconnect();
    }
    send();
    return due();
  }

  /** Also when the clock has gone back: that must not keep it from the peer until it is there. */
  private boolean isRetryDue() {
    var left = retryAt - time.nanoTime();
    return left <= 0 || left > plan.retryEvery().toNanos();
  }

  private void finishConnecting(SocketChannel begun) throws IOException {
    if (begun.finishConnect()) {
      isConnecting = false;
      count(PushCounter.CONNECTIONS, 1);
    } else if (isRetryDue()) {
      throw new SocketTimeoutException("no answer");
    }
  }

  private long due() {
    if (channel == null) {
      return Math.max(1, retryAt - time.nanoTime());
    }
    return !isConnecting && waiting.isEmpty() ? Long.MAX_VALUE : SLOW_NANOS;
  }

  /** Gives the peer time to take the rest; what it does not take is counted. */
  @Override
  public synchronized void close() throws IOException {
    if (closed) {
      return;
    }
    closed = true;
    // In real time: the peer's does not stand still.
    var deadline = Deadline.in(plan.closeWithin());
    try (var selector = Selector.open()) {
      if (channel != null && !isConnecting) {
        channel.register(selector, SelectionKey.OP_WRITE);
        send();
        while (channel != null && !waiting.isEmpty() && !deadline.hasPassed()) {
          selector.select(TimeUnit.NANOSECONDS.toMillis(SLOW_NANOS));
          selector.selectedKeys().clear();
          send();
        }
      }
    } finally {
      closeChannel();
      while (!waiting.isEmpty()) {
        drop(waiting.removeFirst());
      }
    }
  }
}
