package dev.cloister.tor.mediation;

import dev.cloister.core.internal.Failures;
import dev.cloister.tor.Fingerprint;
import dev.cloister.tor.control.CircuitId;
import dev.cloister.tor.control.Circuits;
import dev.cloister.tor.control.ControlRefused;
import dev.cloister.tor.control.StreamId;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;

/**
 * A function's circuits and streams, and what it says of them. A circuit goes along relays that the
 * function names, so that none tells which guard the relay uses, and serves streams that are
 * attached to it by name, so that nobody else's go along it. Not thread-safe.
 */
final class OwnCircuits {
  private static final int HOPS_LEAST = 3;
  private static final int HOPS_MOST = 8;
  private static final String OK = "250 OK";

  private final OwnNames<CircuitId> names = new OwnNames<>(Rule.CIRCUIT);
  private final OwnNames<StreamId> streams = new OwnNames<>(Rule.STREAM);
  private final Circuits tor;
  private final int most;
  private final Failures.Step takeEvents;

  /**
   * Begins with none.
   *
   * @param takeEvents takes in what has happened to them
   */
  OwnCircuits(Circuits tor, int most, Failures.Step takeEvents) {
    this.tor = tor;
    this.most = most;
    this.takeEvents = takeEvents;
  }

  OwnNames<CircuitId> names() {
    return names;
  }

  OwnNames<StreamId> streams() {
    return streams;
  }

  String extend(CommandLine line) throws IOException {
    var path = path(line.word(1));
    for (var option : line.options(2)) {
      if (!option.keyword().equals("PURPOSE") || !option.value().equalsIgnoreCase("controller")) {
        throw Rule.PURPOSE.denied("a purpose other than controller: tor would use it for others");
      }
    }
    var isNew = line.word(0).equals("0");
    if (isNew && path.size() < HOPS_LEAST) {
      throw Rule.PATH.denied("%d relays: at least %d".formatted(path.size(), HOPS_LEAST));
    }
    var circuit = isNew ? launch(path) : names.tors(line.word(0));
    if (!isNew) {
      tor.extend(circuit, path);
    }
    return "250 EXTENDED " + names.own(circuit).orElseThrow();
  }

  private CircuitId launch(List<Fingerprint> path) throws IOException {
    if (names.size() >= most) {
      takeEvents.run();
    }
    if (names.size() >= most) {
      throw Rule.BOUND.denied("%d circuits: close one first".formatted(most));
    }
    var circuit = tor.launch(Circuits.Purpose.CONTROLLER, path);
    names.add(circuit);
    return circuit;
  }

  private static List<Fingerprint> path(String text) {
    var hops = text.split(",", -1);
    if (hops.length > HOPS_MOST) {
      throw Rule.PATH.denied("%d relays: at most %d".formatted(hops.length, HOPS_MOST));
    }
    var path = new ArrayList<Fingerprint>();
    for (var hop : hops) {
      if (!hop.matches("\\$?[0-9A-Fa-f]{40}")) {
        throw Rule.PATH.denied("a relay that is not named by its fingerprint");
      }
      path.add(new Fingerprint(hop));
    }
    if (new HashSet<>(path).size() < path.size()) {
      throw Rule.PATH.denied("a relay that stands twice");
    }
    return path;
  }

  String close(CommandLine line) throws IOException {
    line.atMost(2);
    var circuit = names.tors(line.word(0));
    if (line.words().size() == 1) {
      tor.close(circuit);
    } else if (line.word(1).equalsIgnoreCase("IfUnused")) {
      tor.closeIfUnused(circuit);
    } else {
      throw Rule.WORDS.denied("CLOSECIRCUIT with a word other than IfUnused");
    }
    return OK;
  }

  String attach(CommandLine line) throws IOException {
    line.atMost(2);
    takeEvents.run();
    var stream = streams.tors(line.word(0));
    var circuit = line.word(1).equals("0") ? CircuitId.NONE : names.tors(line.word(1));
    tor.attach(stream, circuit);
    return OK;
  }

  String closeStream(CommandLine line) throws IOException {
    // The reason is for the other side alone, and one is as good as another.
    line.atMost(2);
    takeEvents.run();
    var stream = streams.tors(line.word(0));
    tor.close(stream, Circuits.CloseReason.DONE);
    return OK;
  }

  void closeAll(Failures failures) {
    names.all().forEach(circuit -> failures.run(() -> close(circuit)));
  }

  private void close(CircuitId circuit) throws IOException {
    try {
      tor.close(circuit);
    } catch (ControlRefused _) {
      // It has ended.
    }
  }
}
