package dev.cloister.tor.onionproxy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cloister.core.testing.RequiresProgram;
import dev.cloister.tor.testing.ChildJvm;
import dev.cloister.tor.testing.PrivateTor;
import dev.cloister.tor.testing.PrivateTorNetwork;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** A host that is killed with a function and its tor alive. */
@RequiresProgram(
    value = {"python3", "bwrap", "ip", "nft"},
    root = true)
@Timeout(120)
final class KilledHostTest {
  @RegisterExtension static final PrivateTor TOR = PrivateTor.of(PrivateTorNetwork.shape());

  private static final String READY = "ready";

  /** The host that is killed. */
  static final class Host {
    public static void main(String... arguments) throws IOException {
      var cells =
          new ProxiedCells(
              Path.of(arguments[0]),
              Files.readAllLines(Path.of(arguments[1])),
              OnionProxyLimits.standard());
      cells.start("accept *:80");
      System.out.println(READY);
      System.in.read();
      cells.close();
    }
  }

  private static Process started(PrivateTorNetwork network, Path directory) throws IOException {
    var lines = Files.write(directory.resolve("lines"), ProxiedCells.lines(network));
    return ChildJvm.of(
            List.of("--enable-native-access=ALL-UNNAMED"),
            Host.class,
            directory.toString(),
            lines.toString())
        .start();
  }

  @Test
  void whatItLeftIsGoneOnceTheNextIsOpen(PrivateTorNetwork network, @TempDir Path directory)
      throws Exception {
    var host = started(network, directory);
    try (var said = host.inputReader()) {
      assertThat(said.readLine()).isEqualTo(READY);
      var left = HostTraces.of(directory, host.pid());
      assertThat(left.tors()).hasSize(1);
      assertThat(left.files()).hasSize(1);
      assertThat(left.networks()).hasSize(1);
      assertThat(left.tables()).hasSize(1);
      assertThat(left.groups()).hasSizeGreaterThan(1);
    } finally {
      host.destroyForcibly().waitFor();
    }
    var nothing = new HostTraces(List.of(), List.of(), List.of(), List.of(), List.of());
    try (var _ = ProxiedCells.on(network, directory)) {
      assertThat(HostTraces.of(directory, host.pid())).isEqualTo(nothing);
    }
  }

  /** Tor looks every 15 seconds whether its owner lives. */
  @Test
  void itsTorEndsByItselfWithoutANext(PrivateTorNetwork network, @TempDir Path directory)
      throws Exception {
    var host = started(network, directory);
    try (var said = host.inputReader()) {
      assertThat(said.readLine()).isEqualTo(READY);
    } finally {
      host.destroyForcibly().waitFor();
    }
    for (var tor : TorProcess.in(directory)) {
      tor.handle().onExit().get(60, TimeUnit.SECONDS);
    }
    ProxiedCells.on(network, directory).close();
  }
}
