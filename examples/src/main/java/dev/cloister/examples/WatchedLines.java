package dev.cloister.examples;

import dev.cloister.examples.Example.BadRequest;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Lines as they come, from a file that grows or from whoever connects; nothing waits. */
final class WatchedLines implements Closeable {
  /** No line of a box is as long; of one that is, the rest is not kept. */
  private static final int LINE_BYTES_MAX = 64 << 20;

  private final Source source;
  private final ByteBuffer buffer = ByteBuffer.allocate(1 << 16).flip();
  private final ByteArrayOutputStream line = new ByteArrayOutputStream();

  /** What comes next. */
  sealed interface Next permits Whole, Broken, Nothing {}

  /** A line. */
  record Whole(String text) implements Next {}

  /** The connection ended. */
  record Broken() implements Next {}

  /** Nothing has come. */
  record Nothing() implements Next {}

  /** Where bytes come from. */
  private interface Source extends Closeable {
    /** Reads some; 0 when there are none now, -1 when the connection ended. */
    int read(ByteBuffer into) throws IOException;
  }

  private WatchedLines(Source source) {
    this.source = source;
  }

  static WatchedLines of(Path file) throws IOException {
    var channel = Files.newByteChannel(file);
    return new WatchedLines(
        new Source() {
          @Override
          public int read(ByteBuffer into) throws IOException {
            return Math.max(0, channel.read(into));
          }

          @Override
          public void close() throws IOException {
            channel.close();
          }
        });
  }

  static WatchedLines listening(Path path) throws BadRequest {
    try {
      return new WatchedLines(new Listener(UnixDomainSocketAddress.of(path)));
    } catch (IOException | RuntimeException e) {
      throw new BadRequest(
          "--listen %s: no socket can be made there (%s)".formatted(path, e.getMessage()));
    }
  }

  /** One peer after the other. */
  private static final class Listener implements Source {
    private final UnixDomainSocketAddress address;
    private final ServerSocketChannel listener;
    private @Nullable SocketChannel peer;

    Listener(UnixDomainSocketAddress address) throws IOException {
      this.address = address;
      listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
      try {
        listener.bind(address).configureBlocking(false);
      } catch (IOException e) {
        listener.close();
        throw e;
      }
    }

    @Override
    public int read(ByteBuffer into) throws IOException {
      if (peer == null) {
        peer = listener.accept();
        if (peer == null) {
          return 0;
        }
        peer.configureBlocking(false);
      }
      var read = readOrEnd(peer, into);
      if (read < 0) {
        peer.close();
        peer = null;
      }
      return read;
    }

    private static int readOrEnd(ReadableByteChannel peer, ByteBuffer into) {
      try {
        return peer.read(into);
      } catch (IOException _) {
        return -1;
      }
    }

    @Override
    public void close() throws IOException {
      if (peer != null) {
        peer.close();
      }
      listener.close();
      Files.deleteIfExists(address.getPath());
    }
  }

  /** Returns what has come, if anything has. */
  Next next() throws IOException {
    while (true) {
      while (buffer.hasRemaining()) {
        var next = buffer.get();
        if (next == '\n') {
          var text = line.toString(StandardCharsets.UTF_8);
          line.reset();
          return new Whole(text);
        }
        if (line.size() < LINE_BYTES_MAX) {
          line.write(next);
        }
      }
      var read = source.read(buffer.clear());
      buffer.flip();
      if (read < 0) {
        // What it had begun to say comes again, or never.
        line.reset();
        return new Broken();
      }
      if (read == 0) {
        return new Nothing();
      }
    }
  }

  @Override
  public void close() throws IOException {
    source.close();
  }
}
