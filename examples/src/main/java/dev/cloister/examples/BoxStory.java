package dev.cloister.examples;

import dev.cloister.core.ledger.Heartbeat;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What a box's heartbeats tell of it, in words: each what is new since the one before. */
final class BoxStory {
  /** What counters that tell of a loss mean; those of other names tell of work. */
  private static final Map<String, String> MEANINGS = meanings();

  /** What events mean that do not say it themselves. */
  private static final Map<String, String> EVENTS =
      Map.of("buffer-filling", "its buffer will be full soon: packets will be lost");

  private Map<String, Long> before = Map.of();

  private static Map<String, String> meanings() {
    var meanings = new LinkedHashMap<String, String>();
    meanings.put("guaranteesLost", "guarantees hold no more");
    meanings.put("lost.", "packets were lost, by cause %s");
    meanings.put("evicted.", "were given up to stay within bounds: %s");
    meanings.put("linkDowns", "times a link that it captures went down");
    meanings.put("linksGone", "links that it captured were removed: nothing more comes from there");
    meanings.put("erroneousFlows", "connections made a parser fail");
    meanings.put("push.dropped.", "were not pushed, the peer being slow or gone: %s");
    return meanings;
  }

  /** Returns sentences about one heartbeat, none when all is well. */
  List<String> told(Heartbeat heartbeat, boolean resumed) {
    var told = new ArrayList<String>();
    if (resumed) {
      told.add("heartbeats come again");
    }
    if (!heartbeat.event().equals("alive")) {
      told.add("it says: " + EVENTS.getOrDefault(heartbeat.event(), heartbeat.event()));
    }
    heartbeat
        .counters()
        .forEach((label, value) -> {
          var more = value - before.getOrDefault(label, 0L);
          if (more > 0) {
            MEANINGS.forEach((prefix, meaning) -> {
              if (label.startsWith(prefix)) {
                told.add(more + " " + meaning.formatted(label.substring(prefix.length())));
              }
            });
          }
        });
    before = heartbeat.counters();
    return told.stream()
        .map(sentence ->
            "%s heartbeat %d: %s".formatted(heartbeat.now(), heartbeat.sequence(), sentence))
        .toList();
  }
}
