package dev.cloister.tor.function;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.cloister.tor.function.Missing.Cause;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** What a function says of a page, beside its content: {@code browser.md} has the lines. */
record Report(
    int status,
    String mediaType,
    String url,
    int objects,
    long storedBytes,
    Map<Cause, Long> byCause,
    List<Missing> missing) {
  private static final int LINES_BEFORE_MISSING = 4;

  static Report read(byte[] text) throws IOException {
    var lines = new String(text, UTF_8).split("\n", -1);
    if (lines.length < LINES_BEFORE_MISSING) {
      throw new IOException("a report of " + lines.length + " lines: at least 4 are needed");
    }
    try {
      var first = lines[0].split(" ", 2);
      var counts = lines[2].split(" ", 2);
      return new Report(
          Integer.parseInt(first[0]),
          first[1],
          lines[1],
          Integer.parseInt(counts[0]),
          Long.parseLong(counts[1]),
          byCause(lines[3]),
          missing(List.of(lines).subList(LINES_BEFORE_MISSING, lines.length)));
    } catch (NumberFormatException | IndexOutOfBoundsException e) {
      throw new IOException("a report that is none: " + e.getMessage(), e);
    }
  }

  private static Map<Cause, Long> byCause(String line) throws IOException {
    var counts = new EnumMap<Cause, Long>(Cause.class);
    for (var each : line.isEmpty() ? new String[0] : line.split(" ", -1)) {
      var count = each.split("=", 2);
      counts.put(cause(count[0]), Long.valueOf(count[1]));
    }
    return Collections.unmodifiableMap(counts);
  }

  private static List<Missing> missing(List<String> lines) throws IOException {
    var missing = new ArrayList<Missing>();
    for (var line : lines) {
      var words = line.split(" ", 3);
      missing.add(new Missing(cause(words[0]), words[1], words[2]));
    }
    return List.copyOf(missing);
  }

  private static Cause cause(String word) throws IOException {
    return Cause.named(word)
        .orElseThrow(() -> new IOException("a report with the unknown cause \"" + word + "\""));
  }
}
