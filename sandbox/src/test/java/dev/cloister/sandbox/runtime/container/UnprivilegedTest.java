package dev.cloister.sandbox.runtime.container;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cloister.core.TimeSource;
import dev.cloister.core.testing.RequiresProgram;
import dev.cloister.sandbox.confine.OtherUser;
import dev.cloister.sandbox.runtime.spawned.PythonFunctions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Containers of a host that is not root, and has no control groups. */
@RequiresProgram(
    value = {"python3", "bwrap", "setpriv"},
    root = true)
final class UnprivilegedTest {
  private static final String FUNCTION =
      """
      import os
      def outcome(act):
          try: return act()
          except OSError as e: return e.errno
      cell.send(repr((
          os.getuid(), os.getpid(),
          outcome(lambda: os.listdir("/root")),
          outcome(lambda: os.kill(2, 9)),
          outcome(lambda: os.fork()),
          outcome(lambda: open("/usr/written", "w")),
          outcome(lambda: open("/tmp/written", "w").write("some")),
      )).encode())
      """;

  @TempDir private Path directory;

  /** The host, in a process of its own. */
  static final class Host {
    private Host() {}

    public static void main(String... args) throws Exception {
      var image = PythonFunctions.image(Files.createDirectory(Path.of(args[0], "host")));
      try (var runtime =
          ContainerRuntime.open(Thread.ofPlatform().factory(), TimeSource.system())) {
        System.out.println(runtime.label().lacks());
        System.out.println(Container.run(runtime, image, FUNCTION).said());
      }
    }
  }

  @Test
  void withoutPrivilegeAContainerHoldsAllTheSameAndSaysWhatItLacks()
      throws IOException, InterruptedException {
    var host = OtherUser.start(directory, Host.class, directory.toString());
    var said = new String(host.getInputStream().readAllBytes(), UTF_8);
    assertThat(host.waitFor()).as(said).isZero();
    assertThat(said)
        .contains("a user of its own for each function: start this process as root")
        .contains("(65534, 1, 2, 1, 1, 30, 4)");
  }
}
