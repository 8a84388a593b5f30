package dev.cloister.tor.function;

import dev.cloister.tor.control.CircuitId;
import dev.cloister.tor.control.ControlEvents;
import dev.cloister.tor.control.ControlRefused;
import dev.cloister.tor.control.EventKind;
import dev.cloister.tor.control.TorControl;
import dev.cloister.tor.control.TorEvent;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * How much went over each circuit of a client since it was made, as its guard could count it. Tor
 * tells once a second. For one thread.
 */
final class CircuitBytes implements AutoCloseable {
  private static final Duration SECOND_MOST = Duration.ofSeconds(5);

  /** How many bytes of cells came, and went. */
  record Both(long down, long up) {
    static final Both NONE = new Both(0, 0);

    Both plus(Both other) {
      return new Both(down + other.down, up + other.up);
    }
  }

  private final ControlEvents events;
  private final Map<CircuitId, Both> circuits = new HashMap<>();
  private final Set<CircuitId> used = new HashSet<>();

  /** Closes what tor has built already, of which some went uncounted. */
  CircuitBytes(TorControl client) throws IOException {
    events = client.events(EventKind.CIRC_BW, EventKind.STREAM, EventKind.BW);
    for (var circuit : client.circuits().list()) {
      try {
        client.circuits().close(circuit.circuit());
      } catch (ControlRefused _) {
        // It has ended by itself.
      }
    }
  }

  /** Forgets which circuits were used until now. */
  void begin() throws IOException {
    takeAll();
    used.clear();
  }

  /** Waits until all is told, and adds up what went over the circuits that were used since. */
  Both end() throws IOException {
    takeAll();
    for (var seconds = 0; seconds < 2; ) {
      var event = events.next(SECOND_MOST).orElseThrow();
      take(event);
      seconds += event instanceof TorEvent.Bandwidth ? 1 : 0;
    }
    return used.stream()
        .map(circuit -> circuits.getOrDefault(circuit, Both.NONE))
        .reduce(Both.NONE, Both::plus);
  }

  int circuitsUsed() {
    return used.size();
  }

  /** Takes what has been told. */
  private void takeAll() throws IOException {
    for (var event = events.next(Duration.ZERO);
        event.isPresent();
        event = events.next(Duration.ZERO)) {
      take(event.get());
    }
  }

  private void take(TorEvent event) {
    switch (event) {
      case TorEvent.CircuitBandwidth told ->
          circuits.merge(
              told.circuit(), new Both(told.readBytes(), told.writtenBytes()), Both::plus);
      case TorEvent.Stream stream
          when stream.status() == TorEvent.StreamStatus.SUCCEEDED
              && stream.target().contains(".onion:") ->
          used.add(stream.circuit());
      default -> {
        // Of no circuit.
      }
    }
  }

  @Override
  public void close() {
    events.close();
  }
}
