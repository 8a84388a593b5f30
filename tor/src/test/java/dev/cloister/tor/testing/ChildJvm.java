package dev.cloister.tor.testing;

import dev.cloister.core.internal.RootUser;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** A JVM of its own on the classes of this test run; what it says in error is seen with ours. */
public final class ChildJvm {
  private static final List<String> NOBODY =
      List.of("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups");

  private ChildJvm() {}

  /**
   * Makes the command of a program.
   *
   * @param flags of the JVM
   * @param program whose main method runs
   * @param arguments its own
   * @return what starts it
   */
  public static ProcessBuilder of(List<String> flags, Class<?> program, String... arguments) {
    return command(List.of(), classPath(), flags, program, arguments);
  }

  /**
   * Makes the command of a program that an ordinary user runs, whoever runs this test.
   *
   * @param directory where it finds a copy of the classes and has its temporary files
   */
  static ProcessBuilder ofOrdinaryUser(Path directory, Class<?> program, String... arguments)
      throws IOException {
    if (!RootUser.isOurs()) {
      return of(List.of(), program, arguments);
    }
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxrwxrwx"));
    var copies = new ArrayList<String>();
    for (var entry : classPath()) {
      copies.add(copy(Path.of(entry), directory.resolve("classes" + copies.size())).toString());
    }
    return command(NOBODY, copies, List.of("-Djava.io.tmpdir=" + directory), program, arguments);
  }

  private static Path copy(Path from, Path to) throws IOException {
    if (!Files.isDirectory(from)) {
      return Files.copy(from, Path.of(to + ".jar"));
    }
    try (var all = Files.walk(from)) {
      for (var each : all.toList()) {
        var target = to.resolve(from.relativize(each).toString());
        Files.copy(each, target, StandardCopyOption.REPLACE_EXISTING);
      }
    }
    return to;
  }

  private static ProcessBuilder command(
      List<String> before,
      List<String> classPath,
      List<String> flags,
      Class<?> program,
      String... arguments) {
    var java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    var command = new ArrayList<>(before);
    command.add(java);
    command.addAll(flags);
    command.addAll(
        List.of("--class-path", String.join(File.pathSeparator, classPath), program.getName()));
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
  }

  private static List<String> classPath() {
    return Stream.of(
            System.getProperty("jdk.module.path", ""),
            System.getProperty("java.class.path", ""),
            Path.of("target", "test-classes").toAbsolutePath().toString())
        .flatMap(path -> Stream.of(path.split(File.pathSeparator, -1)))
        .filter(entry -> !entry.isEmpty() && Files.exists(Path.of(entry)))
        .distinct()
        .toList();
  }
}
