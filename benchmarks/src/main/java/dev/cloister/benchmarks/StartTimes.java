package dev.cloister.benchmarks;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

/** How long several starts take, measured in turn: what disturbs the machine disturbs all alike. */
final class StartTimes {
  private static final int WARM_UP = 50;

  private final Map<String, FirstByte> starts = new LinkedHashMap<>();
  private final Map<String, Latencies> took = new LinkedHashMap<>();

  void add(String name, FirstByte start) {
    starts.put(name, start);
    took.put(name, new Latencies());
  }

  void measure(int times) throws IOException, InterruptedException {
    for (var i = -WARM_UP; i < times; i++) {
      for (var start : starts.entrySet()) {
        var nanos = start.getValue().nanos();
        if (i >= 0) {
          of(start.getKey()).add(nanos);
        }
      }
    }
  }

  Latencies of(String name) {
    var found = took.get(name);
    if (found == null) {
      throw new IllegalArgumentException("nothing called \"" + name + "\" was started");
    }
    return found;
  }
}
