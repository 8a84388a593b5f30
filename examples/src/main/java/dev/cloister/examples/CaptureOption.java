package dev.cloister.examples;

import dev.cloister.examples.Example.BadRequest;
import java.nio.file.Files;
import java.nio.file.Path;

/** Checks of the files that options name, each with one clear line. */
final class CaptureOption {
  private CaptureOption() {}

  /** Returns a file that can be read. */
  static Path readable(String option, Path file) throws BadRequest {
    if (!Files.exists(file)) {
      throw new BadRequest(option + " " + file + ": there is no such file");
    }
    if (Files.isDirectory(file) || !Files.isReadable(file)) {
      throw new BadRequest(option + " " + file + ": it is not a file that can be read");
    }
    return file;
  }
}
