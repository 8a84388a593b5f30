package dev.cloister.tor.onionproxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cloister.core.Denied;
import dev.cloister.core.testing.RequiresProgram;
import dev.cloister.sandbox.host.Shown;
import dev.cloister.sandbox.runtime.Ending;
import dev.cloister.sandbox.runtime.Ending.Cause;
import dev.cloister.tor.control.NewOnion;
import dev.cloister.tor.onion.OnionService;
import dev.cloister.tor.socks.SocksCounter;
import dev.cloister.tor.testing.PrivateTor;
import dev.cloister.tor.testing.PrivateTorNetwork;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Functions with onion proxies of their own, in cells, on a real network. */
@RequiresProgram(
    value = {"python3", "bwrap", "ip", "nft"},
    root = true)
@Timeout(120)
final class OnionProxyTest {
  @RegisterExtension static final PrivateTor TOR = PrivateTor.of(PrivateTorNetwork.shape());

  @TempDir private Path directory;

  @Test
  void aFunctionFetchesByItsOwnTor(PrivateTorNetwork network) throws IOException {
    try (var site = new PlainSite();
        var cells = ProxiedCells.on(network, directory)) {
      var function = cells.start("accept 127.0.0.1:" + site.port());
      assertThat(function.say("fetch('127.0.0.1', %d)".formatted(site.port())))
          .startsWith("HTTP/1.0 200 OK")
          .endsWith(PlainSite.PAGE);
      assertThat(site.served()).isEqualTo(1);
    }
  }

  @Test
  void anOnionServiceIsANameThatIsJudgedByItsPort(PrivateTorNetwork network) throws IOException {
    try (var site = new PlainSite();
        var control = network.client().control();
        var cells = ProxiedCells.on(network, directory)) {
      var target = new InetSocketAddress(InetAddress.getLoopbackAddress(), site.port());
      var service = OnionService.publish(control, NewOnion.serving(80, target), ProxiedCells.SOON);
      try {
        var onion = service.address().text();
        var someAddresses = cells.start("accept 192.0.2.0/24:80");
        assertThat(someAddresses.say("code('%s', 80)".formatted(onion))).isEqualTo("2");
        var anyAddress = cells.start("reject private:*", "accept *:80");
        assertThat(anyAddress.say("fetch('%s', 80)".formatted(onion))).endsWith(PlainSite.PAGE);
        assertThat(anyAddress.say("code('%s', 81)".formatted(onion))).isEqualTo("2");
      } finally {
        service.remove();
      }
    }
  }

  @Test
  void itsEnvironmentHasTheWayToItsGateAndNothingElse(PrivateTorNetwork network)
      throws IOException {
    try (var cells = ProxiedCells.on(network, directory)) {
      var function = cells.start("accept *:80");
      assertThat(function.say("dict(os.environ)"))
          .matches("\\{'ALL_PROXY': 'socks5h://10\\.213\\.[0-9.]+:9050'}");
    }
  }

  @Test
  void eachFunctionHasATorOfItsOwn(PrivateTorNetwork network) throws IOException {
    try (var cells = ProxiedCells.on(network, directory)) {
      cells.start("accept *:80");
      cells.start("accept *:80");
      var tors = TorProcess.in(directory);
      assertThat(tors).hasSize(2).extracting(TorProcess::user).doesNotHaveDuplicates();
      assertThat(tors).extracting(TorProcess::directory).doesNotHaveDuplicates();
    }
  }

  @Test
  void itsTorHasNoPrivilegeNoPortAndADirectoryOfItsOwn(PrivateTorNetwork network)
      throws IOException {
    try (var cells = ProxiedCells.on(network, directory)) {
      cells.start("accept *:80");
      var tor = TorProcess.in(directory).getFirst();
      assertThat(tor.user()).isGreaterThanOrEqualTo(1 << 20);
      assertThat(tor.status())
          .contains("NoNewPrivs:\t1", "Seccomp:\t2", "CapEff:\t0000000000000000", "Groups:\t \n");
      assertThat(tor.portsThatListen()).isEmpty();
      assertThat(Files.getPosixFilePermissions(tor.directory())).hasSize(3);
      assertThat(Files.getAttribute(tor.directory(), "unix:uid")).isEqualTo(tor.user());
    }
  }

