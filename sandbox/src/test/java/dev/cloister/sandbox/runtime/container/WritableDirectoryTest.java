package dev.cloister.sandbox.runtime.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import com.google.common.jimfs.Configuration;
import com.google.common.jimfs.Jimfs;
import dev.cloister.core.TimeSource;
import dev.cloister.core.testing.RequiresProgram;
import dev.cloister.sandbox.fuse.Served;
import dev.cloister.sandbox.image.Image;
import dev.cloister.sandbox.runtime.FunctionRuntime;
import dev.cloister.sandbox.runtime.Launch;
import dev.cloister.sandbox.runtime.process.ProcessRuntime;
import dev.cloister.sandbox.runtime.spawned.PythonFunctions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A directory that only Java knows is a function's one writable place, in both runtimes. */
@RequiresProgram(
    value = {"bwrap", "python3"},
    root = true)
@Timeout(120)
final class WritableDirectoryTest {
  @TempDir private Path directory;
  private Image image;

  /** The runtimes that start programs. */
  enum Tier {
    PROCESS {
      @Override
      FunctionRuntime open() {
        return ProcessRuntime.open(Thread.ofPlatform().factory(), TimeSource.system());
      }
    },
    CONTAINER {
      @Override
      FunctionRuntime open() throws IOException {
        return ContainerRuntime.open(Thread.ofPlatform().factory(), TimeSource.system());
      }
    };

    abstract FunctionRuntime open() throws IOException;
  }

  @BeforeEach
  void install() throws IOException {
    image = PythonFunctions.image(directory);
  }

  private Launch launch() {
    return PythonFunctions.launch("one", image, Container.limits());
  }

  private Container.Outcome run(Tier kind, Launch launch, String code) throws Exception {
    var runtime = kind.open();
    try (var _ = (AutoCloseable) runtime;
        var container = Container.start(runtime, launch, code)) {
      return container.ended();
    }
  }

  @ParameterizedTest
  @EnumSource
  void aFunctionKeepsFilesInItAndTheRootHasThem(Tier kind) throws Exception {
    try (var memory = Jimfs.newFileSystem(Configuration.unix());
        var served = Served.at(directory.resolve("mount"), memory.getPath("/work"))) {
      var outcome =
          run(
              kind,
              launch().writing(served.place()),
              """
              import os
              os.makedirs('a/b')
              with open('a/b/file', 'w+') as file:
                  file.write('first')
                  file.seek(0)
                  read = file.read()
              with open('a/b/file', 'a') as file:
                  file.write(', second')
              os.rename('a/b/file', 'kept')
              os.rmdir('a/b')
              mine = os.stat('kept').st_uid == os.getuid()
              with open('large', 'wb') as file:
                  file.write(bytes(5000000))
              os.truncate(os.open('large', os.O_RDWR), 3)
              cell.send(repr((read, open('kept').read(), sorted(os.listdir()), mine)).encode())
              """);
      assertThat(outcome.said())
          .isEqualTo("('first', 'first, second', ['a', 'kept', 'large'], True)");
      assertThat(memory.getPath("/work/kept")).content().isEqualTo("first, second");
      assertThat(memory.getPath("/work/large")).hasSize(3);
    }
  }

  @ParameterizedTest
  @EnumSource
  void nothingElseCanBeWrittenButTheContainersTmp(Tier kind) throws Exception {
    var root = Files.createDirectory(directory.resolve("root"));
    try (var served = Served.at(directory.resolve("mount"), root)) {
      var outcome =
          run(
              kind,
              launch().writing(served.place()),
              """
              import os
              wrote = []
              here = os.getcwd()
              for place in [here, here + '/..', '/', '/tmp', '/var/tmp', '/dev/shm', '/usr', '/etc',
                            '/run', '/image', '%s', '%s']:
                  try:
                      with open(place + '/written', 'w') as file:
                          file.write('x')
                      wrote.append(place)
                  except OSError:
                      pass
              wrote.remove(here)
              cell.send(repr(wrote).encode())
              """
                  .formatted(root, directory));
      assertThat(outcome.said()).isEqualTo(kind == Tier.PROCESS ? "[]" : "['/tmp']");
      assertThat(root.resolve("written")).content().isEqualTo("x");
    }
  }

  @ParameterizedTest
  @EnumSource
  void anotherFunctionCannotOpenIt(Tier kind) throws Exception {
    var root = Files.createDirectory(directory.resolve("root"));
    try (var served = Served.at(directory.resolve("mount"), root)) {
      var writer = run(kind, launch().writing(served.place()), "open('mine', 'w').write('secret')");
      assertThat(writer.ending().limit()).isEmpty();
      assertThat(root.resolve("mine")).content().isEqualTo("secret");
      var reader =
          run(
              kind,
              launch(),
              """
              try:
                  cell.send(open('%s/mine').read().encode())
              except OSError as refused:
                  cell.send(type(refused).__name__.encode())
              """
                  .formatted(served.place()));
      assertThat(reader.said()).isIn("PermissionError", "FileNotFoundError");
    }
  }

  @ParameterizedTest
  @EnumSource
  void aMountThatIsClosedFailsTheFunctionsCallsAndNotTheHost(Tier kind) throws Exception {
    var root = Files.createDirectory(directory.resolve("root"));
    var runtime = kind.open();
    try (var _ = (AutoCloseable) runtime;
        var served = Served.at(directory.resolve("mount"), root);
        var container =
            Container.start(
                runtime,
                launch().writing(served.place()),
                """
                file = open('kept', 'w', buffering=1)
                file.write('one\\n')
                cell.send(b'on')
                try:
                    while True:
                        file.write('more\\n')
                except OSError:
                    cell.send(b'ended')
                import os
                os._exit(0)
                """)) {
      assertThat(container.said()).isEqualTo("on");
      served.unmount();
      assertThat(container.said()).isEqualTo("ended");
    }
    assertThat(directory.resolve("mount")).doesNotExist();
  }

  @ParameterizedTest
  @EnumSource
  void aDirectoryThatNoProgramCanEnterIsRefusedWithTheRemedy(Tier kind) throws Exception {
    try (var memory = Jimfs.newFileSystem(Configuration.unix())) {
      assertThatIOException()
          .isThrownBy(() -> run(kind, launch().writing(memory.getPath("/work")), ""))
          .withMessageContaining("mount it, and launch with the mount point");
    }
  }
}
