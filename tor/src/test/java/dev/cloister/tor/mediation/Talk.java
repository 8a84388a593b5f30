package dev.cloister.tor.mediation;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Predicate;

/** What a function says to tor, and hears: answers at once, events when it asks for them. */
final class Talk {
  private static final Duration SOON = Duration.ofSeconds(30);

  private final MediatedTor gate;
  private final Deque<String> events = new ArrayDeque<>();

  Talk(MediatedTor gate) {
    this.gate = gate;
  }

  MediatedTor gate() {
    return gate;
  }

  /** Says a line, and returns the answer without the events before it. */
  String ask(String line) throws IOException {
    var heard = new String(gate.exchange(line.getBytes(UTF_8), SOON), UTF_8);
    var answer = new ArrayList<String>();
    var inEvent = false;
    for (var part : heard.lines().toList()) {
      if (inEvent || part.startsWith("650")) {
        events.add(part);
        inEvent = !part.startsWith("650 ") && (inEvent || part.startsWith("650+"));
      } else {
        answer.add(part);
      }
    }
    return String.join("\n", answer);
  }

  /** Takes the events that have come. */
  List<String> events() throws IOException {
    ask("");
    var taken = List.copyOf(events);
    events.clear();
    return taken;
  }

  /** Waits until an event comes that is the one, and returns the line. */
  String await(Predicate<String> which) throws IOException {
    var passed = new ArrayList<String>();
    for (var end = System.nanoTime() + SOON.toNanos(); System.nanoTime() < end; ) {
      while (!events.isEmpty()) {
        var line = events.remove();
        if (which.test(line)) {
          return line;
        }
        passed.add(line);
      }
      ask("");
    }
    throw new AssertionError("it did not come, but " + passed);
  }
}
