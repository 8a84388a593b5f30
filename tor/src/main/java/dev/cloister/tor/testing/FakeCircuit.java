package dev.cloister.tor.testing;

import dev.cloister.tor.socks.Isolation;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** One circuit. Guarded by the world's lock. */
final class FakeCircuit {
  private static final DateTimeFormatter CREATED =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSS", Locale.ROOT)
          .withZone(ZoneOffset.UTC);

  private final String id;
  private final Kind kind;
  private final String details;
  private final List<FakeRelay> wanted;
  private final List<FakeRelay> built = new ArrayList<>();
  private Status status = Status.LAUNCHED;

  /** Who uses a circuit. */
  sealed interface Kind {
    /** Any streams, though the fake attaches none by itself. */
    record Any() implements Kind {}

    /**
     * Streams of one isolation.
     *
     * @param epoch how many new identities there had been
     */
    record Of(Isolation isolation, long epoch) implements Kind {}

    /** Streams that a controller attaches. */
    record Controller() implements Kind {}

    /** A client's streams to an onion service. */
    record Onion(String address) implements Kind {}

    default String purpose() {
      return switch (this) {
        case Any _, Of _ -> "GENERAL";
        case Controller _ -> "CONTROLLER";
        case Onion onion -> "HS_CLIENT_REND HS_STATE=HSCR_JOINED REND_QUERY=" + onion.address();
      };
    }
  }

  enum Status {
    LAUNCHED,
    EXTENDED,
    BUILT,
    FAILED,
    CLOSED
  }

  FakeCircuit(String id, Kind kind, List<FakeRelay> wanted, Instant created) {
    this.id = id;
    this.kind = kind;
    this.wanted = new ArrayList<>(wanted);
    this.details =
        "%s PURPOSE=%s TIME_CREATED=%s"
            .formatted(
                isLaunchedByCommand() ? "" : " BUILD_FLAGS=NEED_CAPACITY",
                kind.purpose(),
                CREATED.format(created));
  }

  String id() {
    return id;
  }

  Kind kind() {
    return kind;
  }

  /** Tells whether a controller asked for it, and is to close it. */
  boolean isLaunchedByCommand() {
    return kind instanceof Kind.Any || kind instanceof Kind.Controller;
  }

  boolean isBuilt() {
    return status == Status.BUILT;
  }

  boolean isOpen() {
    return status != Status.FAILED && status != Status.CLOSED;
  }

  List<FakeRelay> path() {
    return built;
  }

  void become(Status next) {
    status = next;
  }

  /** Adds the next relay that was asked for. */
  boolean grow() {
    if (built.size() == wanted.size()) {
      return false;
    }
    built.add(wanted.get(built.size()));
    status = Status.EXTENDED;
    return true;
  }

  void wish(List<FakeRelay> more) {
    wanted.addAll(more);
  }

  /** Writes it as an event or circuit-status does. */
  String line() {
    var path = built.stream().map(FakeRelay::toString).collect(Collectors.joining(","));
    return id + " " + status + (path.isEmpty() ? "" : " " + path) + details;
  }
}
