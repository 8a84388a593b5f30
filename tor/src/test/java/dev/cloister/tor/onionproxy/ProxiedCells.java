package dev.cloister.tor.onionproxy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cloister.core.Description;
import dev.cloister.core.internal.Failures;
import dev.cloister.core.policy.Manifest;
import dev.cloister.core.policy.NodePolicy;
import dev.cloister.core.posture.Guarantees;
import dev.cloister.sandbox.host.Attachment;
import dev.cloister.sandbox.host.CellHost;
import dev.cloister.sandbox.host.Shown;
import dev.cloister.sandbox.host.StartedCell;
import dev.cloister.sandbox.image.ImageCatalog;
import dev.cloister.sandbox.runtime.Ending;
import dev.cloister.tor.socks.SocksCounter;
import dev.cloister.tor.testing.PrivateTorNetwork;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.LockSupport;

/** A host of cells whose functions have onion proxies on a private network. */
final class ProxiedCells implements AutoCloseable {
  static final Duration SOON = Duration.ofSeconds(60);

  private static final String POLICY =
      """
      version: 1
      images: [python-op]
      api: [receive, send]
      network: ["accept *:*"]
      perFunction: {cpuSeconds: 60, cpuShare: 1, wallSeconds: 120, memoryBytes: 67108864,
        processes: 8, openFiles: 256, diskBytes: 100000, bytesIn: 50000000, bytesOut: 50000000}
      total: {cpuSeconds: 600, cpuShare: 10, wallSeconds: 1200, memoryBytes: 671088640,
        processes: 80, openFiles: 2560, diskBytes: 1000000, bytesIn: 500000000,
        bytesOut: 500000000}
      lifetime: 600
      """;

  /** Evaluates each message, and answers with what it is, or with the error. */
  private static final String FUNCTION =
      """
      import cell, errno, os, socket

      GATE = os.environ['ALL_PROXY'].removeprefix('socks5h://').split(':')

      def connect(host, port, timeout=5):
          try:
              with socket.create_connection((host, port), timeout) as peer:
                  return 'reached'
          except OSError as refused:
              return errno.errorcode.get(refused.errno, repr(refused))

      def gate():
          return socket.create_connection((GATE[0], int(GATE[1])), 60)

      def field(host):
          return (b'\\1' + socket.inet_pton(2, host[3:]) if host.startswith('v4/')
                  else b'\\4' + socket.inet_pton(10, host[3:]) if host.startswith('v6/')
                  else b'\\3' + bytes((len(host),)) + host.encode())

      def ask(host, port, command=1):
          peer = gate()
          peer.sendall(b'\\5\\1\\0')
          assert peer.recv(2) == b'\\5\\0'
          peer.sendall(bytes((5, command, 0)) + field(host) + port.to_bytes(2, 'big'))
          answer = peer.recv(10)
          return answer[1] if answer else 'closed', peer

      def code(host, port, command=1):
          answer, peer = ask(host, port, command)
          peer.close()
          return answer

      def fetch(host, port):
          answer, peer = ask(host, port)
          if answer:
              return answer
          peer.sendall(b'GET / HTTP/1.0\\r\\n\\r\\n')
          page = b''
          while piece := peer.recv(65536):
              page += piece
          return page.decode()

      while (message := cell.receive()) is not None:
          try:
              cell.send(str(eval(message)).encode())
          except Exception as error:
              cell.send(repr(error).encode())
      """;

  private final ExecutorService tasks =
      Executors.newThreadPerTaskExecutor(Executors.defaultThreadFactory());
  private final ExecutorService streams = Executors.newVirtualThreadPerTaskExecutor();
  private final ImageCatalog images;
  private final OnionProxyRuntime runtime;
  private final CellHost host;
  private volatile boolean closed;

  ProxiedCells(Path directory, List<String> network, OnionProxyLimits limits) throws IOException {
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
    var catalog = Files.createDirectories(directory.resolve("images"));
    var image = catalog.resolve("python-op");
    if (Files.notExists(image)) {
      PythonOp.install(Files.createDirectory(image));
    }
    images = ImageCatalog.in(catalog);
    runtime =
        OnionProxyRuntime.in(directory.resolve("op"), Thread.ofPlatform().factory(), streams)
            .network(network)
            .limits(limits)
            .open();
    host =
        CellHost.under(NodePolicy.parse("policy.yaml", POLICY))
            .images(images)
            .runtimes(runtime)
            .directory(directory.resolve("cells"))
            .executor(tasks)
            .guarantees(Guarantees.lab())
            .open();
    tasks.execute(this::tick);
  }

  static ProxiedCells on(PrivateTorNetwork network, Path directory) throws IOException {
    return new ProxiedCells(directory, lines(network), OnionProxyLimits.standard());
  }

  /** Returns the lines by which a client of a private network knows it. */
  static List<String> lines(PrivateTorNetwork network) throws IOException {
    return Files.readAllLines(network.client().torrc()).stream()
        .filter(line ->
            line.matches(
                "(DirAuthority|TestingTorNetwork|PathsNeededToBuildCircuits|LearnCircuitBuildTimeout)"
                    + " .*"))
        .toList();
  }

  private void tick() {
    try {
      while (!closed) {
        LockSupport.parkNanos(Math.clamp(host.tick(), 1, 5_000_000));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  OnionProxyRuntime runtime() {
    return runtime;
  }

  CellHost host() {
    return host;
  }

  /** A function that says what an expression is. */
  final class Function {
    private final StartedCell cell;

    private Function(StartedCell cell) {
      this.cell = cell;
    }

    String say(String expression) throws IOException {
      return new String(
          host.call(Shown.now(cell.grant().invocation()), expression.getBytes(UTF_8), SOON), UTF_8);
    }

    StartedCell cell() {
      return cell;
    }

    void shutdown() throws IOException {
      host.shutdown(Shown.now(cell.grant().shutdown()));
    }
  }

  /** Starts a function that may reach what these rules accept. */
  Function start(String... rules) throws IOException {
    var manifest =
        """
        name: surfer
        codeDigest: %s
        image: python-op
        api: [receive, send]
        network: %s
        """
            .formatted(
                Description.sha256Hex(FUNCTION.getBytes(UTF_8)),
                "[\"" + String.join("\", \"", rules) + "\"]");
    var cell = host.start(Manifest.parse("manifest.yaml", manifest));
    host.load(Shown.now(cell.grant().invocation()), FUNCTION.getBytes(UTF_8), new byte[0]);
    return new Function(cell);
  }

  /** Waits for a function's end. */
  Ending ending(Attachment attachment) {
    var begun = System.nanoTime();
    while (attachment.ending().isEmpty() && System.nanoTime() - begun < SOON.toNanos()) {
      LockSupport.parkNanos(1_000_000);
    }
    return attachment.ending().orElseThrow();
  }

  /** A connection's end is counted once it is over. */
  void awaitNoConnection() {
    var begun = System.nanoTime();
    while (runtime.counted(SocksCounter.LIVING) > 0) {
      assertThat(System.nanoTime() - begun).isLessThan(SOON.toNanos());
      LockSupport.parkNanos(1_000_000);
    }
  }

  @Override
  public void close() throws IOException {
    var failures = new Failures();
    failures.run(host::close);
    closed = true;
    failures.run(runtime::close);
    failures.run(images::close);
    streams.shutdownNow();
    tasks.close();
    failures.throwFirst();
  }
}
