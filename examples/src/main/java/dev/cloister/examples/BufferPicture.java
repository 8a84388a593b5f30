package dev.cloister.examples;

import dev.cloister.tracing.tracer.CapacityPlanner.CapacityPlan;
import dev.cloister.tracing.tracer.CapacityPlanner.Level;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * Draws how a buffer fills and drains over a week that follows another.
 *
 * @param week names the days
 * @param plan has the levels
 * @param bufferBytes the line that must not be reached
 */
record BufferPicture(WeekOfRates week, CapacityPlan plan, long bufferBytes) {
  private static final int WIDTH = 760;
  private static final int HEIGHT = 260;
  private static final int LEFT = 80;
  private static final int RIGHT = 20;
  private static final int TOP = 30;
  private static final int BOTTOM = 30;
  private static final int LONGEST_NAME = 24;

  String svg() {
    return """
    <svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" font-family="sans-serif" font-size="12">
    <rect width="100%%" height="100%%" fill="#ffffff"/>
    %s%s%s</svg>
    """
        .formatted(WIDTH, HEIGHT, days(), fill(), bound());
  }

  private String days() {
    var drawn = new StringBuilder();
    var wide = (WIDTH - LEFT - RIGHT) / (double) week.days().size();
    for (var i = 0; i < week.days().size(); i++) {
      var x = LEFT + i * wide;
      line(drawn, x, TOP, x, HEIGHT - BOTTOM, "#d8e2ea", "");
      text(drawn, x + wide / 2, HEIGHT - BOTTOM + 18.0, "middle", escaped(week.days().get(i)));
    }
    return drawn.toString();
  }

  private String fill() {
    var points =
        plan.levels().stream()
            .map(level -> point("%.1f,%.1f", x(level), y(level.bytes())))
            .collect(Collectors.joining(" "));
    return point("<polygon points=\"%.1f,%.1f ", LEFT, y(0))
        + points
        + point(" %.1f,%.1f\" fill=\"#5fa8d3\"/>%n", WIDTH - (double) RIGHT, y(0));
  }

  private String bound() {
    var drawn = new StringBuilder();
    var top = y((double) bufferBytes);
    line(drawn, LEFT, y(0), WIDTH - (double) RIGHT, y(0), "#1b4965", "");
    line(drawn, LEFT, top, WIDTH - (double) RIGHT, top, "#b23a48", " stroke-dasharray=\"6 4\"");
    text(drawn, LEFT - 6.0, top + 4, "end", bytes(bufferBytes));
    text(drawn, LEFT - 6.0, y(0) + 4, "end", "0");
    return drawn.toString();
  }

  private double x(Level level) {
    var length = plan.levels().getLast().at().toMillis();
    return LEFT + (WIDTH - LEFT - RIGHT) * (level.at().toMillis() / (double) length);
  }

  private double y(double bytes) {
    var most = Math.max(1, bufferBytes);
    return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * (bytes / most);
  }

  private static String bytes(long bytes) {
    var units = "KMGTPE";
    var unit = -1;
    var value = (double) bytes;
    while (value >= 1000 && unit < units.length() - 1) {
      value /= 1000;
      unit++;
    }
    var prefix = unit < 0 ? "" : units.substring(unit, unit + 1);
    return String.format(Locale.ROOT, "%.3g %sB", value, prefix);
  }

  private static void line(
      StringBuilder drawn, double x, double y, double x2, double y2, String color, String more) {
    drawn.append(
        String.format(
            Locale.ROOT,
            "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"%s\"%s/>%n",
            x,
            y,
            x2,
            y2,
            color,
            more));
  }

  private static void text(StringBuilder drawn, double x, double y, String anchor, String words) {
    drawn.append(
        String.format(
            Locale.ROOT,
            "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%s</text>%n",
            x,
            y,
            anchor,
            words));
  }

  private static String point(String format, double x, double y) {
    return String.format(Locale.ROOT, format, x, y);
  }

  /** The names are whatever a file says. */
  private static String escaped(String name) {
    var shown = name.length() > LONGEST_NAME ? name.substring(0, LONGEST_NAME) : name;
    return shown.replace("&", "&amp;").replace("<", "&lt;");
  }
}
