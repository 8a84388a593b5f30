package dev.cloister.sandbox.guest;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * The function's side in Python: a loader and the module {@code cell}, for CPython 3.9 and newer.
 * It confines nothing; it only leaves the function's code without environment, arguments, standard
 * input and descriptors.
 */
public final class PythonGuest {
  /** How long compiling may take: 30 seconds. */
  private static final Duration COMPILING = Duration.ofSeconds(30);

  private static final String LOADER = "loader.py";
  private static final String PYTHON = "python";
  private static final String[] FILES = {"image.yaml", LOADER, "guest.py", "cell.py"};

  private PythonGuest() {}

  /**
   * Writes an image: its descriptor, the loader, what it loads and the module, none of which must
   * be there yet.
   *
   * @param directory an existing directory that the guest can read and not write, to be put into a
   *     catalog
   * @throws IOException when a file is there or cannot be written
   */
  public static void install(Path directory) throws IOException {
    GuestFiles.install(PYTHON, directory, FILES);
  }

  /**
   * Compiles what was installed for one interpreter, which then starts a function some 4 ms sooner;
   * an interpreter of another version goes on using the sources. The byte code is the image's
   * content, and so the image's digest is then of the interpreter's version too.
   *
   * @param directory where it was installed, writable here
   * @param python the interpreter's absolute path, which this runs
   * @throws IOException when it cannot be run or written, or was compiled for this version before
   */
  public static void compile(Path directory, String python) throws IOException {
    var script = new String(GuestFiles.read(PYTHON, "compile.py"), StandardCharsets.UTF_8);
    var process =
        new ProcessBuilder(python, "-I", "-S", "-B", "-c", script, directory.toString())
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    try (var _ = process.getOutputStream()) {
      if (!process.waitFor(COMPILING) || process.exitValue() != 0) {
        throw new IOException(
            "%s cannot compile what lies in %s: install it there first, writable and once"
                .formatted(python, directory));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while compiling in " + directory, e);
    } finally {
      process.destroyForcibly();
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
}
