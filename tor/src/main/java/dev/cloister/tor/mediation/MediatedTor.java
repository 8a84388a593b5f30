package dev.cloister.tor.mediation;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.cloister.core.Denied;
import dev.cloister.core.TimeSource;
import dev.cloister.core.gate.Exchange;
import dev.cloister.core.internal.Deadline;
import dev.cloister.core.internal.Failures;
import dev.cloister.core.ledger.Ledger;
import dev.cloister.core.ledger.Tally;
import dev.cloister.tor.control.ControlEvents;
import dev.cloister.tor.control.ControlRefused;
import dev.cloister.tor.control.EventKind;
import dev.cloister.tor.control.TorControl;
import dev.cloister.tor.control.TorEvent;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * One function's talk with tor: what it may not say is refused by a rule's name, before anything
 * reaches tor; what it hears is of its own circuits, streams and services alone. Safe for use by
 * many threads, one at a time.
 *
 * <p>A request is one line of the control protocol in UTF-8; the answer is tor's in the same
 * protocol, lines parted by a line feed, and before it the events that came meanwhile. The empty
 * line asks for events alone, and waits a second for one.
 */
public final class MediatedTor implements Exchange {
  private static final int USER_BYTES = 16;
  private static final int STREAMS_MOST = 1000;
  private static final Duration EVENT_WAIT = Duration.ofSeconds(1);
  private static final String OK = "250 OK";

  private final TorControl control;
  private final TorGrant grant;
  private final Consumer<MediatedTor> closed;
  private final Rate rate;
  private final ControlEvents events;
  private final EventFilter filter;
  private final String streamsUser;
  private final Tally letThrough;
  private final Tally refused;
  private final Tally eventsShown;
  private final Tally eventsMissed;

  private final ReentrantLock lock = new ReentrantLock();

  /** Guarded by the lock, as is all that follows. */
  private final OwnCircuits circuits;

  private final OwnOnions onions;
  private final Set<EventKind> asked = EnumSet.noneOf(EventKind.class);
  private final Deque<String> waiting = new ArrayDeque<>();
  private long dropped;

  MediatedTor(
      TorControl control,
      TorGrant grant,
      Credentials credentials,
      TimeSource time,
      Ledger ledger,
      Consumer<MediatedTor> closed)
      throws IOException {
    this.control = control;
    this.grant = grant;
    this.closed = closed;
    this.rate = new Rate(time, grant.linesPerSecond());
    this.letThrough = ledger.tally(MediationCounter.LET_THROUGH);
    this.refused = ledger.tally(MediationCounter.REFUSED);
    this.eventsShown = ledger.tally(MediationCounter.EVENTS_SHOWN);
    this.eventsMissed = ledger.tally(MediationCounter.EVENTS_MISSED);
    this.circuits = new OwnCircuits(control.circuits(), grant.circuits(), this::takeEvents);
    this.onions = new OwnOnions(this, control.onions(), grant, credentials);
    var user = new byte[USER_BYTES];
    new SecureRandom().nextBytes(user);
    this.streamsUser = HexFormat.of().formatHex(user);
    this.filter =
        new EventFilter(circuits.names(), circuits.streams(), streamsUser, onions::isWatched);
    this.events = control.events(TorGrant.events());
  }

  /**
   * Names the SOCKS user by whom tor tells this function's streams from others': whoever connects
   * for the function, through tor's SOCKS port, says so.
   *
   * @return a name that nobody can guess
   */
  public String streamsUser() {
    return streamsUser;
  }

  @Override
  public byte[] exchange(byte[] request, Duration deadline) throws IOException {
    lock.lock();
    try {
      return ask(new String(request, UTF_8), deadline).getBytes(UTF_8);
    } finally {
      lock.unlock();
    }
  }

  private String ask(String line, Duration deadline) throws IOException {
    try {
      rate.take();
      var answer = line.isEmpty() ? awaitEvent(deadline) : answer(CommandLine.parse(line));
      letThrough.increment();
      takeEvents();
      return withEvents(answer);
    } catch (Denied e) {
      refused.increment();
      throw e;
    }
  }

  private String withEvents(String answer) {
    var lines = new ArrayList<>(waiting);
    waiting.clear();
    eventsShown.add(lines.size());
    if (!answer.isEmpty()) {
      lines.add(answer);
    }
    return String.join("\n", lines);
  }

