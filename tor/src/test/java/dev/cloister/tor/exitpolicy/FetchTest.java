package dev.cloister.tor.exitpolicy;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cloister.core.Denied;
import dev.cloister.core.Description;
import dev.cloister.core.policy.Manifest;
import dev.cloister.core.policy.NodePolicy;
import dev.cloister.core.posture.Guarantees;
import dev.cloister.core.testing.FakeHost;
import dev.cloister.sandbox.host.CellHost;
import dev.cloister.sandbox.host.Shown;
import dev.cloister.sandbox.image.ImageCatalog;
import dev.cloister.sandbox.runtime.CellApi;
import dev.cloister.sandbox.runtime.FetchRequest;
import dev.cloister.sandbox.testing.InMemoryRuntime;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A function fetches by a policy that is given in Tor's words: names and redirects are judged. */
@Timeout(60)
final class FetchTest {
  private static final byte[] CODE = "the code".getBytes(UTF_8);

  private final ExecutorService executor =
      Executors.newThreadPerTaskExecutor(Executors.defaultThreadFactory());
  private final ServerSocket server;

  FetchTest() throws IOException {
    server = new ServerSocket(0);
  }

  @BeforeEach
  void serve() {
    executor.execute(() -> {
      while (!server.isClosed()) {
        try {
          answer();
        } catch (IOException _) {
          // Closed, or a client that went.
        }
      }
    });
  }

  /** Answers a path of two words with a redirect to where it says. */
  private void answer() throws IOException {
    try (var client = server.accept()) {
      var in = new BufferedReader(new InputStreamReader(client.getInputStream(), US_ASCII));
      var path = in.readLine().split(" ", -1)[1];
      for (var line = in.readLine(); line != null && !line.isEmpty(); ) {
        line = in.readLine();
      }
      var answer =
          path.startsWith("/to/")
              ? "302 Found\r\nLocation: http://"
                  + path.substring(4)
                  + ":"
                  + server.getLocalPort()
                  + "/"
              : "200 Ok";
      client
          .getOutputStream()
          .write(("HTTP/1.1 " + answer + "\r\nContent-Length: 0\r\n\r\n").getBytes(US_ASCII));
    }
  }

  @AfterEach
  void close() throws IOException {
    server.close();
    executor.close();
  }

  private static NodePolicy policy(String network) {
    return NodePolicy.parse(
        "policy.yaml",
        """
        version: 1
        images: [java]
        api: [fetch]
        network: %s
        perFunction: {cpuSeconds: 10, cpuShare: 1, wallSeconds: 60, memoryBytes: 1000000,
          processes: 1, openFiles: 16, diskBytes: 100000, bytesIn: 1000000, bytesOut: 1000000}
        total: {cpuSeconds: 30, cpuShare: 3, wallSeconds: 180, memoryBytes: 3000000,
          processes: 3, openFiles: 48, diskBytes: 300000, bytesIn: 3000000, bytesOut: 3000000}
        lifetime: 600
        """
            .formatted(network));
  }

  private static String fetch(CellApi api, String url) throws IOException {
    try {
      return Integer.toString(
          api.fetch(new FetchRequest(url, "GET", List.of(), new byte[0])).status());
    } catch (Denied denied) {
      return "denied by " + denied.rule();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "127.0.0.2, /, 200",
    "127.0.0.1, /, denied by network",
    "localhost, /, denied by network",
    "[::1], /, denied by network",
    "127.0.0.2, /to/127.0.0.2, 200",
    "127.0.0.2, /to/127.0.0.1, denied by network",
    "127.0.0.2, /to/localhost, denied by network",
    "127.0.0.2, /to/0.0.0.0, denied by network",
    "127.0.0.2, /to/169.254.169.254, denied by network",
  })
  void whatTheExitPolicyRejectsIsDenied(
      String host, String path, String outcome, @TempDir Path directory) throws Exception {
    var port = server.getLocalPort();
    var rules = List.of("accept 127.0.0.2:%d,reject private:*".formatted(port));
    var network =
        ExitPolicy.parse("torrc", rules)
            .networkPolicy()
            .toString()
            .lines()
            .map(rule -> '"' + rule + '"')
            .collect(Collectors.joining(", ", "[", "]"));
    var heard = new LinkedBlockingQueue<String>();
    var url = "http://" + host + ":" + port + path;
    var runtime = InMemoryRuntime.of((_, api) -> heard.add(fetch(api, url)));
    var manifest =
        Manifest.parse(
            "manifest.yaml",
            "name: test\ncodeDigest: %s\nimage: java\napi: [fetch]\nnetwork: %s\n"
                .formatted(Description.sha256Hex(CODE), network));
    try (var cells =
        CellHost.under(policy(network))
            .images(ImageCatalog.of(InMemoryRuntime.image("java")))
            .directory(directory)
            .executor(executor)
            .guarantees(Guarantees.lab())
            .machine(new FakeHost())
            .runtimes(runtime)
            .open()) {
      var cell = cells.start(manifest);
      cells.load(Shown.now(cell.grant().invocation()), CODE, new byte[0]);
      assertThat(heard.poll(30, TimeUnit.SECONDS)).isEqualTo(outcome);
    }
  }
}
