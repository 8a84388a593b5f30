package dev.cloister.sandbox.internal;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A process of its own that runs classes of this test run, and may be killed. */
public final class OtherJava {
  private OtherJava() {}

  /**
   * Starts one.
   *
   * @param program its {@code main}
   * @param arguments for it
   * @return the process, whose errors come with its output
   * @throws IOException when it cannot be started
   */
  public static Process start(Class<?> program, String... arguments) throws IOException {
    var classes =
        Stream.of(
                System.getProperty("jdk.module.path", ""),
                System.getProperty("java.class.path", ""),
                Path.of("target", "test-classes").toAbsolutePath().toString())
            .filter(entry -> !entry.isEmpty())
            .collect(Collectors.joining(File.pathSeparator));
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("--enable-native-access=ALL-UNNAMED", "--class-path", classes));
    command.add(program.getName());
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command).redirectErrorStream(true).start();
  }
}
