package dev.cloister.benchmarks;

import java.util.Locale;
import java.util.OptionalDouble;

/**
 * How long a page took one way: medians, in milliseconds.
 *
 * @param page what the page is
 * @param way how it was had
 * @param firstByte from the request to the first byte
 * @param viewable to all that the page shows
 * @param end to the end of what pads it
 * @param kibPerSecond of what was served of the page, until it was viewable
 * @param gridWait what a time grid adds to all three, where there is one
 * @param times the viewable page's time over that of plain Tor
 * @param asked the bar, and whether it was met; empty where none was set
 */
record PageRow(
    String page,
    String way,
    double firstByte,
    double viewable,
    double end,
    double kibPerSecond,
    OptionalDouble gridWait,
    double times,
    String asked) {
  static final String HEAD =
      "| page | way | first byte | viewable | end of padding | of the page | grid of 5 s adds |"
          + " viewable / plain Tor | asked |\n|---|---|---|---|---|---|---|---|---|";

  @Override
  public String toString() {
    var wait = gridWait.isPresent() ? millis(gridWait.getAsDouble()) : "";
    return String.format(
        Locale.ROOT,
        "| %s | %s | %s | %s | %s | %,.0f KiB/s | %s | %.2f | %s |",
        page,
        way,
        millis(firstByte),
        millis(viewable),
        millis(end),
        kibPerSecond,
        wait,
        times,
        asked);
  }

  private static String millis(double value) {
    return String.format(Locale.ROOT, "%,.0f ms", value);
  }
}
