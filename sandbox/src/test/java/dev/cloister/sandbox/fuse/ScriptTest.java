package dev.cloister.sandbox.fuse;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.jimfs.Configuration;
import com.google.common.jimfs.Jimfs;
import dev.cloister.core.testing.RequiresProgram;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Thousands of operations through a mount do what they do in a plain directory. */
@RequiresProgram(
    value = {},
    root = true)
@Timeout(120)
final class ScriptTest {
  private static final int STEPS = 3000;

  @TempDir private Path directory;

  /** What is mounted. */
  enum Root {
    DISK {
      @Override
      Path make(Path directory) throws IOException {
        return Files.createDirectory(directory.resolve("root"));
      }
    },
    MEMORY {
      @Override
      Path make(Path directory) throws IOException {
        var mode = PosixFilePermissions.fromString("rwxr-xr-x");
        var root = Files.createDirectory(jimfs("posix").resolve("root"));
        return Files.setPosixFilePermissions(root, mode);
      }
    },
    MEMORY_WITHOUT_MODES {
      @Override
      Path make(Path directory) throws IOException {
        return Files.createDirectory(jimfs("basic").resolve("root"));
      }
    };

    abstract Path make(Path directory) throws IOException;

    private static Path jimfs(String views) {
      var system = Configuration.unix().toBuilder().setAttributeViews(views).build();
      return Jimfs.newFileSystem(system).getPath("/work");
    }
  }

  @ParameterizedTest
  @CsvSource({"DISK,1", "DISK,2", "MEMORY,3", "MEMORY_WITHOUT_MODES,4"})
  void aScriptDoesTheSameAsInAPlainDirectory(Root kind, long seed) throws Exception {
    var modes = kind != Root.MEMORY_WITHOUT_MODES;
    var plain = new Script(Files.createDirectory(directory.resolve("plain")), seed, modes);
    var root = kind.make(directory);
    try (var served = Served.at(directory.resolve("mount"), root)) {
      var mounted = new Script(served.place, seed, modes);
      for (var step = 0; step < STEPS; step++) {
        assertThat(mounted.step()).as("seed %d, step %d", seed, step).isEqualTo(plain.step());
      }
      assertThat(mounted.all()).as("seed %d", seed).hasSizeGreaterThan(10).isEqualTo(plain.all());
      assertThat(served.mount.counts().get(FuseCounter.FAILED)).isZero();
    }
    // What the kernel showed is what is really there.
    if (kind == Root.DISK) {
      assertThat(new Script(root, seed, modes).all()).isEqualTo(plain.all());
    }
  }
}
