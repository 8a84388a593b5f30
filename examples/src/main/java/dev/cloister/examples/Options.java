package dev.cloister.examples;

import dev.cloister.examples.Example.BadRequest;
import dev.cloister.tracing.flow.OverlapPolicy;
import java.nio.file.Files;
import java.nio.file.Path;

/** Reads what several examples take, each with one clear line for what is wrong. */
final class Options {
  private Options() {}

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

  /** Returns a policy for the segments of TCP; {@code first-wins} is {@code first}. */
  static OverlapPolicy overlap(String name) throws BadRequest {
    return OverlapPolicy.named(name.replaceFirst("-wins$", ""))
        .filter(policy -> policy != OverlapPolicy.BSD)
        .orElseThrow(() -> new BadRequest("--overlap " + name + ": allowed are first and last"));
  }
}
