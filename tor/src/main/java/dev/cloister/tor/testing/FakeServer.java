package dev.cloister.tor.testing;

import dev.cloister.tor.socks.Destination;
import dev.cloister.tor.socks.TorStream;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * A destination that a test plays: streams to it are open before anybody accepts them, as TCP has
 * it, and wait here. Safe for use by many threads.
 */
public final class FakeServer implements AutoCloseable {
  /** How many streams wait to be accepted; further ones are refused. */
  public static final int BACKLOG = 128;

  private final FakeWorld world;
  private final FakeServers servers;
  private final Destination at;

  /** Guarded by the world's lock. */
  private final Deque<FakeStream> waiting = new ArrayDeque<>();

  private boolean isClosed;

  FakeServer(FakeWorld world, FakeServers servers, Destination at) {
    this.world = world;
    this.servers = servers;
    this.at = at;
  }

  /**
   * Returns where it listens.
   *
   * @return as it was declared
   */
  public Destination destination() {
    return at;
  }

  boolean offer(FakeStream far) {
    return waiting.size() < BACKLOG && waiting.add(far);
  }

  /**
   * Accepts a stream, and waits for it.
   *
   * @param atMost how long, on the fake's clock
   * @return the server's end, which the caller closes; its timeout is {@code atMost}
   * @throws SocketTimeoutException when none came in time
   * @throws ClosedChannelException when the server was closed
   * @throws IOException never otherwise
   */
  public TorStream accept(Duration atMost) throws IOException {
    world.lock();
    try {
      var start = world.clock().nanoTime();
      while (waiting.isEmpty() && !isClosed) {
        if (world.clock().nanoTime() - start >= atMost.toNanos()) {
          throw new SocketTimeoutException("no stream to " + at + " came within " + atMost);
        }
        world.await();
      }
      if (isClosed) {
        throw new AsynchronousCloseException();
      }
      var accepted = waiting.remove();
      accepted.timeout(atMost);
      world.ends().add(accepted);
      return accepted;
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      throw new ClosedByInterruptException();
    } finally {
      world.unlock();
    }
  }

  /** Listens no more; streams that wait are closed, those that were accepted go on. */
  @Override
  public void close() {
    world.lock();
    try {
      isClosed = true;
      servers.remove(this);
      waiting.forEach(FakeStream::end);
      waiting.clear();
      world.change();
    } finally {
      world.unlock();
    }
  }
}