  /** Waits until there is an event that the function may see; it is with those that wait then. */
  private String awaitEvent(Duration atMost) throws IOException {
    takeEvents();
    var deadline = Deadline.in(atMost.compareTo(EVENT_WAIT) < 0 ? atMost : EVENT_WAIT);
    while (waiting.isEmpty() && !deadline.hasPassed()) {
      events.next(Duration.ofNanos(deadline.nanosLeft())).ifPresent(this::take);
    }
    return "";
  }

  /** Takes in what has come, unless the function is about to. */
  void takeEventsIfIdle() throws IOException {
    if (lock.tryLock()) {
      try {
        takeEvents();
      } finally {
        lock.unlock();
      }
    }
  }

  private void takeEvents() throws IOException {
    for (var event = events.next(Duration.ZERO);
        event.isPresent();
        event = events.next(Duration.ZERO)) {
      take(event.get());
    }
    var missed = events.missed() - dropped;
    if (missed > 0) {
      dropped += missed;
      eventsMissed.add(missed);
      onions.lostTrack();
    }
  }

  private void take(TorEvent event) {
    if (circuits.streams().size() < STREAMS_MOST) {
      filter.learn(event);
    }
    filter
        .written(event, asked)
        .ifPresent(text -> {
          if (waiting.size() < TorGrant.EVENTS_WAITING) {
            waiting.add(text);
          } else {
            eventsMissed.increment();
          }
        });
    filter.forget(event);
    if (event instanceof TorEvent.OnionDescriptorContent content) {
      onions.fetched(content.address());
    }
  }

  private String answer(CommandLine line) throws IOException {
    if (!grant.grants(line.verb())) {
      throw Rule.VERB.denied(line.verb() + " is not granted");
    }
    try {
      return switch (line.verb()) {
        case GETINFO -> getInfo(line.words());
        case SETEVENTS -> setEvents(line.words());
        case EXTENDCIRCUIT -> circuits.extend(line);
        case CLOSECIRCUIT -> circuits.close(line);
        case ATTACHSTREAM -> circuits.attach(line);
        case CLOSESTREAM -> circuits.closeStream(line);
        case ADD_ONION -> onions.add(line);
        case DEL_ONION -> onions.delete(line);
        case HSFETCH -> onions.fetch(line);
        case ONION_CLIENT_AUTH_ADD -> onions.authorize(line);
        case ONION_CLIENT_AUTH_REMOVE -> onions.forget(line);
        case ONION_CLIENT_AUTH_VIEW -> onions.credentials(line);
      };
    } catch (ControlRefused e) {
      // What tor says of it may name what is not the function's.
      return e.status() + " tor refused " + line.verb();
    }
  }

  private String getInfo(List<String> keys) throws IOException {
    if (keys.isEmpty()) {
      throw Rule.WORDS.denied("GETINFO without a key");
    }
    var answer = new StringBuilder();
    for (var key : keys) {
      var info =
          TorInfo.of(key)
              .filter(grant::grants)
              .orElseThrow(() -> Rule.GETINFO.denied("a key that is not granted"));
      answer.append(shown(key, value(info, key)));
    }
    return answer + OK;
  }

  private static String shown(String key, String value) {
    return value.indexOf('\n') < 0
        ? "250-%s=%s\n".formatted(key, value)
        : "250+%s=\n%s\n.\n".formatted(key, value);
  }

  private String value(TorInfo info, String key) throws IOException {
    return switch (info) {
      case CIRCUIT_STATUS ->
          control.circuits().list().stream()
              .flatMap(circuit -> filter.status(circuit).stream())
              .collect(Collectors.joining("\n"));
      case STREAM_STATUS -> {
        takeEvents();
        yield control.circuits().streams().stream()
            .flatMap(stream -> filter.status(stream).stream())
            .collect(Collectors.joining("\n"));
      }
      case ONIONS -> onions.list();
      default -> control.getInfo(key);
    };
  }

  private String setEvents(List<String> words) {
    var kinds = EnumSet.noneOf(EventKind.class);
    for (var word : words) {
      kinds.add(
          Arrays.stream(TorGrant.events())
              .filter(kind -> kind.name().equalsIgnoreCase(word))
              .findFirst()
              .orElseThrow(() -> Rule.EVENT.denied("a kind of event that no function is granted")));
    }
    asked.clear();
    asked.addAll(kinds);
    return OK;
  }

  /** Ends all that the function has in tor; what tor has ended already is no failure. */
  @Override
  public void close() throws IOException {
    closed.accept(this);
    lock.lock();
    try {
      var failures = new Failures();
      failures.run(events::close);
      if (!control.hasEnded()) {
        circuits.closeAll(failures);
        onions.closeAll(failures);
      }
      failures.throwFirst();
    } finally {
      lock.unlock();
    }
  }
}
