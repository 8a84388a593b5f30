package dev.cloister.sandbox.escape;

import dev.cloister.core.TimeSource;
import dev.cloister.sandbox.image.Image;
import dev.cloister.sandbox.runtime.process.ProcessRuntime;
import dev.cloister.sandbox.runtime.spawned.PythonFunctions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** The runtimes of this host that keep strangers' functions, each with the image of Python. */
final class Contenders implements AutoCloseable {
  /** What was asked of each. */
  private static final int PROCESS_REFUSES = 60;

  private static final String PACKAGES = "files.learns_what_the_hosts_python_has_installed";

  private final ProcessRuntime process;
  private final Image image;

  /** Opens them, with an image below the directory. */
  Contenders(Path directory) throws IOException {
    image = PythonFunctions.image(directory);
    var threads = Thread.ofPlatform().factory();
    process = ProcessRuntime.open(threads, TimeSource.system());
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
                "opening the host's files, but what its image reads: Landlock")));
  }

  @Override
  public void close() throws IOException {
    process.close();
  }
}
