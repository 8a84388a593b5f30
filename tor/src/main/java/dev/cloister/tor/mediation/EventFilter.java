package dev.cloister.tor.mediation;

import dev.cloister.tor.Fingerprint;
import dev.cloister.tor.control.CircuitId;
import dev.cloister.tor.control.EventKind;
import dev.cloister.tor.control.StreamId;
import dev.cloister.tor.control.TorEvent;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * Keeps of tor's events those about the function's own, and writes them with the function's own
 * names; of the details it keeps those that tell of nothing else. Not thread-safe.
 */
final class EventFilter {
  private static final List<String> CIRCUIT_DETAILS =
      List.of("BUILD_FLAGS", "PURPOSE", "REASON", "REMOTE_REASON");
  private static final List<String> STREAM_DETAILS =
      List.of("REASON", "REMOTE_REASON", "SOURCE", "PURPOSE");
  private static final List<String> BANDWIDTH_DETAILS =
      List.of("DELIVERED_READ", "DELIVERED_WRITTEN", "OVERHEAD_READ", "OVERHEAD_WRITTEN");
  private static final List<String> DESCRIPTOR_DETAILS = List.of("REASON", "REPLICA");

  private final OwnNames<CircuitId> circuits;
  private final OwnNames<StreamId> streams;
  private final String streamsUser;
  private final Predicate<String> isWatched;

  /**
   * Makes a filter.
   *
   * @param streamsUser the SOCKS user by whom the function's streams are known
   * @param isWatched whether the function may know of an onion address, without {@code .onion}
   */
  EventFilter(
      OwnNames<CircuitId> circuits,
      OwnNames<StreamId> streams,
      String streamsUser,
      Predicate<String> isWatched) {
    this.circuits = circuits;
    this.streams = streams;
    this.streamsUser = streamsUser;
    this.isWatched = isWatched;
  }

  /** Learns from an event which streams are the function's, before it is written. */
  void learn(TorEvent event) {
    if (event instanceof TorEvent.Stream stream
        && stream.detail("SOCKS_USERNAME").filter(streamsUser::equals).isPresent()) {
      streams.add(stream.stream());
    }
  }

  /** Forgets what has ended, after the event was written. */
  void forget(TorEvent event) {
    switch (event) {
      case TorEvent.Circuit circuit when hasEnded(circuit) -> circuits.remove(circuit.circuit());
      case TorEvent.Stream stream
          when stream.status() == TorEvent.StreamStatus.CLOSED
              || stream.status() == TorEvent.StreamStatus.FAILED ->
          streams.remove(stream.stream());
      default -> {
        // It goes on.
      }
    }
  }

  private static boolean hasEnded(TorEvent.Circuit circuit) {
    return circuit.status() == TorEvent.CircuitStatus.CLOSED
        || circuit.status() == TorEvent.CircuitStatus.FAILED;
  }

  /** Writes an event that the function asked for and may see. */
  Optional<String> written(TorEvent event, Set<EventKind> asked) {
    return asked.contains(event.kind()) ? written(event) : Optional.empty();
  }

  private Optional<String> written(TorEvent event) {
    return switch (event) {
      case TorEvent.Circuit circuit -> status(circuit).map(text -> "650 CIRC " + text);
      case TorEvent.Stream stream -> status(stream).map(text -> "650 STREAM " + text);
      case TorEvent.CircuitBandwidth b ->
          circuits
              .own(b.circuit())
              .map(own ->
                  "650 CIRC_BW ID=%s READ=%d WRITTEN=%d%s"
                      .formatted(
                          own,
                          b.readBytes(),
                          b.writtenBytes(),
                          details(b.details(), BANDWIDTH_DETAILS)));
      case TorEvent.StreamBandwidth b ->
          streams
              .own(b.stream())
              .map(own -> "650 STREAM_BW %s %d %d".formatted(own, b.writtenBytes(), b.readBytes()));
      case TorEvent.OnionDescriptor d ->
          isWatched.test(d.address()) ? Optional.of(descriptor(d)) : Optional.empty();
      case TorEvent.OnionDescriptorContent c ->
          isWatched.test(c.address())
              ? Optional.of(
                  "650+HS_DESC_CONTENT %s %s %s\n%s\n.\n650 OK"
                      .formatted(c.address(), c.descriptor(), c.directory(), c.text()))
              : Optional.empty();
      case TorEvent.NetworkLiveness l ->
          Optional.of("650 NETWORK_LIVENESS " + (l.isUp() ? "UP" : "DOWN"));
      case TorEvent.Bandwidth _,
          TorEvent.Status _,
          TorEvent.NewDescriptors _,
          TorEvent.NewConsensus _ ->
          Optional.empty();
    };
  }

  /** Writes what has become of a circuit, if it is the function's. */
  Optional<String> status(TorEvent.Circuit circuit) {
    return circuits
        .own(circuit.circuit())
        .map(own ->
            own
                + " "
                + circuit.status()
                + (circuit.path().isEmpty() ? "" : " " + path(circuit.path()))
                + details(circuit.details(), CIRCUIT_DETAILS));
  }

  private static String path(List<Fingerprint> path) {
    return path.stream().map(Fingerprint::toString).collect(Collectors.joining(","));
  }

  Optional<String> status(TorEvent.Stream stream) {
    return streams
        .own(stream.stream())
        .map(own ->
            "%s %s %s %s%s"
                .formatted(
                    own,
                    stream.status(),
                    circuits.own(stream.circuit()).orElse("0"),
                    stream.target(),
                    details(stream.details(), STREAM_DETAILS)));
  }

  private static String descriptor(TorEvent.OnionDescriptor d) {
    return "650 HS_DESC %s %s NO_AUTH %s%s%s"
        .formatted(
            d.action(),
            d.address(),
            d.directory(),
            d.descriptor().isEmpty() ? "" : " " + d.descriptor(),
            details(d.details(), DESCRIPTOR_DETAILS));
  }

  private static String details(Map<String, String> details, List<String> kept) {
    return kept.stream()
        .filter(details::containsKey)
        .map(keyword -> " " + keyword + "=" + details.get(keyword))
        .collect(Collectors.joining());
  }
}
