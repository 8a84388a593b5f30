package dev.cloister.tor.socks;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cloister.core.TimeSource;
import dev.cloister.core.policy.Decision;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.UnaryOperator;

/**
 * A server with its executor, which opens to servers of this host: every destination is the one
 * that the test sets, by whatever name. The policy refuses the port 25.
 */
final class SocksWorld implements AutoCloseable {
  static final Duration AMPLE = Duration.ofSeconds(20);
  static final Destination SOMEWHERE = new Destination("a.example", 80);

  final List<Destination> opened = Collections.synchronizedList(new ArrayList<>());
  final List<Isolation> isolations = Collections.synchronizedList(new ArrayList<>());
  private final BlockingQueue<Throwable> thrown = new LinkedBlockingQueue<>();
  final ExecutorService executor =
      Executors.newThreadPerTaskExecutor(
          Thread.ofVirtual().uncaughtExceptionHandler((_, e) -> thrown.add(e)).factory());
  final SocksServer server;
  volatile TorStreams streams;

  private SocksWorld(SocketAddress at, LocalServer to, UnaryOperator<SocksServerPlan> also)
      throws IOException {
    streams = (_, _, timeout) -> SocketStream.connect(to.address(), timeout, TimeSource.system());
    var plan =
        SocksServer.through(this::open, asked -> new Decision(asked.port() != 25, "not 25", "test"))
            .listeningAt(at);
    server = also.apply(plan).open();
    executor.execute(() -> server.accept(executor));
  }

  static SocksWorld tcp(LocalServer to, UnaryOperator<SocksServerPlan> also) throws IOException {
    return new SocksWorld(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), to, also);
  }

  static SocksWorld unix(LocalServer to, UnaryOperator<SocksServerPlan> also) throws IOException {
    return new SocksWorld(LocalServer.unixAddress(), to, also);
  }

  private TorStream open(Destination to, Isolation isolation, Duration timeout) throws IOException {
    opened.add(to);
    isolations.add(isolation);
    return streams.open(to, isolation, timeout);
  }

  /** A destination that says back what it hears, and ends when it has heard the end. */
  static LocalServer echo() {
    return LocalServer.tcp(channel -> {
      var buffer = ByteBuffer.allocate(1 << 16);
      while (channel.read(buffer.clear()) >= 0) {
        buffer.flip();
        while (buffer.hasRemaining()) {
          channel.write(buffer);
        }
      }
    });
  }

  SocketAddress address() {
    return server.address().orElseThrow();
  }

  SocksClient client() {
    return SocksClient.through(address(), TimeSource.system());
  }

  TorStream open(Destination to) throws IOException {
    return client().open(to, Isolation.none(), AMPLE);
  }

  /** Connects without saying anything. */
  SocketStream connect() throws IOException {
    return SocketStream.connect(address(), AMPLE, TimeSource.system());
  }

  static SocksLimits limits(int connections, Duration handshake, Duration idle) {
    return new SocksLimits(connections, handshake, AMPLE, idle, 1000);
  }

  long count(SocksCounter counter) {
    return server.ledger().tally(counter).get();
  }

  /** Waits until a counter has a value. */
  void await(SocksCounter counter, long value) {
    var deadline = System.nanoTime() + AMPLE.toNanos();
    while (count(counter) != value) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError(counter + " is not " + value + ": " + server.ledger().counters());
      }
      LockSupport.parkNanos(100_000);
    }
  }

  /** Waits for what has reached the executor from a task. */
  Throwable thrown() {
    try {
      var first = thrown.poll(AMPLE.toNanos(), TimeUnit.NANOSECONDS);
      if (first == null) {
        throw new AssertionError("nothing was thrown");
      }
      return first;
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** Says that every connection is accounted for, and by which causes. */
  Map<SocksCounter, Long> causes() {
    await(SocksCounter.LIVING, 0);
    var causes = new EnumMap<SocksCounter, Long>(SocksCounter.class);
    for (var counter : SocksCounter.values()) {
      if (counter.label().matches("socks\\.(refused|failed|ended)\\..*") && count(counter) > 0) {
        causes.put(counter, count(counter));
      }
    }
    assertThat(causes.values().stream().mapToLong(Long::longValue).sum())
        .isEqualTo(count(SocksCounter.CAME));
    return causes;
  }

  /** Reads to the end of what the other side sends. */
  static byte[] readAll(TorStream stream) throws IOException {
    var all = new java.io.ByteArrayOutputStream();
    var buffer = ByteBuffer.allocate(1 << 16);
    while (stream.read(buffer.clear()) >= 0) {
      all.write(buffer.array(), 0, buffer.position());
    }
    return all.toByteArray();
  }

  @Override
  public void close() throws IOException {
    server.close();
    executor.close();
    if (address() instanceof UnixDomainSocketAddress unix) {
      assertThat(unix.getPath()).doesNotExist();
      Files.delete(unix.getPath().getParent());
    }
  }

  /** Connects as a caller that hands the channel over. */
  static SocketChannel connected(SocketAddress to) throws IOException {
    var channel = Sockets.channel(to);
    channel.connect(to);
    return channel;
  }
}
