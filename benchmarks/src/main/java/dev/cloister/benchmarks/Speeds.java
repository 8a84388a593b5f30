package dev.cloister.benchmarks;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;

/** How fast the same bytes were moved in several rounds, in megabytes a second. */
final class Speeds {
  private final List<Double> measured = new ArrayList<>();

  /** Adds a round that moved so many bytes since a reading of {@link System#nanoTime}. */
  void add(long bytes, long startNanos) {
    measured.add(bytes * 1e3 / (System.nanoTime() - startNanos));
  }

  /** Of those measured in order: 0 the least, 50 the median, 100 the most. */
  double percent(int percent) {
    var sorted = new ArrayList<>(measured);
    Collections.sort(sorted);
    return sorted.get((sorted.size() - 1) * percent / 100);
  }

  @Override
  public String toString() {
    return String.format(Locale.ROOT, "%.0f (%.0f to %.0f)", percent(50), percent(0), percent(100));
  }
}
