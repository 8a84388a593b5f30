package dev.cloister.tor.socks;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cloister.core.testing.RequiresProgram;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A client that others wrote, through our server, to a server of HTTP. */
@RequiresProgram("curl")
final class CurlTest {
  private static final int PROXY_ERROR = 97;

  private final LocalServer http = LocalServer.tcp(CurlTest::answer);

  @AfterEach
  void close() throws IOException {
    http.close();
  }

  private static void answer(SocketChannel channel) throws IOException {
    var head = ByteBuffer.allocate(10_000);
    var text = "";
    while (!text.contains("\r\n\r\n")) {
      if (channel.read(head) < 0) {
        return;
      }
      text = new String(head.array(), 0, head.position(), US_ASCII);
    }
    var body = "for " + text.lines().filter(line -> line.startsWith("Host:")).findFirst().get();
    channel.write(
        ByteBuffer.wrap(
            ("HTTP/1.1 200 OK\r\nContent-Length: " + body.length() + "\r\n\r\n" + body)
                .getBytes(US_ASCII)));
  }

  private record Run(int exit, String output) {}

  private static Run curl(String... options) throws IOException, InterruptedException {
    var command = new ArrayList<>(List.of("curl", "-sS", "--noproxy", "", "--max-time", "20"));
    command.addAll(List.of(options));
    var process = new ProcessBuilder(command).redirectErrorStream(true).start();
    var output = new String(process.getInputStream().readAllBytes(), US_ASCII);
    return new Run(process.waitFor(), output);
  }

  private static String at(SocksWorld world) {
    return world.address().toString().substring(world.address().toString().indexOf('/') + 1);
  }

  @ParameterizedTest
  @CsvSource({
    "--socks5-hostname, http://some.example/, some.example:80, some.example",
    "--socks5-hostname, http://127.0.0.1:8080/, 127.0.0.1:8080, 127.0.0.1:8080",
    "--socks5, http://[::1]:8080/, [::1]:8080, [::1]:8080"
  })
  void curlFetchesByNameAndByAddress(String option, String url, String opened, String host)
      throws Exception {
    try (var world = SocksWorld.tcp(http, plan -> plan)) {
      assertThat(curl(option, at(world), url)).isEqualTo(new Run(0, "for Host: " + host));
      assertThat(world.opened).map(Destination::toString).containsExactly(opened);
      assertThat(world.causes()).isEqualTo(Map.of(SocksCounter.COMPLETED, 1L));
    }
  }

  @Test
  void curlIsToldWhatThePolicyRefuses() throws Exception {
    try (var world = SocksWorld.tcp(http, plan -> plan)) {
      var run = curl("--socks5-hostname", at(world), "http://some.example:25/");
      assertThat(run.exit()).isEqualTo(PROXY_ERROR);
      assertThat(run.output()).contains("(2)");
      assertThat(world.opened).isEmpty();
      assertThat(world.causes()).isEqualTo(Map.of(SocksCounter.NOT_ALLOWED, 1L));
    }
  }

  @Test
  void curlLogsIn() throws Exception {
    try (var world = SocksWorld.tcp(http, plan -> plan.login("alice", "pw"))) {
      var url = "http://some.example/";
      assertThat(curl("--proxy-user", "alice:pw", "--socks5-hostname", at(world), url).exit())
          .isZero();
      assertThat(curl("--proxy-user", "alice:px", "--socks5-hostname", at(world), url).exit())
          .isEqualTo(PROXY_ERROR);
      assertThat(curl("--socks5-hostname", at(world), url).exit()).isEqualTo(PROXY_ERROR);
      world.await(SocksCounter.NO_LOGIN, 2);
    }
  }
}
