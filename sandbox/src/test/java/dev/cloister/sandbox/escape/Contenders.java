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
  private static final String FILE_FACTS =
      "the names, sizes and times of the host's files can be seen";
  private static final String READ_BY_THE_IMAGE =
      "opening the host's files, but what its image reads: Landlock";

  private final ProcessRuntime process;
  private final Image image;

  /** Opens them, with an image below the directory. */
  Contenders(Path directory) throws IOException {
    image = PythonFunctions.image(directory);
    process = ProcessRuntime.open(Thread.ofPlatform().factory(), TimeSource.system());
  }

  List<Contender> all() {
    return List.of(
        new Contender(
            process,
            image,
            60,
            Map.of(
                "files.learns_when_a_file_was_changed",
                FILE_FACTS,
                "files.learns_what_the_hosts_python_has_installed",
                READ_BY_THE_IMAGE)));
  }

  @Override
  public void close() throws IOException {
    process.close();
  }
}
