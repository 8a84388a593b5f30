package dev.cloister.tor.control;

import dev.cloister.tor.Fingerprint;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Reads events. */
final class EventReader {
  private EventReader() {}

  /**
   * Reads an event.
   *
   * @return empty when it is of a kind that has no type here
   * @throws ControlViolation when it is malformed
   */
  static Optional<TorEvent> read(Reply reply) throws ControlViolation {
    var words = Words.of(reply.text());
    var name = words.plain(0);
    var kind = Arrays.stream(EventKind.values()).filter(k -> k.name().equals(name)).findFirst();
    if (kind.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(event(kind.get(), words, reply));
    } catch (IllegalArgumentException _) {
      throw new ControlViolation("an identifier that is none, in an event " + name);
    }
  }

  private static TorEvent event(EventKind kind, Words words, Reply reply) throws ControlViolation {
    return switch (kind) {
      case CIRC -> circuit(words);
      case STREAM -> stream(words);
      case HS_DESC -> descriptor(words);
      case HS_DESC_CONTENT ->
          new TorEvent.OnionDescriptorContent(
              words.plain(1),
              words.plain(2),
              words.plain(3),
              reply.lines().getFirst().data().strip());
      case BW -> new TorEvent.Bandwidth(words.number(1), words.number(2));
      case CIRC_BW ->
          new TorEvent.CircuitBandwidth(
              new CircuitId(words.value("ID").orElse("")),
              words.number("READ", 0),
              words.number("WRITTEN", 0),
              words.values());
      case STREAM_BW ->
          new TorEvent.StreamBandwidth(
              new StreamId(words.plain(1)), words.number(2), words.number(3));
      case NEWDESC ->
          new TorEvent.NewDescriptors(
              words.plain().stream().skip(1).map(Fingerprint::new).toList());
      case NEWCONSENSUS -> new TorEvent.NewConsensus(reply.lines().getFirst().data());
      case NETWORK_LIVENESS -> new TorEvent.NetworkLiveness(words.plain(1).equals("UP"));
      case STATUS_GENERAL, STATUS_CLIENT, STATUS_SERVER ->
          new TorEvent.Status(
              kind,
              Words.oneOf(TorEvent.Severity.class, words.plain(1)),
              words.plain(2),
              words.values());
    };
  }

  /** Reads what an event of a circuit tells, or a line of circuit-status with a word before it. */
  static TorEvent.Circuit circuit(Words words) throws ControlViolation {
    try {
      return new TorEvent.Circuit(
          new CircuitId(words.plain(1)),
          Words.oneOf(TorEvent.CircuitStatus.class, words.plain(2)),
          words.plain().size() > 3 ? path(words.plain(3)) : List.of(),
          words.values());
    } catch (IllegalArgumentException _) {
      throw new ControlViolation("a circuit or a relay that is none");
    }
  }

  /** Reads a path: fingerprints with nicknames after them, a comma between two. */
  private static List<Fingerprint> path(String text) {
    var path = new ArrayList<Fingerprint>();
    for (var hop : text.split(",", -1)) {
      path.add(new Fingerprint(hop));
    }
    return path;
  }

  /** Reads what an event of a stream tells, or a line of stream-status with a word before it. */
  static TorEvent.Stream stream(Words words) throws ControlViolation {
    try {
      return new TorEvent.Stream(
          new StreamId(words.plain(1)),
          Words.oneOf(TorEvent.StreamStatus.class, words.plain(2)),
          new CircuitId(words.plain(3)),
          words.plain(4),
          words.values());
    } catch (IllegalArgumentException _) {
      throw new ControlViolation("a stream or a circuit that is none");
    }
  }

  private static TorEvent descriptor(Words words) throws ControlViolation {
    return new TorEvent.OnionDescriptor(
        Words.oneOf(TorEvent.DescriptorAction.class, words.plain(1)),
        words.plain(2),
        words.plain(4),
        words.plain().size() > 5 ? words.plain(5) : "",
        words.values());
  }
}
