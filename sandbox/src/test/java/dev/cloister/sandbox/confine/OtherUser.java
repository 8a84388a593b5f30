package dev.cloister.sandbox.confine;

import dev.cloister.sandbox.ChildJvm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;

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
    var command = new ArrayList<>(NOBODY);
    command.addAll(ChildJvm.command(classPath(directory), program, arguments));
    return new ProcessBuilder(command).redirectErrorStream(true).start();
  }

  /** Copies the classes of this test run to where everybody may read them, and write. */
  static List<String> classPath(Path directory) throws IOException {
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxrwxrwx"));
    var into = Files.createDirectory(directory.resolve("classes"));
    var copies = new ArrayList<String>();
    for (var entry : ChildJvm.classPath().stream().map(Path::of).filter(Files::exists).toList()) {
      var copy = into.resolve(copies.size() + "-" + entry.getFileName());
      copy(entry, copy);
      copies.add(copy.toString());
    }
    return copies;
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
