package dev.cloister.sandbox.host;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cloister.core.testing.RequiresProgram;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Scanner;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What becomes of functions whose host is killed, and of what it had made for them. */
@RequiresProgram(
    value = {"python3", "bwrap", "ip", "nft"},
    root = true)
final class HostKilledTest {
  @TempDir private Path directory;

  @ParameterizedTest
  @EnumSource(
      names = {"UNGROUPED", "UNGROUPED_CONTAINER"},
      mode = EnumSource.Mode.EXCLUDE)
  void functionsDieWithTheirHostAndTheNextOneClearsWhatItLeft(RealRuntime kind) throws Exception {
    var host = HostToKill.start(directory, kind);
    try {
      var before = Machine.ofHost(host.pid(), directory);
      go(host);
      // What a function started by itself may outlive it, until the next host opens.
      var functions = host.children().toList();
      assertThat(functions).hasSize(HostToKill.FUNCTIONS.size());

      host.destroyForcibly().waitFor();

      for (var function : functions) {
        function.onExit().get(30, TimeUnit.SECONDS);
      }
      var left = Machine.ofHost(host.pid(), directory).beyond(before);
      assertThat(left)
          .as("left by the killed host")
          .anyMatch(line -> line.endsWith("1.cell"))
          .anyMatch(line -> line.contains("1.mount"));

      try (var next = next(kind)) {
        var now = Machine.ofHost(host.pid(), directory);
        assertThat(now.of("processes")).isEmpty();
        assertThat(now.of("control groups")).isEqualTo(before.of("control groups"));
        assertThat(now.of("firewall tables")).isEqualTo(before.of("firewall tables"));
        assertThat(now.of("network namespaces")).isEqualTo(before.of("network namespaces"));
        assertThat(now.of("files")).noneMatch(line -> line.endsWith("1.cell"));
        assertThat(now.of("mounts")).isEqualTo(before.of("mounts"));
        assertThat(next.host.promised().amounts()).isEmpty();
      }
      var after = Machine.ofHost(host.pid(), directory).beyond(before);
      assertThat(after)
          .contains("files: " + directory.resolve("cells"))
          .noneMatch(line -> line.contains("cells/"));
    } finally {
      host.destroyForcibly();
    }
  }

  private static void go(Process host) throws Exception {
    host.getOutputStream().write('\n');
    host.getOutputStream().flush();
    var said = new ArrayList<String>();
    for (var lines = new Scanner(host.getInputStream(), UTF_8); lines.hasNextLine(); ) {
      said.add(lines.nextLine());
      if (said.getLast().equals("on")) {
        return;
      }
    }
    throw new AssertionError("it ended: " + said);
  }

  private PythonWorld next(RealRuntime kind) throws Exception {
    return PythonWorld.withMounts(directory, directory.resolve("mounts"), kind);
  }
}
