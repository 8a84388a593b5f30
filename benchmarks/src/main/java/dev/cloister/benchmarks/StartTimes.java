package dev.cloister.benchmarks;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;

/**
 * How long several starts take, measured in turn: what disturbs the machine disturbs all alike.
 * Each round has an order of its own, since the kernel clears away the name spaces of what ended
 * while the next one starts.
 */
final class StartTimes {
  /** Until what a start runs in this JVM is compiled, most of it. */
  private static final int WARM_UP = 300;

  private static final long SEED = 3;

  private final Map<String, FirstByte> starts = new LinkedHashMap<>();
  private final Map<String, Latencies> took = new LinkedHashMap<>();

  void add(String name, FirstByte start) {
    starts.put(name, start);
    took.put(name, new Latencies());
  }

  void measure(int times) throws IOException, InterruptedException {
    var round = new ArrayList<>(starts.entrySet());
    var order = new Random(SEED);
    for (var i = -WARM_UP; i < times; i++) {
      Collections.shuffle(round, order);
      for (var start : round) {
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
