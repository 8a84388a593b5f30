package dev.cloister.sandbox.confine;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Runs this test run's classes as a user who may read nothing of its own. */
public final class OtherUser {
  static final List<String> NOBODY =
      List.of("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups");

  private OtherUser() {}

  /**
   * Starts a class in a process of its own, as user 65534.
   *
   * @param directory where everybody will find a copy of the classes, and may write
   * @param program its main class
   * @param arguments what it gets
   * @return the process, its errors with its output
   * @throws IOException when it cannot be started
   */
  public static Process start(Path directory, Class<?> program, String... arguments)
      throws IOException {
    var classes = classPath(directory);
    var command = new ArrayList<>(NOBODY);
    command.addAll(
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Djava.io.tmpdir=" + directory,
            "--enable-native-access=ALL-UNNAMED",
            "--class-path",
            classes,
            program.getName()));
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command).redirectErrorStream(true).start();
  }

  /** Copies the classes of this test run to where everybody may read them, and write. */
  static String classPath(Path directory) throws IOException {
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxrwxrwx"));
    var into = Files.createDirectory(directory.resolve("classes"));
    var entries =
        Stream.of(
                System.getProperty("jdk.module.path", ""),
                System.getProperty("java.class.path", ""),
                Path.of("target", "test-classes").toAbsolutePath().toString())
            .flatMap(path -> Stream.of(path.split(File.pathSeparator, -1)))
            .filter(entry -> !entry.isEmpty())
            .map(Path::of)
            .filter(Files::exists)
            .distinct()
            .toList();
    var copies = new ArrayList<Path>();
    for (var entry : entries) {
      var copy = into.resolve(copies.size() + "-" + entry.getFileName());
      copy(entry, copy);
      copies.add(copy);
    }
    return copies.stream().map(Path::toString).collect(Collectors.joining(File.pathSeparator));
  }

  private static void copy(Path from, Path to) throws IOException {
    try (var all = Files.walk(from)) {
      for (var each : all.toList()) {
        var target = to.resolve(from.relativize(each).toString());
        Files.copy(each, each.equals(from) ? to : target, StandardCopyOption.REPLACE_EXISTING);
      }
    }
  }
}
