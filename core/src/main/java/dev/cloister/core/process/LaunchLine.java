package dev.cloister.core.process;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** With which options this Java was started; those in a file of arguments are not seen. */
final class LaunchLine {
  private static final String SUPPRESSING = "-XX:+SuppressFatalErrorMessage";
  private static final List<String> VARIABLES = List.of("JDK_JAVA_OPTIONS", "JAVA_TOOL_OPTIONS");

  private LaunchLine() {}

  /** Whether the runtime was told to write no report when it crashes. */
  static boolean suppressesCrashReports() {
    return Stream.concat(
            arguments(),
            VARIABLES.stream()
                .map(name -> Optional.ofNullable(System.getenv(name)).orElse(""))
                .flatMap(value -> Arrays.stream(value.split(" ", -1))))
        .anyMatch(SUPPRESSING::equals);
  }

  private static Stream<String> arguments() {
    try {
      var text = Files.readString(Path.of("/proc/self/cmdline"), ISO_8859_1);
      return Arrays.stream(text.split("\0", -1));
    } catch (IOException _) {
      return Stream.of();
    }
  }
}
