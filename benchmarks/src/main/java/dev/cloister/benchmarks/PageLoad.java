package dev.cloister.benchmarks;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.Socket;
import java.util.ArrayList;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Pattern;

/**
 * Loads a page with its objects as a web browser does: over up to six connections to its server,
 * which are kept and each carry one request after the other.
 */
final class PageLoad implements PageWay {
  private static final int CONNECTIONS = 6;
  private static final Pattern SOURCE = Pattern.compile("src=([^ >]+)");
  private static final Pattern LENGTH = Pattern.compile("(?i)\r\ncontent-length: *([0-9]+)\r\n");
  private static final int HEAD_BYTES_MOST = 8 << 10;

  private final Proxy proxy;
  private final InetSocketAddress server;
  private final String authority;
  private final ExecutorService tasks = Executors.newVirtualThreadPerTaskExecutor();

  /** Takes where its connections go through; {@link Proxy#NO_PROXY} for none. */
  PageLoad(Proxy proxy, PageSite site) {
    this.proxy = proxy;
    this.server = site.address();
    this.authority = site.authority();
  }

  /** One connection, kept. */
  private final class Connection implements AutoCloseable {
    private final Socket socket = new Socket(proxy);
    private final InputStream in;
    private long firstByteNanos;

    Connection() throws IOException {
      socket.connect(server);
      socket.setTcpNoDelay(true);
      in = new BufferedInputStream(socket.getInputStream());
    }

    byte[] get(String path) throws IOException {
      var request = "GET %s HTTP/1.1\r\nHost: %s\r\n\r\n".formatted(path, authority);
      socket.getOutputStream().write(request.getBytes(ISO_8859_1));
      var head = head();
      var length = LENGTH.matcher(head);
      if (!head.startsWith("HTTP/1.1 200 ") || !length.find()) {
        throw new IOException(path + " was answered by " + head);
      }
      return in.readNBytes(Integer.parseInt(length.group(1)));
    }

    private String head() throws IOException {
      var head = new StringBuilder();
      while (head.length() < HEAD_BYTES_MOST && head.lastIndexOf("\r\n\r\n") < 0) {
        var next = in.read();
        if (next < 0) {
          throw new EOFException("the server left after " + head);
        }
        if (head.isEmpty()) {
          firstByteNanos = System.nanoTime();
        }
        head.append((char) next);
      }
      return head.toString();
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }

  @Override
  public Loaded load(String path) throws IOException, InterruptedException {
    var began = System.nanoTime();
    try (var first = new Connection()) {
      var page = first.get(path);
      var firstByte = first.firstByteNanos - began;
      var wanted = new ConcurrentLinkedQueue<String>();
      SOURCE.matcher(new String(page, ISO_8859_1)).results().forEach(m -> wanted.add(m.group(1)));
      loadAll(first, wanted);
      var viewable = System.nanoTime() - began;
      return new Loaded(firstByte, viewable, viewable);
    }
  }

  private void loadAll(Connection first, Queue<String> wanted)
      throws IOException, InterruptedException {
    var loading = new ArrayList<Future<?>>();
    for (var i = 1; i < Math.min(CONNECTIONS, wanted.size()); i++) {
      loading.add(tasks.submit(() -> loadByAnother(wanted)));
    }
    load(first, wanted);
    try {
      for (var future : loading) {
        future.get();
      }
    } catch (ExecutionException e) {
      throw new IOException(e);
    }
  }

  private Queue<String> loadByAnother(Queue<String> wanted) throws IOException {
    try (var another = new Connection()) {
      load(another, wanted);
    }
    return wanted;
  }

  private static void load(Connection connection, Queue<String> wanted) throws IOException {
    for (var next = wanted.poll(); next != null; next = wanted.poll()) {
      connection.get(next);
    }
  }

  @Override
  public void close() {
    tasks.close();
  }
}
