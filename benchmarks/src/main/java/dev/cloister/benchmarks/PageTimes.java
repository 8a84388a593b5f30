package dev.cloister.benchmarks;

import java.io.IOException;

/** How long one page took one way, each time that it was had. */
final class PageTimes {
  private static final int MEDIAN = 50;

  private final String name;
  private final PageWay way;
  private final Latencies firstByte = new Latencies();
  private final Latencies viewable = new Latencies();
  private final Latencies end = new Latencies();

  PageTimes(String name, PageWay way) {
    this.name = name;
    this.way = way;
  }

  String name() {
    return name;
  }

  void warm(String path, int times) throws IOException, InterruptedException {
    for (var i = 0; i < times; i++) {
      way.load(path);
    }
  }

  void measure(String path) throws IOException, InterruptedException {
    var loaded = way.load(path);
    firstByte.add(loaded.firstByteNanos());
    viewable.add(loaded.viewableNanos());
    end.add(loaded.endNanos());
  }

  double firstByte() {
    return firstByte.millis(MEDIAN);
  }

  double viewable() {
    return viewable.millis(MEDIAN);
  }

  double end() {
    return end.millis(MEDIAN);
  }
}
