package dev.cloister.sandbox.host;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cloister.core.Description;
import dev.cloister.core.TimeSource;
import dev.cloister.core.policy.Manifest;
import dev.cloister.core.policy.NodePolicy;
import dev.cloister.core.posture.Guarantees;
import dev.cloister.core.testing.RequiresProgram;
import dev.cloister.sandbox.guest.WebAssemblyGuest;
import dev.cloister.sandbox.image.ImageCatalog;
import dev.cloister.sandbox.runtime.wasm.WasmRuntime;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A module's files are in its cell's vault: within its quota, and for who may store alone. */
@RequiresProgram({"clang-14", "wasm-ld-14"})
final class ModuleFilesTest {
  private static final String SOURCE =
      """
      #include <stdio.h>
      #include <string.h>
      #include "cell.h"

      int main(void) {
        char line[100] = "nothing";
        FILE *file = fopen("/notes", "w+");
        if (file) {
          fputs("seen-in-no-file-of-the-host", file);
          rewind(file);
          fgets(line, sizeof line, file);
        }
        cell_send(line, strlen(line));
        cell_receive(20000);
        return 0;
      }
      """;

  @TempDir private Path directory;
  private final ExecutorService executor =
      Executors.newThreadPerTaskExecutor(Executors.defaultThreadFactory());

  @AfterEach
  void closeTheExecutor() {
    executor.shutdownNow();
    executor.close();
  }

  private byte[] module() throws IOException, InterruptedException {
    try (var header = WebAssemblyGuest.class.getResourceAsStream("wasm/cell.h")) {
      Files.copy(Objects.requireNonNull(header), directory.resolve("cell.h"));
    }
    Files.writeString(directory.resolve("files.c"), SOURCE);
    var compiling =
        new ProcessBuilder(
                "clang-14", "--target=wasm32-wasi", "-Os", "-I.", "-o", "files.wasm", "files.c")
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .start();
    var said = new String(compiling.getInputStream().readAllBytes(), UTF_8);
    assertThat(compiling.waitFor()).as(said).isZero();
    return Files.readAllBytes(directory.resolve("files.wasm"));
  }

  private CellHost host(ImageCatalog images) throws IOException {
    var policy =
        NodePolicy.parse(
            "policy.yaml", PythonWorld.POLICY.replace("images: [python]", "images: [webassembly]"));
    return CellHost.under(policy)
        .images(images)
        .runtimes(
            WasmRuntime.create(Thread.ofPlatform().stackSize(WasmRuntime.STACK_BYTES).factory()))
        .directory(directory.resolve("cells"))
        .executor(executor)
        .guarantees(Guarantees.lab())
        .time(TimeSource.system())
        .open();
  }

  @ParameterizedTest
  @CsvSource({
    "'receive, send, store', seen-in-no-file-of-the-host",
    "'receive, send', nothing",
  })
  void filesAreInTheVaultOfWhoMayStore(String api, String expected) throws Exception {
    var code = module();
    var image = Files.createDirectories(directory.resolve("images/webassembly"));
    WebAssemblyGuest.install(image);
    try (var images = ImageCatalog.in(directory.resolve("images"));
        var host = host(images)) {
      var cell =
          host.start(
              Manifest.parse(
                  "manifest.yaml",
                  "name: files\ncodeDigest: %s\nimage: webassembly\napi: [%s]\n"
                      .formatted(Description.sha256Hex(code), api)));
      host.load(PythonWorld.shown(cell), code, new byte[0]);
      var said = host.attach(PythonWorld.shown(cell), -1).receive(PythonWorld.LONG).orElseThrow();
      assertThat(said.bytes()).asString().isEqualTo(expected);
      try (var files = Files.walk(directory.resolve("cells"))) {
        for (var file : files.filter(Files::isRegularFile).toList()) {
          assertThat(new String(Files.readAllBytes(file), UTF_8)).doesNotContain("seen-in-no");
        }
      }
    }
  }
}
