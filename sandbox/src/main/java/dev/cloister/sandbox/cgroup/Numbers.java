package dev.cloister.sandbox.cgroup;

import dev.cloister.core.internal.Failures;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;

/**
 * The numbers in control files, each of which stays open once it was read. A file that is not there
 * counts as a number that is not had. For one thread at a time.
 */
final class Numbers implements Closeable {
  private static final long NANOS_PER_MICRO = 1_000;

  private final Kernel kernel;
  private final Map<Path, ControlFile> open = new HashMap<>();

  Numbers(Kernel kernel) {
    this.kernel = kernel;
  }

  /** Reads a file that holds one number. */
  OptionalLong in(Path file) throws IOException {
    return number(text(file));
  }

  /** Reads the number that follows a key on a line of its own. */
  OptionalLong in(Path file, String key) throws IOException {
    var prefix = key + " ";
    return text(file)
        .lines()
        .filter(line -> line.startsWith(prefix))
        .findFirst()
        .map(line -> number(line.substring(prefix.length())))
        .orElse(OptionalLong.empty());
  }

  /** What a file says now; nothing when it is not there. */
  private String text(Path path) throws IOException {
    var file = open.get(path);
    if (file == null) {
      if (!kernel.has(path)) {
        return "";
      }
      file = new ControlFile(path);
      open.put(path, file);
    }
    return file.read();
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

  @Override
  public void close() throws IOException {
    var failures = new Failures();
    open.values().forEach(file -> failures.run(file::close));
    open.clear();
    failures.throwFirst();
  }
}
