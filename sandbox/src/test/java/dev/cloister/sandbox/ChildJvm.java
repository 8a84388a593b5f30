package dev.cloister.sandbox;

import java.io.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
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
    return new ProcessBuilder(command(classPath(), main, args));
  }

  /**
   * Makes the same command for classes at another place.
   *
   * @param classPath where they are
   * @param main the class
   * @param args what it is given
   * @return the words of a command
   */
  public static List<String> command(List<String> classPath, Class<?> main, String... args) {
    var command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "--class-path",
                String.join(File.pathSeparator, classPath),
                main.getName()));
    command.addAll(List.of(args));
    return command;
  }

  /**
   * Lists where the classes of this test run are.
   *
   * @return files and directories
   */
  public static List<String> classPath() {
    return Stream.of(
            System.getProperty("jdk.module.path", ""),
            System.getProperty("java.class.path", ""),
            Path.of("target", "test-classes").toAbsolutePath().toString())
        .flatMap(path -> Stream.of(path.split(File.pathSeparator, -1)))
        .filter(entry -> !entry.isEmpty())
        .distinct()
        .toList();
  }
}
