package dev.cloister.sandbox.fuse;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A mount in a process of its own, which goes on until that is killed. */
final class MountToKill {
  private MountToKill() {}

  /** Mounts the first at the second, writes a file and says so. */
  public static void main(String... args) throws Exception {
    var served = Served.at(Path.of(args[1]), Path.of(args[0]));
    Files.writeString(served.place.resolve("file"), "alive");
    System.out.print("on");
    System.out.flush();
    served.ended();
  }

  /** Starts one on the classes of this test run. */
  static Process start(Path root, Path place) throws IOException {
    var classes =
        Stream.of(
                System.getProperty("jdk.module.path", ""),
                System.getProperty("java.class.path", ""),
                Path.of("target", "test-classes").toAbsolutePath().toString())
            .filter(entry -> !entry.isEmpty())
            .collect(Collectors.joining(File.pathSeparator));
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "--enable-native-access=ALL-UNNAMED",
            "--class-path",
            classes,
            MountToKill.class.getName(),
            root.toString(),
            place.toString())
        .redirectErrorStream(true)
        .start();
  }
}
