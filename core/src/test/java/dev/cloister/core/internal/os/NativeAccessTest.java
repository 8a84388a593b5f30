package dev.cloister.core.internal.os;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cloister.core.key.SecretMemory;
import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** A process that was started without the right to make native calls. */
@EnabledOnOs(OS.LINUX)
final class NativeAccessTest {
  private static final String PROGRAM =
      """
      void main() {
        try (var memory = dev.cloister.core.key.SecretMemory.open(1)) {
          IO.println(memory.protection() + " " + memory.evidence());
        }
      }
      """;

  @TempDir private Path directory;

  @Test
  void withoutTheFlagNoCallIsMadeAndTheRemedyIsSaid()
      throws IOException, InterruptedException, URISyntaxException {
    var source = directory.resolve("Program.java");
    Files.writeString(source, PROGRAM);
    var classes =
        Path.of(SecretMemory.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    var java = Path.of(System.getProperty("java.home"), "bin", "java");
    var process =
        new ProcessBuilder(
                java.toString(),
                "-Xshare:auto",
                "--illegal-native-access=deny",
                "--class-path",
                classes + File.pathSeparator + directory,
                source.toString())
            .redirectErrorStream(true)
            .start();
    var said = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor()).as(said).isZero();
    assertThat(said)
        .startsWith("HEAP memfd_secret: native access is not granted: start java with")
        .contains("--enable-native-access=dev.cloister.core (ALL-UNNAMED on the class path)");
  }
}
