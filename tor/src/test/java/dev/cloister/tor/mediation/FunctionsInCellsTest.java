package dev.cloister.tor.mediation;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cloister.core.Description;
import dev.cloister.core.TimeSource;
import dev.cloister.core.policy.Manifest;
import dev.cloister.core.policy.NetworkPolicy;
import dev.cloister.core.policy.NodePolicy;
import dev.cloister.core.posture.Guarantees;
import dev.cloister.core.testing.RequiresProgram;
import dev.cloister.core.token.InvocationToken;
import dev.cloister.sandbox.guest.PythonGuest;
import dev.cloister.sandbox.host.CellHost;
import dev.cloister.sandbox.host.Shown;
import dev.cloister.sandbox.image.ImageCatalog;
import dev.cloister.sandbox.runtime.FunctionRuntime;
import dev.cloister.sandbox.runtime.container.ContainerRuntime;
import dev.cloister.sandbox.runtime.process.ProcessRuntime;
import dev.cloister.tor.testing.PrivateTor;
import dev.cloister.tor.testing.PrivateTorNetwork;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Real functions in Python, in cells of a host, speak to a real tor through its gate. */
@RequiresProgram(
    value = {"python3", "bwrap"},
    root = true)
@Timeout(120)
final class FunctionsInCellsTest {
  private static final String POLICY =
      """
      version: 1
      images: [python]
      api: [receive, send, tor]
      perFunction: {cpuSeconds: 60, cpuShare: 1, wallSeconds: 120, memoryBytes: 67108864,
        processes: 4, openFiles: 64, diskBytes: 100000, bytesIn: 1000000, bytesOut: 1000000}
      total: {cpuSeconds: 600, cpuShare: 10, wallSeconds: 1200, memoryBytes: 671088640,
        processes: 40, openFiles: 640, diskBytes: 1000000, bytesIn: 10000000,
        bytesOut: 10000000}
      lifetime: 600
      """;

  /** Says each line that it receives to tor, and answers with what it heard, or who refused. */
  private static final String FUNCTION =
      """
      import cell
      while (line := cell.receive()) is not None:
          try:
              cell.send(cell.tor(line.decode()).encode())
          except cell.Refused as refused:
              cell.send(f"refused by {refused}".encode())
      """;

  private static final Duration SOON = Duration.ofSeconds(30);

  @RegisterExtension static final PrivateTor TOR = PrivateTor.of(PrivateTorNetwork.shape());

  @TempDir private Path directory;

  @Test
  void aProgramOfTheProcessTierDoes(PrivateTorNetwork network) throws Exception {
    try (var runtime = ProcessRuntime.open(Thread.ofPlatform().factory(), TimeSource.system())) {
      speak(network, runtime);
    }
  }

  @Test
  void aProgramOfTheContainerTierDoes(PrivateTorNetwork network) throws Exception {
    try (var runtime = ContainerRuntime.open(Thread.ofPlatform().factory(), TimeSource.system())) {
      speak(network, runtime);
    }
  }

  private void speak(PrivateTorNetwork network, FunctionRuntime runtime) throws Exception {
    try (var control = network.client().control();
        var executor = Executors.newThreadPerTaskExecutor(Executors.defaultThreadFactory());
        var images = images();
        var host =
            CellHost.under(NodePolicy.parse("policy.yaml", POLICY))
                .images(images)
                .runtimes(runtime)
                .directory(directory.resolve("cells"))
                .executor(executor)
                .guarantees(Guarantees.lab())
                .tor(TorMediator.of(control, TorGrant.all(NetworkPolicy.none())))
                .open()) {
      var cell = host.start(manifest());
      var token = cell.grant().invocation();
      host.load(Shown.now(token), FUNCTION.getBytes(UTF_8), new byte[0]);
      assertThat(said(host, token, "GETINFO version"))
          .isEqualTo("250-version=" + control.getInfo("version") + "\n250 OK");
      assertThat(said(host, token, "GETINFO config-text")).contains("refused by", "tor.getinfo");
      assertThat(said(host, token, "SIGNAL HALT")).contains("refused by", "tor.verb");
      assertThat(said(host, token, "GETINFO version\r\nSIGNAL HALT")).contains("tor.line");
      assertThat(control.hasEnded()).isFalse();
    }
  }

  private static String said(CellHost host, InvocationToken token, String line) throws IOException {
    return new String(host.call(Shown.now(token), line.getBytes(UTF_8), SOON), UTF_8);
  }

  private ImageCatalog images() throws IOException {
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
    var catalog = Files.createDirectories(directory.resolve("images"));
    PythonGuest.install(Files.createDirectory(catalog.resolve("python")));
    return ImageCatalog.in(catalog);
  }

  private static Manifest manifest() {
    return Manifest.parse(
        "manifest.yaml",
        """
        name: talker
        codeDigest: %s
        image: python
        api: [receive, send, tor]
        """
            .formatted(Description.sha256Hex(FUNCTION.getBytes(UTF_8))));
  }
}
