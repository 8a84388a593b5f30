package dev.cloister.sandbox;

import java.io.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A JVM of its own on the classes of this test run, on the class path. */
public final class ChildJvm {
  private ChildJvm() {}

  /**
   * Makes the command that runs the main method of a class.
   *
   * @param main the class
   * @param args what it is given
   * @return a command that is not started yet
   */
  public static ProcessBuilder of(Class<?> main, String... args) {
    var classes =
        Stream.of(
                System.getProperty("jdk.module.path", ""),
                System.getProperty("java.class.path", ""),
                Path.of("target", "test-classes").toAbsolutePath().toString())
            .filter(entry -> !entry.isEmpty())
            .collect(Collectors.joining(File.pathSeparator));
    var command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "--class-path",
                classes,
                main.getName()));
    command.addAll(List.of(args));
    return new ProcessBuilder(command);
  }
}