  @Test
  void itsTorIsHeldToItsOwnLimitsBesideTheFunctions(PrivateTorNetwork network) throws IOException {
    try (var cells = ProxiedCells.on(network, directory)) {
      cells.start("accept *:80");
      var limits = OnionProxyLimits.standard();
      var tor = TorProcess.in(directory).getFirst();
      assertThat(tor.groupsSay("memory.limit_in_bytes", "memory.max"))
          .isEqualTo(Long.toString(limits.memoryBytes()));
      assertThat(tor.groupsSay("pids.max", "pids.max"))
          .isEqualTo(Integer.toString(limits.processes()));
      assertThat(tor.status()).containsPattern("Threads:\t[1-8]\n");
    }
  }

  @Test
  void aFunctionWhoseTorDiesIsEndedAndTold(PrivateTorNetwork network) throws Exception {
    try (var silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        var cells = ProxiedCells.on(network, directory)) {
      var function = cells.start("accept 127.0.0.1:" + silent.getLocalPort());
      var attachment = cells.host().attach(Shown.now(function.cell().grant().invocation()), -1);
      function.say("(stream := ask('127.0.0.1', %d))[0]".formatted(silent.getLocalPort()));
      assertThat(cells.runtime().counted(SocksCounter.OPENED)).isEqualTo(1);
      TorProcess.in(directory).getFirst().kill();
      Ending ending = cells.ending(attachment);
      assertThat(ending.cause()).isEqualTo(Cause.DIED);
      assertThat(ending.detail()).isEqualTo("its onion proxy ended with exit code 137");
      cells.awaitNoConnection();
    }
  }

  @Test
  void whatAFunctionHadIsGoneWithIt(PrivateTorNetwork network) throws Exception {
    try (var cells = ProxiedCells.on(network, directory)) {
      var before = HostTraces.now(directory);
      var function = cells.start("accept *:80");
      assertThat(HostTraces.now(directory)).isNotEqualTo(before);
      var attachment = cells.host().attach(Shown.now(function.cell().grant().invocation()), -1);
      function.shutdown();
      cells.ending(attachment);
      assertThat(HostTraces.whenSettled(directory, before)).isEqualTo(before);
    }
    assertThat(directory.resolve("op")).doesNotExist();
  }

  @Test
  void aStartThatDoesNotBootstrapFailsInTimeAndLeavesNothing() throws Exception {
    var nowhere =
        List.of(
            "TestingTorNetwork 1",
            "DirAuthority nowhere orport=9 v3ident=E286B9F6C09F9FBF27D2937EA84E3C7C656742D9"
                + " 127.0.0.1:9 E286B9F6C09F9FBF27D2937EA84E3C7C656742D9");
    var hasty = OnionProxyLimits.standard().bootstrap(Duration.ofSeconds(2));
    try (var cells = new ProxiedCells(directory, nowhere, hasty)) {
      var before = HostTraces.now(directory);
      assertThatThrownBy(() -> cells.start("accept *:80"))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("was not ready within PT2S")
          .hasMessageContaining("% bootstrapped");
      assertThat(HostTraces.whenSettled(directory, before)).isEqualTo(before);
    }
  }

  @Test
  void aTorThatRefusesItsLinesIsQuoted() throws Exception {
    var wrong = List.of("DirAuthority nonsense");
    try (var cells = new ProxiedCells(directory, wrong, OnionProxyLimits.standard())) {
      assertThatThrownBy(() -> cells.start("accept *:80"))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("ended with exit code 1")
          .hasMessageContaining("Reading config failed");
    }
  }

  @Test
  void noMoreHaveProxiesThanAllowed(PrivateTorNetwork network) throws Exception {
    var one = OnionProxyLimits.standard().companions(1);
    try (var cells = new ProxiedCells(directory, ProxiedCells.lines(network), one)) {
      var first = cells.start("accept *:80");
      assertThatThrownBy(() -> cells.start("accept *:80"))
          .isInstanceOf(Denied.class)
          .hasMessageContaining("onion proxies");
      var attachment = cells.host().attach(Shown.now(first.cell().grant().invocation()), -1);
      first.shutdown();
      cells.ending(attachment);
      assertThat(cells.start("accept *:80").say("6 * 7")).isEqualTo("42");
    }
  }
}
