package dev.cloister.tor.socks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.cloister.core.TimeSource;
import dev.cloister.core.testing.RequiresProgram;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A tor without a network, whose only authority nobody runs: what it answers by itself. */
@RequiresProgram("tor")
final class RealTorTest {
  private static final Duration AMPLE = Duration.ofSeconds(20);
  private static final Isolation ALICE = Isolation.named("alice", "pw");

  @TempDir static Path directory;
  private static Process tor;
  private static SocksClient client;

  /** Tor says when its port is open. */
  @BeforeAll
  static void start() throws IOException {
    var socket = directory.resolve("socks");
    var empty = Files.createFile(directory.resolve("empty"));
    var torrc = directory.resolve("torrc");
    Files.write(
        torrc,
        List.of(
            "DataDirectory " + directory.resolve("data"),
            "SocksPort unix:" + socket + " ExtendedErrors",
            "GeoIPFile " + empty,
            "GeoIPv6File " + empty,
            "DirAuthority none orport=1 v3ident=%1$s 127.0.0.1:1 %1$s".formatted("A".repeat(40)),
            "SocksTimeout 2",
            "ShutdownWaitLength 0"));
    tor =
        new ProcessBuilder("tor", "--defaults-torrc", empty.toString(), "-f", torrc.toString())
            .redirectErrorStream(true)
            .start();
    var lines = tor.inputReader();
    var line = lines.readLine();
    while (line != null && !line.contains("Bootstrapped 0%")) {
      line = lines.readLine();
    }
    client = SocksClient.through(UnixDomainSocketAddress.of(socket), TimeSource.system());
  }

  @AfterAll
  static void stop() throws InterruptedException {
    tor.destroy();
    tor.waitFor();
  }

  @ParameterizedTest
  @ValueSource(strings = {"10.1.2.3", "2001:db8::1"})
  void anAddressIsItsOwnAnswer(String literal) throws IOException {
    for (var isolation : new Isolation[] {Isolation.none(), ALICE}) {
      assertThat(client.resolve(literal, isolation, AMPLE))
          .isEqualTo(InetAddress.ofLiteral(literal));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "x.onion, ONION_BAD_ADDRESS",
    "expyuzz4wqqyqhjn.onion, ONION_BAD_ADDRESS",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.onion, ONION_BAD_ADDRESS",
    "10.0.0.1, GENERAL_FAILURE",
    "::1, GENERAL_FAILURE",
    "localhost, GENERAL_FAILURE",
    "a.exit, GENERAL_FAILURE",
    "a.example, TTL_EXPIRED"
  })
  void whatTorDoesNotOpenItNames(String host, SocksCode code) {
    for (var isolation : new Isolation[] {Isolation.none(), ALICE}) {
      assertThatExceptionOfType(SocksFailure.class)
          .isThrownBy(() -> client.open(new Destination(host, 80), isolation, AMPLE))
          .satisfies(failure -> assertThat(failure.code()).isEqualTo(code));
    }
  }

  @Test
  void whatTorDoesNotFindItNames() {
    assertThatExceptionOfType(SocksFailure.class)
        .isThrownBy(() -> client.resolve("a.example", ALICE, AMPLE))
        .satisfies(failure -> assertThat(failure.code()).isEqualTo(SocksCode.HOST_UNREACHABLE));
    assertThatExceptionOfType(SocksFailure.class)
        .isThrownBy(() -> client.resolve(InetAddress.ofLiteral("10.1.2.3"), ALICE, AMPLE))
        .satisfies(failure -> assertThat(failure.code()).isEqualTo(SocksCode.HOST_UNREACHABLE));
  }

  @Test
  void whatTorSaysOfAnOnionServiceReachesAClientOfOurServer() throws IOException {
    try (var echo = SocksWorld.echo();
        var world = SocksWorld.unix(echo, plan -> plan)) {
      world.streams = client;
      assertThatExceptionOfType(SocksFailure.class)
          .isThrownBy(() -> world.open(new Destination("x.onion", 80)))
          .satisfies(failure -> assertThat(failure.code()).isEqualTo(SocksCode.ONION_BAD_ADDRESS));
    }
  }
}
