package dev.cloister.tor.mediation;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;

/** Runs a program of this test run without any privilege: as nobody when this is root. */
final class OrdinaryUser {
  private static final String PROPERTIES = "jdk.module.path,java.class.path";

  private OrdinaryUser() {}

  /** A program that has ended. */
  record Run(int exitCode, String said) {}

  /** Runs a class's main method with a directory that it may write to as its argument. */
  static Run run(Path directory, Class<?> program) throws IOException, InterruptedException {
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxrwxrwx"));
    var command = new ArrayList<String>();
    if (Integer.valueOf(0).equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid"))) {
      command.addAll(List.of("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"));
    }
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-cp", copied(directory), program.getName(), directory.toString()));
    var process = new ProcessBuilder(command).redirectErrorStream(true).start();
    try {
      var said = new String(process.getInputStream().readAllBytes(), UTF_8);
      return new Run(process.waitFor(), said);
    } finally {
      process.destroyForcibly();
    }
  }

  /** Copies classes and libraries to where everybody may read them. */
  private static String copied(Path directory) throws IOException, InterruptedException {
    var into = Files.createDirectory(directory.resolve("class-path"));
    var from = new LinkedHashSet<String>();
    for (var property : PROPERTIES.split(",", -1)) {
      from.addAll(List.of(System.getProperty(property, "").split(File.pathSeparator, -1)));
    }
    from.add(Path.of("target", "test-classes").toAbsolutePath().toString());
    var copies = new ArrayList<String>();
    for (var entry : from.stream().filter(e -> !e.isEmpty() && new File(e).exists()).toList()) {
      copies.add(into.resolve(copies.size() + "-" + Path.of(entry).getFileName()).toString());
      if (new ProcessBuilder("cp", "-r", entry, copies.getLast()).start().waitFor() != 0) {
        throw new IOException("cannot copy " + entry);
      }
    }
    return String.join(File.pathSeparator, copies);
  }
}
