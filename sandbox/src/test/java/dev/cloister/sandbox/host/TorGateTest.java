package dev.cloister.sandbox.host;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cloister.core.Denied;
import dev.cloister.core.gate.Declaration;
import dev.cloister.core.gate.Exchange;
import dev.cloister.core.testing.LoopbackExchange;
import dev.cloister.sandbox.runtime.CellApi;
import dev.cloister.sandbox.testing.InMemoryRuntime;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A function that speaks to Tor does so through the gate that its host declares, or not at all. */
final class TorGateTest {
  private static final Declaration<? extends Exchange> ECHO =
      LoopbackExchange.named("relay", line -> ("250 " + new String(line, UTF_8)).getBytes(UTF_8));

  private static final Declaration<? extends Exchange> STRICT =
      LoopbackExchange.named(
          "relay",
          _ -> {
            throw new Denied("tor.verb", "nothing is granted");
          });

  @TempDir private Path directory;

  /** Says what it gets to Tor, and sends on what it hears. */
  private static void relay(CellApi api) throws Exception {
    var line = new String(api.receive(Duration.ofSeconds(30)).orElseThrow(), UTF_8);
    try {
      api.send(api.tor(line).getBytes(UTF_8));
    } catch (Denied e) {
      api.send(e.rule().getBytes(UTF_8));
    }
  }

  private String heard(String api, UnaryOperator<CellHostPlan> settings) throws IOException {
    var policy = World.POLICY.replace("time, exit]", "time, exit, tor]");
    try (var world =
        new World(directory, policy, settings, InMemoryRuntime.of((_, cell) -> relay(cell)))) {
      var cell = world.running(World.manifestFor(api));
      var answer =
          world.host.call(
              Shown.now(cell.grant().invocation()),
              "GETINFO version".getBytes(UTF_8),
              Duration.ofSeconds(30));
      return new String(answer, UTF_8);
    }
  }

  @Test
  void itSpeaksThroughTheGateOfItsHost() throws IOException {
    assertThat(heard("receive, send, tor", plan -> plan.tor(ECHO)))
        .isEqualTo("250 GETINFO version");
  }

  @Test
  void whatTheGateRefusesIsNamedByItsRule() throws IOException {
    assertThat(heard("receive, send, tor", plan -> plan.tor(STRICT))).isEqualTo("tor.verb");
  }

  @Test
  void whatItsManifestDoesNotAskForItHasNot() throws IOException {
    assertThat(heard("receive, send", plan -> plan.tor(ECHO))).isEqualTo("api.tor");
  }

  @Test
  void whereTheHostHasNoTorItIsRefusedByName() throws IOException {
    assertThat(heard("receive, send, tor", UnaryOperator.identity())).isEqualTo("api.tor");
  }
}
