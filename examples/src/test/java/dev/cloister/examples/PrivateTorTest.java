package dev.cloister.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cloister.core.testing.RequiresProgram;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A script can start a network, use it, and end it. */
@Timeout(180)
final class PrivateTorTest {
  @TempDir private Path directory;

  private static List<String> all(String regex, String text) {
    return Pattern.compile(regex).matcher(text).results().map(m -> m.group(1)).toList();
  }

  private static List<Path> below(Path directory) throws IOException {
    try (var files = Files.walk(directory)) {
      return files.sorted().toList();
    }
  }

  @Test
  @RequiresProgram({"tor", "tor-gencert"})
  void portsAndFingerprintsComeOutWhenItIsReadyAndNothingIsLeftAfterItsInput()
      throws IOException, InterruptedException {
    Files.writeString(directory.resolve("kept"), "by its owner");
    var before = below(directory);
    var process =
        new ProcessBuilder(
                JavaChild.onModulePath(JavaChild.FLAGS, "PrivateTor", "--dir=" + directory))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try {
      var line = process.inputReader().readLine();
      assertThat(all("\"role\":\"([a-z]+)\"", line))
          .containsExactly("authority", "relay", "relay", "exit", "client");
      assertThat(all("\"fingerprint\":\"([0-9A-F]{40})\"", line))
          .hasSize(4)
          .doesNotHaveDuplicates();
      assertThat(all("\"orPort\":([0-9]+)", line)).hasSize(4);
      var ports = all("\"(?:control|socks)Port\":([0-9]+)", line);
      assertThat(ports).hasSize(6);
      for (var port : ports) {
        new Socket(InetAddress.ofLiteral("127.0.0.1"), Integer.parseInt(port)).close();
      }
      assertThat(below(directory)).hasSizeGreaterThan(before.size());
      process.getOutputStream().close();
      assertThat(process.waitFor()).isZero();
      assertThat(below(directory)).isEqualTo(before);
      assertThat(all("\"pid\":([0-9]+)", line))
          .hasSize(5)
          .allSatisfy(pid -> assertThat(ProcessHandle.of(Long.parseLong(pid))).isEmpty());
    } finally {
      process.destroyForcibly().waitFor();
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--relays=0      | 1 authorities, 0 relays and 1 exits: a network needs 4 of them together",
        "--authorities=0 | authorities: 0, allowed are 1-64",
        "--clients=61    | 65 nodes: allowed are 4-64",
        "--exits=many    | Invalid value for option '--exits'",
      })
  void aShapeThatGivesNoNetworkIsOneLineAndExitTwo(String option, String begin) throws IOException {
    var run = Run.of(new PrivateTor(), "--dir=" + directory, option);
    OptionsTest.assertRefused(run);
    assertThat(run.err()).startsWith(begin);
    assertThat(below(directory)).containsExactly(directory);
  }

  @Test
  @RequiresProgram({"tor", "tor-gencert"})
  void aDirectoryThatIsNoneIsOneLineAndExitTwo() throws IOException {
    var file = Files.createFile(directory.resolve("file"));
    var run = Run.of(new PrivateTor(), "--dir=" + file);
    OptionsTest.assertRefused(run);
    assertThat(run.err()).contains(file.toString(), "choose another directory");
  }
}
