package dev.cloister.tor.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a shape may say, and what becomes of it in a node's configuration. */
final class TorShapeTest {
  private static final TorShape SHAPE = PrivateTorNetwork.shape();

  @TempDir private Path directory;

  private String torrc(TorShape shape, TorRole role) throws IOException {
    try (var ports = new HeldPorts()) {
      var node = NodePlan.of(role, 0, 0, directory, ports);
      return new Torrc(shape, directory, List.of("DirAuthority one"), List.of("F")).of(node, 7);
    }
  }

  @ParameterizedTest
  @CsvSource({"1, 2, 1, 1", "1, 3, 0, 0", "4, 0, 0, 0", "3, 4, 2, 55"})
  void fourRelaysOfAnyRoleAreANetwork(int authorities, int relays, int exits, int clients) {
    SHAPE.authorities(authorities).relays(relays).exits(exits).clients(clients).check();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "1 | 1 | 1 | 1  | 1 authorities, 1 relays and 1 exits: a network needs 4 of them together",
        "3 | 4 | 2 | 56 | 65 nodes: allowed are 4-64",
        "0 | 4 | 1 | 1  | authorities: 0, allowed are 1-64",
        "1 | -1| 1 | 1  | relays: -1, allowed are 0-64",
        "1 | 2 | 65| 1  | exits: 65, allowed are 0-64",
      })
  void whatGivesNoNetworkIsRefused(
      int authorities, int relays, int exits, int clients, String message) {
    assertThatIllegalArgumentException()
        .isThrownBy(() ->
            SHAPE
                .authorities(authorities)
                .relays(relays)
                .exits(exits)
                .clients(clients)
                .startIn(directory))
        .withMessage(message);
    assertThat(directory).isEmptyDirectory();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "DataDirectory /tmp    | option DataDirectory: a private network sets it itself",
        "socksport 9050        | option socksport: a private network sets it itself",
        "+ExitPolicy accept *:*| option \"+ExitPolicy\": a keyword has letters, digits and"
            + " underscores alone",
        "%include /etc/torrc   | option \"%include\": a keyword has letters, digits and underscores"
            + " alone",
        "''                    | option \"\": a keyword has letters, digits and underscores alone",
      })
  void aLineThatWouldBreakTheNetworkIsRefused(String line, String message) {
    assertThatIllegalArgumentException().isThrownBy(() -> SHAPE.option(line)).withMessage(message);
  }

  @Test
  void aLineCannotCarryAnother() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SHAPE.option("NumCPUs 1\nSocksPort 9050"))
        .withMessage("option NumCPUs: a value must be one line without control characters");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SHAPE.readyWithin(Duration.ZERO))
        .withMessage("ready within PT0S: must be positive");
  }

  @Test
  void aLineReplacesTheNetworksOwnOfItsKeywordForItsRoleAlone() throws IOException {
    var shape =
        SHAPE
            .option(TorRole.EXIT, "exitpolicy accept 127.0.0.1:80")
            .option(TorRole.EXIT, "ExitPolicy reject *:*")
            .option("NumCPUs 2");
    assertThat(torrc(shape, TorRole.EXIT).lines())
        .filteredOn(line -> line.toLowerCase(Locale.ROOT).startsWith("exitpolicy "))
        .containsExactly("exitpolicy accept 127.0.0.1:80", "ExitPolicy reject *:*");
    assertThat(torrc(shape, TorRole.RELAY).lines()).contains("ExitPolicy reject *:*", "NumCPUs 2");
    assertThat(torrc(shape, TorRole.CLIENT).lines())
        .contains("NumCPUs 2")
        .doesNotContain("NumCPUs 1");
  }

  @Test
  void aPathMayHaveWhatMeansSomethingInAConfiguration() throws IOException {
    directory = Files.createDirectory(directory.resolve("a #\"\\b"));
    assertThat(torrc(SHAPE, TorRole.CLIENT))
        .contains("DataDirectory \"" + directory.getParent() + "/a #\\\"\\\\b/client0\"\n");
  }
}
