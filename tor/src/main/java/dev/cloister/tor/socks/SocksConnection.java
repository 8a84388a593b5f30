package dev.cloister.tor.socks;

import dev.cloister.core.TimeSource;
import java.io.IOException;
import java.net.ProtocolException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * One client of a server: its handshake, its stream, and the bytes between, in two tasks. It ends
 * once, for one cause, in which both connections are closed, whatever the tasks are doing. The
 * cause is counted before the client can see its effect.
 */
final class SocksConnection {
  private static final String PEER = "SOCKS client";

  /** How long a client that was refused may take to hear so. */
  private static final Duration LINGER = Duration.ofSeconds(1);

  /** What a connection has of its server. */
  interface Ends {
    void count(SocksCounter counter, long amount);

    /** The connection is over, and closed; its cause has been counted. */
    void left(SocksConnection connection);
  }

  private final SocksServerPlan plan;
  private final Ends server;
  private final TorStream client;
  private final TimeSource clock;
  private final Duration idle;
  private final AtomicInteger halvesDone = new AtomicInteger();
  private volatile long lastMoved;
  private volatile @Nullable TorStream stream;

  /** Guarded by this, as are the two below. */
  private boolean over;

  private boolean settled;

  private @Nullable Thread opener;

  SocksConnection(SocksServerPlan plan, Ends server, TorStream client) {
    this.plan = plan;
    this.server = server;
    this.client = client;
    this.clock = plan.clock;
    this.idle = plan.limits.idle();
  }

  /** Serves the client's direction in this thread, after it has given the other to the executor. */
  void run(Executor executor) {
    @Nullable SocksCounter cause = SocksCounter.FAULT;
    try {
      var opened = establish();
      lastMoved = clock.nanoTime();
      executor.execute(() -> relay(opened, client, SocksCounter.BYTES_IN));
      cause = null;
      relay(client, opened, SocksCounter.BYTES_OUT);
    } catch (Refusal e) {
      cause = e.cause();
      refuse(e);
    } catch (ProtocolException _) {
      cause = SocksCounter.MALFORMED;
    } catch (SocketTimeoutException _) {
      cause = SocksCounter.LATE;
    } catch (RejectedExecutionException _) {
      cause = SocksCounter.NO_ROOM;
    } catch (IOException _) {
      cause = SocksCounter.LEFT;
    } finally {
      if (cause != null) {
        end(cause);
      }
    }
  }

  /**
   * Answers, and takes what a client had sent ahead of that: closed over unread bytes, TCP takes
   * back what was answered.
   */
  private void refuse(Refusal refusal) {
    settle(refusal.cause());
    try {
      client.write(ByteBuffer.wrap(refusal.answer()));
      var until = clock.nanoTime() + LINGER.toNanos();
      var buffer = ByteBuffer.allocate(plan.limits.bufferBytes());
      client.shutdownOutput();
      client.timeout(LINGER);
      while (clock.nanoTime() < until && client.read(buffer.clear()) >= 0) {
        // what a refused client says is of no interest
      }
    } catch (IOException _) {
      // neither is that it stopped or left
    }
  }

  private TorStream establish() throws IOException {
    var handshake = new Handshake(client, plan.limits.handshake(), clock, PEER);
    var to = new Negotiation(handshake, plan.login).request();
    client.timeout(idle);
    if (!plan.policy.decide(to).accepted()) {
      throw Refusal.of(SocksCounter.NOT_ALLOWED, SocksCode.NOT_ALLOWED);
    }
    var opened = open(to);
    server.count(SocksCounter.OPENED, 1);
    opened.timeout(idle);
    client.write(ByteBuffer.wrap(Negotiation.reply(0)));
    return opened;
  }

  private TorStream open(Destination to) throws IOException {
    try {
      return opened(to);
    } catch (SocksFailure e) {
      throw Refusal.of(SocksCounter.NOT_OPENED, e.code());
    } catch (SocketTimeoutException _) {
      throw Refusal.of(SocksCounter.NOT_OPENED, SocksCode.TTL_EXPIRED);
    } catch (IOException _) {
      throw Refusal.of(SocksCounter.NOT_OPENED, SocksCode.GENERAL_FAILURE);
    }
  }

  /** An end that comes meanwhile interrupts the opening: nothing else could end it. */
  private TorStream opened(Destination to) throws IOException {
    synchronized (this) {
      if (over) {
        throw new AsynchronousCloseException();
      }
      opener = Thread.currentThread();
    }
    try {
      var opened = plan.streams.open(to, plan.isolation, plan.limits.opening());
      stream = opened;
      return opened;
    } finally {
      synchronized (this) {
        opener = null;
        if (over) {
          Thread.interrupted();
          close(stream);
        }
      }
    }
  }

  private void relay(TorStream from, TorStream to, SocksCounter bytes) {
    @Nullable SocksCounter cause = SocksCounter.FAULT;
    try {
      var buffer = ByteBuffer.allocate(plan.limits.bufferBytes());
      while (read(from, buffer)) {
        var length = to.write(buffer.flip());
        buffer.clear();
        lastMoved = clock.nanoTime();
        server.count(bytes, length);
      }
      to.shutdownOutput();
      cause = halvesDone.incrementAndGet() == 2 ? SocksCounter.COMPLETED : null;
    } catch (SocketTimeoutException _) {
      cause = SocksCounter.IDLE;
    } catch (IOException _) {
      cause = SocksCounter.BROKEN;
    } finally {
      if (cause != null) {
        end(cause);
      }
    }
  }

  /** Waits on while the other direction moves. */
  private boolean read(TorStream from, ByteBuffer buffer) throws IOException {
    while (true) {
      try {
        return from.read(buffer) >= 0;
      } catch (SocketTimeoutException e) {
        if (clock.nanoTime() - lastMoved >= Sockets.nanos(idle)) {
          throw e;
        }
      }
    }
  }

  /** Ends it, from any thread, unless it has ended. */
  void end(SocksCounter cause) {
    synchronized (this) {
      if (over) {
        return;
      }
      over = true;
      settle(cause);
      if (opener != null) {
        opener.interrupt();
      }
    }
    close(client);
    close(stream);
    server.left(this);
  }

  /** Counts the cause for which it will end, or is ending, unless another was first. */
  private synchronized void settle(SocksCounter cause) {
    if (!settled) {
      settled = true;
      server.count(cause, 1);
    }
  }

  /** What a close throws changes nothing: it is closed. */
  static void close(@Nullable TorStream stream) {
    if (stream != null) {
      try {
        stream.close();
      } catch (IOException _) {
        // the descriptor is gone all the same
      }
    }
  }
}
