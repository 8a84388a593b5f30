package dev.cloister.examples;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Another process: the Java of this test run, on the same classes. */
final class JavaChild {
  private static final String PACKAGE = "dev.cloister.examples.";

  private JavaChild() {}

  /** What the README starts a tracer with. */
  static final List<String> FLAGS =
      List.of(
          "--enable-native-access=dev.cloister.core",
          "-XX:+DisableAttachMechanism",
          "-Xrs",
          "-XX:+SuppressFatalErrorMessage");

  /** Returns the command of an example whose modules are modules. */
  static List<String> onModulePath(List<String> flags, String example, String... arguments) {
    return onModulePath(flags, modulePath(), example, arguments);
  }

  /** Returns where this run's modules lie. */
  static List<Path> modulePath() {
    return path("jdk.module.path").map(Path::of).toList();
  }

  /** Returns the command of an example whose modules lie elsewhere. */
  static List<String> onModulePath(
      List<String> flags, List<Path> modules, String example, String... arguments) {
    var command = java(flags);
    command.addAll(
        List.of("--module-path", modules.stream().map(Path::toString).collect(joined())));
    command.addAll(List.of("--module", "dev.cloister.examples/" + PACKAGE + example));
    command.addAll(List.of(arguments));
    return command;
  }

  /** Returns the command of an example, or of a program among the tests, without modules. */
  static List<String> onClassPath(List<String> flags, String program, String... arguments) {
    var classes =
        Stream.of(
                path("jdk.module.path"),
                path("java.class.path"),
                Stream.of(Path.of("target", "test-classes").toAbsolutePath().toString()))
            .flatMap(entries -> entries)
            .collect(joined());
    var command = java(flags);
    command.addAll(List.of("--class-path", classes, PACKAGE + program));
    command.addAll(List.of(arguments));
    return command;
  }

  private static List<String> java(List<String> flags) {
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(flags);
    return command;
  }

  private static Stream<String> path(String property) {
    @Nullable String path = System.getProperty(property);
    return path == null ? Stream.empty() : Stream.of(path.split(File.pathSeparator, -1));
  }

  private static java.util.stream.Collector<CharSequence, ?, String> joined() {
    return Collectors.joining(File.pathSeparator);
  }

  /** Runs a command to its end, with nothing on its standard input. */
  static Run run(List<String> command, Path directory) throws IOException, InterruptedException {
    var out = directory.resolve("stdout");
    var err = directory.resolve("stderr");
    var process =
        new ProcessBuilder(command)
            .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
            .redirectOutput(out.toFile())
            .redirectError(err.toFile())
            .start();
    return Run.of(process.waitFor(), out, err);
  }
}
