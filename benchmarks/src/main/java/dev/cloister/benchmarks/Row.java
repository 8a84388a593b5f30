package dev.cloister.benchmarks;

import java.util.Locale;

/**
 * One line of a table: what was measured, of a cell and of what it is held against, in one run.
 *
 * @param measured what
 * @param cell the cell's figure
 * @param peer the figure that it is held against, and whose it is
 * @param ratio the first over the second
 * @param asked the bar, and whether it was met; empty where none was set
 */
record Row(String measured, String cell, String peer, String ratio, String asked) {
  static final String HEAD =
      "| measured | of a cell | beside | ratio | asked |\n|---|---|---|---|---|";

  /** A time that may be so many times that of its peer. */
  static Row times(String measured, double cell, String peer, double peers, double atMost) {
    var ratio = cell / peers;
    return new Row(
        measured,
        millis(cell),
        peer + " " + millis(peers),
        number(ratio),
        "at most %s: %s".formatted(number(atMost), met(ratio <= atMost)));
  }

  /** A time without a bar. */
  static Row time(String measured, double cell, String peer, double peers) {
    return new Row(measured, millis(cell), peer + " " + millis(peers), number(cell / peers), "");
  }

  /** What one time is more than another. */
  static Row more(String measured, double with, String without, double withouts) {
    return new Row(
        measured,
        String.format(Locale.ROOT, "%+.2f ms", with - withouts),
        without + " " + millis(withouts),
        number(with / withouts),
        "");
  }

  /** A time that may be a tenth and 0.2 ms more than when nothing disturbs. */
  static Row disturbed(String measured, double beside, double calm) {
    var bar = 1.1 * calm + 0.2;
    return new Row(
        measured,
        millis(beside),
        "calm " + millis(calm),
        number(beside / calm),
        "at most %s: %s".formatted(millis(bar), met(beside <= bar)));
  }

  /** So many a second, without a bar. */
  static Row rate(String measured, String unit, double cell, String peer, double peers) {
    return new Row(
        measured,
        String.format(Locale.ROOT, "%,.0f%s", cell, unit),
        String.format(Locale.ROOT, "%s %,.0f%s", peer, peers, unit),
        number(cell / peers),
        "");
  }

  private static String met(boolean is) {
    return is ? "met" : "not met";
  }

  private static String millis(double value) {
    return String.format(Locale.ROOT, "%.2f ms", value);
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%.2f", value);
  }

  @Override
  public String toString() {
    return "| %s | %s | %s | %s | %s |".formatted(measured, cell, peer, ratio, asked);
  }
}
