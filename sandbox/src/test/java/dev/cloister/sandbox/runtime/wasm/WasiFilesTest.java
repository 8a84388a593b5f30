package dev.cloister.sandbox.runtime.wasm;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.jimfs.Configuration;
import com.google.common.jimfs.Jimfs;
import dev.cloister.core.testing.RequiresProgram;
import dev.cloister.sandbox.runtime.Ending;
import dev.cloister.sandbox.testing.InMemoryVault;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A program that uses files, as it is compiled for the system and as a function. */
@RequiresProgram({"clang-14", "wasm-ld-14", "cc"})
final class WasiFilesTest {
  private static final String GUEST = "/dev/cloister/sandbox/guest/wasm/cell.h";
  private static final String SOURCE = "/dev/cloister/sandbox/runtime/wasm/files.c";

  @TempDir private Path directory;

  /** What a function's directory may lie in. */
  enum Given {
    VAULT {
      @Override
      void to(Task task, Path directory) throws Exception {
        try (var vault = InMemoryVault.ofBytes(16 << 20)) {
          task.with(vault.root());
        }
      }
    },
    JIMFS {
      @Override
      void to(Task task, Path directory) throws Exception {
        try (var files = Jimfs.newFileSystem(Configuration.unix())) {
          task.with(Files.createDirectory(files.getPath("/given")));
        }
      }
    },
    SYSTEM {
      @Override
      void to(Task task, Path directory) throws Exception {
        task.with(Files.createDirectory(directory.resolve("given")));
      }
    };

    /** What is done with such a directory, which then is closed: it checks that no file is open. */
    interface Task {
      void with(Path directory) throws Exception;
    }

    abstract void to(Task task, Path directory) throws Exception;
  }

  private static Path resource(Path into, String name) throws IOException {
    var file = into.resolve(Objects.requireNonNull(Path.of(name).getFileName()).toString());
    try (var in = WasiFilesTest.class.getResourceAsStream(name)) {
      Files.copy(Objects.requireNonNull(in), file);
    }
    return file;
  }

  /** Runs a program of the system, in the test's directory; returns what it says. */
  private String run(Path in, String... command) throws Exception {
    var process =
        new ProcessBuilder(command).directory(in.toFile()).redirectErrorStream(true).start();
    try (var output = process.getInputStream()) {
      var said = new String(output.readAllBytes(), UTF_8);
      assertThat(process.waitFor()).as(said).isZero();
      return said;
    }
  }

  private byte[] compiled() throws Exception {
    resource(directory, GUEST);
    resource(directory, SOURCE);
    var command = new ArrayList<>(List.of("clang-14", "--target=wasm32-wasi", "-Os", "-I."));
    command.addAll(Arrays.asList("-Wl,--stack-first,-z,stack-size=65536", "-o", "m", "files.c"));
    run(directory, command.toArray(String[]::new));
    return Files.readAllBytes(directory.resolve("m"));
  }

  @ParameterizedTest
  @EnumSource
  void aProgramFindsWhatItFindsOnTheSystem(Given given) throws Exception {
    var module = compiled();
    run(directory, "cc", "-o", "program", "files.c");
    var plain = Files.createDirectory(directory.resolve("plain"));
    var expected = run(plain, directory.resolve("program").toString());
    given.to(
        files -> {
          var run = GuestRun.World.in(directory).module(module, files);
          assertThat(run.ending()).isEqualTo(Ending.exited(0));
          assertThat(run.said()).isEqualTo(expected);
          assertThat(run.usage().deniedCalls()).isEmpty();
          assertThat(Files.size(files.resolve("notes")))
              .isEqualTo(Files.size(plain.resolve("notes")));
        },
        directory);
  }

  @Test
  void withoutADirectoryItFindsNone() throws Exception {
    var run = GuestRun.World.in(directory).module(compiled());
    assertThat(run.ending().cause()).isEqualTo(Ending.Cause.FAILED);
  }
}
