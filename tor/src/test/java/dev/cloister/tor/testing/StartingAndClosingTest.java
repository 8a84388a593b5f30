package dev.cloister.tor.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.cloister.core.testing.RequiresProgram;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Whatever becomes of a network, it leaves the machine as it was. */
@Timeout(180)
@RequiresProgram({"tor", "tor-gencert"})
final class StartingAndClosingTest {
  private static final Duration OWNER_LOOKED_FOR = Duration.ofSeconds(20);

  @RegisterExtension static final PrivateTor TOR = PrivateTor.of(PrivateTorNetwork.shape());

  @TempDir private Path directory;

  private static List<Path> below(Path directory) throws IOException {
    try (var files = Files.walk(directory)) {
      return files.sorted().toList();
    }
  }

  /** Processes of tor whose configuration lies in the directory, whoever started them. */
  private static List<String> torsOf(Path directory) throws IOException {
    var found = new ArrayList<String>();
    try (var all = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
      for (var process : all) {
        var line = commandLine(process);
        if (line.contains("--defaults-torrc\0" + directory)) {
          found.add(line);
        }
      }
    }
    return found;
  }

  private static String commandLine(Path process) {
    try {
      return Files.readString(process.resolve("cmdline"));
    } catch (IOException _) {
      return "";
    }
  }

  private void assertNothingIsLeft() throws IOException {
    assertThat(torsOf(directory)).isEmpty();
    assertThat(below(directory)).containsExactly(directory);
  }

  @Test
  void aNetworkBesideAnotherLeavesNothingWhenItClosesAndTheOtherGoesOn(PrivateTorNetwork other)
      throws IOException {
    var network = PrivateTorNetwork.shape().startIn(directory.resolve("made"));
    var ports = new ArrayList<InetSocketAddress>();
    try (network;
        var route = OnionRoute.open(network.client(), "127.0.0.1")) {
      assertThat(route.get("one")).endsWith("one");
      assertThat(torsOf(directory)).hasSize(5);
      for (var node : network.nodes()) {
        ports.add(node.controlAddress());
        ports.add(node.role().relays() ? node.orAddress() : node.socksAddress());
      }
    }
    assertNothingIsLeft();
    for (var port : ports) {
      new ServerSocket(port.getPort(), 1, port.getAddress()).close();
    }
    network.close();
    try (var route = OnionRoute.open(other.client(), "127.0.0.1")) {
      assertThat(route.get("other")).endsWith("other");
    }
  }

  @Test
  void aLineThatTorRefusesFailsWithTheNodesNameAndItsLogAndLeavesNothing() throws IOException {
    var shape = PrivateTorNetwork.shape().option(TorRole.EXIT, "NoSuchOption 1");
    var failure = catchThrowable(() -> shape.startIn(directory));
    assertThat(failure)
        .isInstanceOf(PrivateTorFailure.class)
        .hasMessageStartingWith("node exit0 ended with exit code 1; its log ends:\n")
        .hasMessageContaining("Unknown option 'NoSuchOption'");
    assertThat(((PrivateTorFailure) failure).nickname()).isEqualTo("exit0");
    assertThat(((PrivateTorFailure) failure).log())
        .anyMatch(line -> line.contains("Unknown option 'NoSuchOption'"));
    assertNothingIsLeft();
  }

  @Test
  void aNetworkThatIsNotReadyInTimeSaysWhatItWaitedForAndLeavesNothing() throws IOException {
    var shape = PrivateTorNetwork.shape().readyWithin(Duration.ofSeconds(2));
    assertThatThrownBy(() -> shape.startIn(directory))
        .isInstanceOf(PrivateTorFailure.class)
        .hasMessageMatching("(?s)node authority0 did not .* within PT2S; its log ends:\n.*");
    assertNothingIsLeft();
  }

  @Test
  void aStartThatIsInterruptedLeavesNothing()
      throws IOException, InterruptedException, ExecutionException {
    var start =
        new FutureTask<>(() -> {
          var thrown = catchThrowable(() -> PrivateTorNetwork.shape().startIn(directory));
          assertThat(Thread.interrupted()).isTrue();
          return thrown;
        });
    var thread = Thread.ofPlatform().start(start);
    while (torsOf(directory).isEmpty() && thread.isAlive()) {
      thread.join(Duration.ofMillis(10));
    }
    thread.interrupt();
    assertThat(start.get()).isExactlyInstanceOf(InterruptedIOException.class);
    assertNothingIsLeft();
  }

  @Test
  void anOrdinaryUsersNetworkEndsWhenItsProcessIsKilledAndTheNextRemovesItsFiles()
      throws IOException, InterruptedException, ExecutionException, TimeoutException {
    var place = directory.resolve("network");
    var process = ChildJvm.ofOrdinaryUser(directory, HeldNetwork.class, place.toString()).start();
    try {
      var pids = process.inputReader().readLine();
      assertThat(pids).matches("[0-9]+( [0-9]+){4}");
      process.destroyForcibly().waitFor();
      for (var pid : pids.split(" ", -1)) {
        var ended = ProcessHandle.of(Long.parseLong(pid)).map(ProcessHandle::onExit);
        if (ended.isPresent()) {
          ended.get().get(OWNER_LOOKED_FOR.toSeconds(), TimeUnit.SECONDS);
        }
      }
    } finally {
      process.destroyForcibly().waitFor();
    }
    assertThat(below(place)).hasSizeGreaterThan(20);
    var shape = PrivateTorNetwork.shape().option("NoSuchOption 1");
    assertThatThrownBy(() -> shape.startIn(place)).isInstanceOf(PrivateTorFailure.class);
    assertThat(below(place)).containsExactly(place);
  }

  @Test
  void aDirectoryThatIsHeldIsRefused(PrivateTorNetwork network) {
    assertThatThrownBy(() -> PrivateTorNetwork.shape().startIn(network.directory()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(network.directory().toString())
        .hasMessageEndingWith("choose another directory");
  }
}
