package dev.cloister.core.testing;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Finds the test data of {@link RequiresShared}. */
public final class SharedData {
  /** The system property that names the directory. */
  public static final String PROPERTY = "cloister.shared";

  private SharedData() {}

  static Optional<Path> directory() {
    return Optional.ofNullable(System.getProperty(PROPERTY))
        .filter(name -> !name.isBlank())
        .map(Path::of)
        .filter(Files::isDirectory);
  }

  /**
   * Finds a file.
   *
   * @param name its path inside the directory, such as {@code pcaps/dev/x.pcap}
   * @return the file, or a directory
   * @throws IllegalStateException when it is not there, or nobody said where to look
   */
  public static Path path(String name) {
    var directory =
        directory()
            .orElseThrow(() ->
                new IllegalStateException(
                    "test data \"%s\": -D%s must name a directory".formatted(name, PROPERTY)));
    var file = directory.resolve(name);
    if (!Files.exists(file)) {
      throw new IllegalStateException("test data \"" + file + "\" is not there");
    }
    return file;
  }
}
