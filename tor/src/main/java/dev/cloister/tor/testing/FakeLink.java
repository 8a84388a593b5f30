package dev.cloister.tor.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.cloister.tor.control.ControlLink;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;

/** The bytes of one control connection in memory. What is written is done before this returns. */
final class FakeLink implements ControlLink {
  /** The longest command line; a longer one ends the connection. */
  private static final int LINE_BYTES = 1 << 20;

  /** What waits to be read; more ends the connection. */
  private static final long UNREAD_BYTES = 16L << 20;

  private final FakeWorld world;
  private final FakeSession session;

  /** Guarded by the world's lock, as are the next. */
  private final ByteArrayOutputStream line = new ByteArrayOutputStream();

  private final Deque<ByteBuffer> unread = new ArrayDeque<>();
  private long unreadBytes;
  private boolean isClosed;
  private boolean hasEnded;

  FakeLink(FakeWorld world, FakeTorParts parts, FakeAuthentication authentication) {
    this.world = world;
    this.session = new FakeSession(world, parts, authentication, this);
  }

  FakeSession session() {
    return session;
  }

  void put(String text) {
    var bytes = text.getBytes(UTF_8);
    unreadBytes += bytes.length;
    if (unreadBytes > UNREAD_BYTES) {
      end();
    } else {
      unread.add(ByteBuffer.wrap(bytes));
    }
    world.change();
  }

  /** Takes no more; what waits can still be read. */
  void end() {
    hasEnded = true;
    world.change();
  }

  @Override
  public int read(ByteBuffer into, long nanos) throws IOException {
    var start = System.nanoTime();
    world.lock();
    try {
      while (true) {
        requireOpen();
        session.tick();
        if (!unread.isEmpty()) {
          return take(into);
        }
        if (hasEnded) {
          return -1;
        }
        if (System.nanoTime() - start >= nanos) {
          return 0;
        }
        world.awaitOnLink();
      }
    } finally {
      world.unlock();
    }
  }

  private int take(ByteBuffer into) {
    var count = 0;
    while (into.hasRemaining() && !unread.isEmpty()) {
      var first = unread.element();
      var part = Math.min(into.remaining(), first.remaining());
      into.put(first.slice().limit(part));
      first.position(first.position() + part);
      count += part;
      if (!first.hasRemaining()) {
        unread.remove();
      }
    }
    unreadBytes -= count;
    return count;
  }

  private void requireOpen() throws IOException {
    if (isClosed) {
      throw new IOException("the link to the fake tor is closed");
    }
  }

  @Override
  public void write(ByteBuffer bytes, long nanos) throws IOException {
    world.lock();
    try {
      requireOpen();
      while (bytes.hasRemaining() && !hasEnded) {
        var next = bytes.get();
        if (next == '\n') {
          var text = line.toString(UTF_8);
          line.reset();
          session.take(text.endsWith("\r") ? text.substring(0, text.length() - 1) : text);
        } else if (line.size() == LINE_BYTES) {
          end();
        } else {
          line.write(next);
        }
      }
    } finally {
      world.unlock();
    }
  }

  @Override
  public void close() {
    world.lock();
    try {
      if (!isClosed) {
        isClosed = true;
        session.end();
      }
    } finally {
      world.unlock();
    }
  }
}
