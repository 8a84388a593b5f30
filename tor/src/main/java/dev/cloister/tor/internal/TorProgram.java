package dev.cloister.tor.internal;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Stream;

/** Where the programs of Debian's package {@code tor} are. Whether they work is not tried. */
public final class TorProgram {
  /** Where the package puts tor, and where the PATH of an ordinary user does not lead. */
  private static final String SYSTEM_PROGRAMS = "/usr/sbin";

  private TorProgram() {}

  /**
   * Looks on the PATH, and where the package puts it.
   *
   * @param name such as {@code tor}
   * @return an absolute path; empty when it is nowhere
   */
  public static Optional<Path> find(String name) {
    var path = System.getenv().getOrDefault("PATH", "").split(File.pathSeparator, -1);
    return Stream.concat(Arrays.stream(path), Stream.of(SYSTEM_PROGRAMS))
        .map(directory -> Path.of(directory, name).toAbsolutePath())
        .filter(file -> Files.isRegularFile(file) && Files.isExecutable(file))
        .findFirst();
  }
}
