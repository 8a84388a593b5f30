package dev.cloister.sandbox.cgroup;

import java.io.IOException;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;

/** The numbers in control files. A file that is not there counts as a number that is not had. */
final class Numbers {
  private static final long NANOS_PER_MICRO = 1_000;

  private final Kernel kernel;

  Numbers(Kernel kernel) {
    this.kernel = kernel;
  }

  /** Reads a file that holds one number. */
  OptionalLong in(Path file) throws IOException {
    return kernel.has(file) ? number(kernel.read(file)) : OptionalLong.empty();
  }

  /** Reads the number that follows a key on a line of its own. */
  OptionalLong in(Path file, String key) throws IOException {
    if (!kernel.has(file)) {
      return OptionalLong.empty();
    }
    var prefix = key + " ";
    return kernel
        .read(file)
        .lines()
        .filter(line -> line.startsWith(prefix))
        .findFirst()
        .map(line -> number(line.substring(prefix.length())))
        .orElse(OptionalLong.empty());
  }

  /** The same, from microseconds to nanoseconds. */
  OptionalLong nanosIn(Path file, String key) throws IOException {
    var micros = in(file, key);
    return micros.isPresent()
        ? OptionalLong.of(micros.getAsLong() * NANOS_PER_MICRO)
        : OptionalLong.empty();
  }

  /** Reads lines of one number each. */
  static Set<Long> listed(String lines) {
    var all = new TreeSet<Long>();
    lines.lines().filter(Predicate.not(String::isBlank)).map(Long::valueOf).forEach(all::add);
    return all;
  }

  private static OptionalLong number(String text) {
    try {
      return OptionalLong.of(Long.parseLong(text.strip()));
    } catch (NumberFormatException _) {
      return OptionalLong.empty();
    }
  }
}
