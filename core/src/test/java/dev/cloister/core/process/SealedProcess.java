package dev.cloister.core.process;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * A {@link SealedProgram} in a process of its own, its classes in a jar: as an application's are,
 * and so that it does not matter who may enter the directory of this build.
 */
record SealedProcess(int exit, List<String> said) {
  /** What the README starts a tracer with. */
  static final List<String> FLAGS =
      List.of("-XX:+DisableAttachMechanism", "-Xrs", "-XX:+SuppressFatalErrorMessage");

  /** Makes the jar, where everybody can read it. */
  static Path jar(Path directory) throws IOException, URISyntaxException {
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
    var jar = directory.resolve("classes.jar");
    try (var out = new ZipOutputStream(Files.newOutputStream(jar))) {
      for (var type : List.of(ProcessSeal.class, SealedProgram.class)) {
        var name = "/" + type.getName().replace('.', '/') + ".class";
        var file = Path.of(Objects.requireNonNull(type.getResource(name)).toURI());
        var root = file.resolve("../".repeat(name.split("/", -1).length - 1)).normalize();
        try (var files = Files.walk(root)) {
          files.filter(Files::isRegularFile).forEach(each -> add(out, root, each));
        }
        if (Files.exists(root.resolve("dev/cloister/core/process/SealedProgram.class"))) {
          break;
        }
      }
    }
    return jar;
  }

  private static void add(ZipOutputStream out, Path root, Path file) {
    try {
      out.putNextEntry(new ZipEntry(root.relativize(file).toString()));
      Files.copy(file, out);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The command line of a program in the jar. */
  static List<String> command(Path jar, List<String> flags, String... arguments) {
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(flags);
    command.addAll(
        List.of("-Xmx256m", "--enable-native-access=ALL-UNNAMED", "-cp", jar.toString()));
    command.add(SealedProgram.class.getName());
    command.addAll(List.of(arguments));
    return command;
  }

  /** Runs a command to its end. */
  static SealedProcess run(List<String> command) throws IOException, InterruptedException {
    var process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().close();
    var said = new String(process.getInputStream().readAllBytes(), UTF_8);
    var exit = process.waitFor();
    removeListener(process.pid());
    return new SealedProcess(exit, said.lines().toList());
  }

  /** Removes what the runtime leaves where tools attach, which a sealed one cannot. */
  static void removeListener(long pid) throws IOException {
    Files.deleteIfExists(Path.of("/tmp/.java_pid" + pid));
  }

  /** What it said after a word, in order. */
  List<String> after(String word) {
    return said.stream()
        .filter(line -> line.startsWith(word + " "))
        .map(line -> line.substring(word.length() + 1))
        .toList();
  }

  SealedProcess done() {
    assertThat(exit).as(String.join("\n", said)).isZero();
    assertThat(said).last().isEqualTo("done");
    return this;
  }
}
