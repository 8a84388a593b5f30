package dev.cloister.sandbox.escape;

import dev.cloister.core.TimeSource;
import dev.cloister.core.policy.NetworkPolicy;
import dev.cloister.sandbox.image.Image;
import dev.cloister.sandbox.runtime.container.ContainerRuntime;
import dev.cloister.sandbox.runtime.container.OwnNetwork;
import dev.cloister.sandbox.runtime.process.ProcessRuntime;
import dev.cloister.sandbox.runtime.spawned.PythonFunctions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The runtimes of this host that keep strangers' functions, each with the image of Python. The one
 * with a network may reach all that a policy can give, which is not the host.
 */
final class Contenders implements AutoCloseable {
  /** What was asked of each. */
  private static final int PROCESS_REFUSES = 60;

  private static final int CONTAINER_LETS = 5;

  private static final String PACKAGES = "files.learns_what_the_hosts_python_has_installed";

  private final ProcessRuntime process;
  private final ContainerRuntime container;
  private final ContainerRuntime networked;
  private final Image image;

  /** Opens them, with an image below the directory. */
  Contenders(Path directory) throws IOException {
    image = PythonFunctions.image(directory);
    var threads = Thread.ofPlatform().factory();
    process = ProcessRuntime.open(threads, TimeSource.system());
    container = ContainerRuntime.open(threads, TimeSource.system());
    networked =
        ContainerRuntime.openWithOwnNetwork(threads, TimeSource.system(), OwnNetwork.standard());
  }

  List<Contender> all() {
    return List.of(
        Contender.of(
            process,
            image,
            attacks -> attacks - PROCESS_REFUSES,
            Map.of(
                "files.learns_when_a_file_was_changed",
                "the names, sizes and times of the host's files can be seen",
                PACKAGES,
                "opening the host's files, but what its image reads: Landlock")),
        Contender.of(
            container,
            image,
            _ -> CONTAINER_LETS,
            Map.of(
                PACKAGES,
                "what its image reads of the host can be read whole: programs, libraries, and"
                    + " whatever else lies below those paths")),
        new Contender(
            "container with a network of its own",
            networked,
            image,
            NetworkPolicy.parse("all", List.of("accept *:*")),
            Set.of("sockets"),
            _ -> 0,
            Map.of()));
  }

  @Override
  public void close() throws IOException {
    try (process;
        container) {
      networked.close();
    }
  }
}
