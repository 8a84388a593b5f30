package dev.cloister.sandbox.runtime.container;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cloister.core.TimeSource;
import dev.cloister.core.policy.NetworkPolicy;
import dev.cloister.core.policy.Resource;
import dev.cloister.core.policy.ResourceLimits;
import dev.cloister.core.testing.RequiresProgram;
import dev.cloister.sandbox.firewall.Internet;
import dev.cloister.sandbox.image.Image;
import dev.cloister.sandbox.runtime.Ending.Cause;
import dev.cloister.sandbox.runtime.Launch;
import dev.cloister.sandbox.runtime.RuntimeLabel.Claim;
import dev.cloister.sandbox.runtime.spawned.PythonFunctions;
import dev.cloister.sandbox.testing.FunctionRuntimeContract;
import dev.cloister.sandbox.testing.PythonBehaviours;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Containers with a network of their own: the contract, and real connections beside it. */
@RequiresProgram(
    value = {"bwrap", "python3", "ip", "nft"},
    root = true)
final class OwnNetworkTest extends FunctionRuntimeContract {
  private static final NetworkPolicy POLICY =
      NetworkPolicy.parse("test", List.of("accept 203.0.113.2:80", "accept [2001:db8:99::2]:80"));

  @TempDir private Path directory;
  private final ExecutorService tasks =
      Executors.newThreadPerTaskExecutor(Executors.defaultThreadFactory());
  private Image image;
  private ContainerRuntime runtime;

  @BeforeEach
  void openTheRuntime() throws IOException {
    image = PythonFunctions.image(directory);
    runtime =
        ContainerRuntime.openWithOwnNetwork(
            Thread.ofPlatform().factory(), TimeSource.system(), OwnNetwork.standard());
  }

  @AfterEach
  void closeTheRuntime() throws IOException {
    tasks.close();
    runtime.close();
  }

  @Override
  protected ExecutorService tasks() {
    return tasks;
  }

  @Override
  protected ContainerRuntime runtime() {
    return runtime;
  }

  @Override
  protected Launch launch(String cell, ResourceLimits limits) {
    return new Launch(cell, image, image.systemCalls(), limits, POLICY);
  }

  @Override
  protected byte[] code(Behaviour behaviour) {
    return PythonBehaviours.code(behaviour);
  }

  private Container start(ResourceLimits limits, NetworkPolicy policy, String code)
      throws IOException {
    return Container.start(runtime, image, limits, policy, code);
  }

  /** A function that connects to each host and port, and sends what came of each. */
  private static String connecting(String destinations) {
    return """
    import errno
    import socket
    for place in '%s'.split(','):
        try:
            with socket.create_connection(place.split(' '), 5) as peer:
                cell.send(b'reached ' + peer.recv(100))
        except OSError as refused:
            cell.send(errno.errorcode[refused.errno].encode())
    """
        .formatted(destinations);
  }

  private Container.Outcome connect(NetworkPolicy policy, String... destinations) throws Exception {
    var code = connecting(String.join(",", destinations));
    try (var container = start(Container.limits(), policy, code)) {
      return container.ended();
    }
  }

  @Test
  void whatThePolicyAcceptsIsReachedAndNothingElse() throws Exception {
    try (var _ = Internet.open()) {
      var outcome =
          connect(
              POLICY,
              "203.0.113.2 80",
              "2001:db8:99::2 80",
              "203.0.113.2 443",
              "203.0.113.3 80",
              "2001:db8:99::3 80");
      assertThat(outcome.sent())
          .containsExactly(
              "reached ::ffff:" + Internet.HOST,
              "reached " + Internet.HOST6,
              "ECONNREFUSED",
              "ECONNREFUSED",
              "ECONNREFUSED");
      assertThat(outcome.usage().bytesOut()).isBetween(200L, 10_000L);
      assertThat(outcome.usage().bytesIn()).isBetween(200L, 10_000L);
      assertThat(outcome.usage().deniedCalls()).isEmpty();
    }
  }

  @Test
  void theHostItselfIsNotReached() throws Exception {
    try (var _ = Internet.open();
        var server = new ServerSocket(0)) {
      var port = " " + server.getLocalPort();
      var outcome =
          connect(
              NetworkPolicy.parse("test", List.of("accept *:*")),
              Internet.HOST + port,
              "127.0.0.1" + port);
      assertThat(outcome.sent()).containsExactly("ECONNREFUSED", "ECONNREFUSED");
    }
  }

  @Test
  void aPolicyThatAcceptsNothingGivesNoNetworkAndNoSocket() throws Exception {
    var outcome = connect(NetworkPolicy.none(), "203.0.113.2 80");
    assertThat(outcome.sent()).containsExactly("EPERM");
    assertThat(outcome.usage().deniedCalls()).containsOnlyKeys("socket");
  }

  @ParameterizedTest
  @CsvSource({
    "AF_INET,SOCK_DGRAM",
    "AF_INET,SOCK_RAW",
    "AF_UNIX,SOCK_STREAM",
    "AF_NETLINK,SOCK_RAW",
    "AF_PACKET,SOCK_RAW"
  })
  void noOtherSocketCanBeMade(String family, String type) throws Exception {
    var code =
        """
        import socket
        socket.socket(socket.%s, socket.%s)
        """
            .formatted(family, type);
    try (var container = start(Container.limits(), POLICY, code)) {
      var outcome = container.ended();
      assertThat(outcome.ending().cause()).isEqualTo(Cause.FAILED);
      assertThat(outcome.usage().deniedCalls()).containsOnlyKeys("socket");
    }
  }

  @ParameterizedTest
  @CsvSource({"BYTES_IN", "BYTES_OUT"})
  void bytesOfItsNetworkEndItAtTheirLimit(Resource limit) throws Exception {
    var limits = Container.limits().with(limit, 20_000);
    var code =
        """
        import socket
        while True:
            with socket.create_connection(('203.0.113.2', 80), 5) as peer:
                peer.recv(100)
        """;
    try (var _ = Internet.open();
        var container = start(limits, POLICY, code)) {
      var outcome = container.ended();
      assertThat(outcome.ending().limit()).contains(limit);
      assertThat(
              limit == Resource.BYTES_IN ? outcome.usage().bytesIn() : outcome.usage().bytesOut())
          .isGreaterThan(20_000);
    }
  }

  @Test
  void livesLeaveNothing() throws Exception {
    connect(POLICY, "203.0.113.3 80");
    var before = Traces.now();
    for (var life = 0; life < 10; life++) {
      assertThat(connect(POLICY, "203.0.113.3 80").ending().cause()).isEqualTo(Cause.EXITED);
    }
    assertThat(Traces.now()).isEqualTo(before);
  }

  @Test
  void itsLabelClaimsTheBytesOfItsNetwork() {
    assertThat(runtime.label().claims())
        .containsEntry(Resource.BYTES_IN, Claim.ENFORCED)
        .containsEntry(Resource.BYTES_OUT, Claim.ENFORCED);
  }
}
