package dev.cloister.sandbox.guest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Objects;

/**
 * The function's side in Python: a loader and the module {@code cell}, for CPython 3.9 and newer.
 * It confines nothing; it only leaves the function's code without environment, arguments, standard
 * input and descriptors.
 */
public final class PythonGuest {
  private static final String LOADER = "loader.py";
  private static final List<String> FILES = List.of("image.yaml", LOADER, "cell.py");

  private PythonGuest() {}

  /**
   * Writes an image: its descriptor, the loader and its module, which must not be there yet.
   *
   * @param directory an existing directory that the guest can read and not write, to be put into a
   *     catalog
   * @throws IOException when a file is there or cannot be written
   */
  public static void install(Path directory) throws IOException {
    for (var name : FILES) {
      Files.write(directory.resolve(name), source(name), StandardOpenOption.CREATE_NEW);
    }
  }

  /**
   * Says how to start it: isolated, without site packages, and writing no byte code. Its standard
   * input and output are the channel, its standard error is what the function prints.
   *
   * @param python the interpreter, as the guest sees it
   * @param directory where it is installed, as the guest sees it
   * @return a program and its arguments
   */
  public static List<String> command(String python, String directory) {
    return List.of(python, "-I", "-S", "-B", directory + "/" + LOADER);
  }

  private static byte[] source(String name) throws IOException {
    try (var in = PythonGuest.class.getResourceAsStream("python/" + name)) {
      return Objects.requireNonNull(in, name).readAllBytes();
    }
  }
}
