package dev.cloister.benchmarks;

import java.util.List;
import java.util.Locale;

/** Draws how long pages took: a bar each, to the first byte, to the viewable page, to the end. */
final class PageChart {
  private static final int WIDTH = 760;
  private static final int LEFT = 250;
  private static final int RIGHT = 90;
  private static final int BAR = 18;
  private static final int LINE = 26;
  private static final int TOP = 40;
  private static final int BETWEEN = 20;

  private PageChart() {}

  static String of(List<PageRow> rows) {
    var most = rows.stream().mapToDouble(PageRow::end).max().orElseThrow();
    var scale = (WIDTH - LEFT - RIGHT) / most;
    var drawn = new StringBuilder();
    var y = TOP;
    var page = rows.getFirst().page();
    for (var row : rows) {
      if (!row.page().equals(page)) {
        page = row.page();
        y += BETWEEN;
      }
      bar(drawn, row, y, scale);
      y += LINE;
    }
    return """
    <svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" font-family="sans-serif" font-size="12">
    <rect width="100%%" height="100%%" fill="#ffffff"/>
    %s%s</svg>
    """
        .formatted(WIDTH, y + BETWEEN, legend(), drawn);
  }

  private static String legend() {
    var drawn = new StringBuilder();
    var names = List.of("first byte", "viewable", "end of padding");
    var colors = List.of("#1b4965", "#5fa8d3", "#d8e2ea");
    for (var i = 0; i < names.size(); i++) {
      var x = LEFT + i * 130;
      rect(drawn, x, 12, 12, 12, colors.get(i));
      text(drawn, x + 18, 22, "start", names.get(i));
    }
    return drawn.toString();
  }

  private static void bar(StringBuilder drawn, PageRow row, int y, double scale) {
    text(drawn, LEFT - 8, y + 13, "end", row.page() + ", " + row.way());
    rect(drawn, LEFT, y, row.end() * scale, BAR, "#d8e2ea");
    rect(drawn, LEFT, y, row.viewable() * scale, BAR, "#5fa8d3");
    rect(drawn, LEFT, y, row.firstByte() * scale, BAR, "#1b4965");
    text(
        drawn,
        LEFT + row.end() * scale + 6,
        y + 13,
        "start",
        String.format(Locale.ROOT, "%,.0f ms", row.viewable()));
  }

  private static void rect(
      StringBuilder drawn, double x, double y, double width, double height, String fill) {
    drawn.append(
        String.format(
            Locale.ROOT,
            "<rect x=\"%.0f\" y=\"%.0f\" width=\"%.1f\" height=\"%.0f\" fill=\"%s\"/>%n",
            x,
            y,
            width,
            height,
            fill));
  }

  private static void text(StringBuilder drawn, double x, double y, String anchor, String words) {
    drawn.append(
        String.format(
            Locale.ROOT,
            "<text x=\"%.0f\" y=\"%.0f\" text-anchor=\"%s\">%s</text>%n",
            x,
            y,
            anchor,
            words));
  }
}
