package dev.cloister.tor.onionproxy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cloister.core.testing.RequiresProgram;
import dev.cloister.tor.testing.PrivateTorNetwork;
import dev.cloister.tor.testing.TorRole;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Names: judged by their port, found by the exit. */
@RequiresProgram(
    value = {"python3", "bwrap", "ip", "nft", "tor"},
    root = true)
@Timeout(180)
final class OnionProxyNamesTest {

  @Test
  void aNameGoesToTheExitWhichFindsItsAddress(@TempDir Path directory) throws IOException {
    var resolver = directory.resolve("resolv.conf");
    try (var names = NameServer.open();
        var site = new PlainSite()) {
      Files.writeString(resolver, "nameserver 127.0.0.1:%d\n".formatted(names.port()));
      var shape =
          PrivateTorNetwork.shape().option(TorRole.EXIT, "ServerDNSResolvConfFile " + resolver);
      try (var network = shape.start();
          var cells = ProxiedCells.on(network, directory)) {
        var port = site.port();
        var function = cells.start("reject 127.0.0.0/8:*", "accept *:" + port);
        assertThat(function.say("code('127.0.0.1', %d)".formatted(port))).isEqualTo("2");
        assertThat(function.say("code('site.example', 25)")).isEqualTo("2");
        assertThat(names.asked()).doesNotContain("site.example.");
        // What the gate cannot judge: the exit's policy lets the name's address be reached.
        assertThat(function.say("fetch('Site.example.', %d)".formatted(port)))
            .endsWith(PlainSite.PAGE);
        assertThat(names.asked()).contains("site.example.");
      }
    }
  }
}
