package dev.cloister.tor.client;

import dev.cloister.core.TimeSource;
import dev.cloister.core.internal.Deadline;
import dev.cloister.core.internal.Failures;
import dev.cloister.sandbox.session.CellChannel;
import dev.cloister.tor.Fingerprint;
import dev.cloister.tor.control.CircuitId;
import dev.cloister.tor.control.Circuits.Purpose;
import dev.cloister.tor.control.ControlEvents;
import dev.cloister.tor.control.EventKind;
import dev.cloister.tor.control.TorControl;
import dev.cloister.tor.control.TorEvent;
import dev.cloister.tor.socks.Destination;
import dev.cloister.tor.socks.Isolation;
import dev.cloister.tor.socks.TorStreams;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Opens streams on circuits that end at a relay of the caller's choice, each on a circuit of its
 * own, which ends with it. One is opened at a time: tor has one switch by which streams wait to be
 * attached.
 */
final class Steering {
  private static final String LOCALHOST = "127.0.0.1";

  /** How many ways may begin at the node's relay: tor has two guards at most for long. */
  private static final int TRIES_MOST = 8;

  private final TorStreams streams;
  private final TorControl control;
  private final Executor executor;
  private final TimeSource clock;
  private final ReentrantLock opening = new ReentrantLock();

  Steering(TorStreams streams, TorControl control, Executor executor, TimeSource clock) {
    this.streams = streams;
    this.control = control;
    this.executor = executor;
    this.clock = clock;
  }

  CellChannel open(Fingerprint relay, int port, Isolation isolation, Duration timeout)
      throws IOException {
    var deadline = Deadline.in(timeout, clock);
    lock(timeout);
    try (var events = control.events(EventKind.CIRC, EventKind.STREAM)) {
      var circuit = circuitTo(relay, events, deadline);
      try {
        var to = new Destination(LOCALHOST, port);
        var stream =
            new Attachment(control, circuit, isolation)
                .open(executor, () -> streams.open(to, isolation, left(deadline)), events);
        return new SteeredStream(stream, control, circuit);
      } catch (IOException | RuntimeException e) {
        Failures.undo(e, () -> control.circuits().close(circuit));
        throw e;
      }
    } finally {
      opening.unlock();
    }
  }

  /**
   * A circuit of which tor chose all but the end: the hops of one that tor built, of which the
   * relay takes the last place, wherever it stood. One that begins at the relay would show it both
   * of its ends: another is asked for.
   */
  private CircuitId circuitTo(Fingerprint relay, ControlEvents events, Deadline deadline)
      throws IOException {
    for (var tries = 0; tries < TRIES_MOST; tries++) {
      var hops = hopsOfTors(events, deadline);
      if (!hops.getFirst().equals(relay)) {
        if (!hops.remove(relay)) {
          hops.removeLast();
        }
        hops.add(relay);
        var circuit = control.circuits().launch(Purpose.CONTROLLER, hops);
        builtOrClosed(circuit, events, deadline);
        return circuit;
      }
    }
    throw new IOException(
        "relay %s is the guard of each of the %d ways that tor chose, and would see both of their ends: use another node"
            .formatted(relay, TRIES_MOST));
  }

  /** Returns the hops of a circuit that tor chose; it is not used. */
  private List<Fingerprint> hopsOfTors(ControlEvents events, Deadline deadline) throws IOException {
    var circuit = control.circuits().launch();
    try {
      control.circuits().use(circuit, Purpose.CONTROLLER);
    } catch (IOException | RuntimeException e) {
      Failures.undo(e, () -> control.circuits().close(circuit));
      throw e;
    }
    var hops = builtOrClosed(circuit, events, deadline);
    control.circuits().close(circuit);
    return new ArrayList<>(hops);
  }

  private List<Fingerprint> builtOrClosed(
      CircuitId circuit, ControlEvents events, Deadline deadline) throws IOException {
    try {
      return built(circuit, events, deadline);
    } catch (IOException | RuntimeException e) {
      Failures.undo(e, () -> control.circuits().close(circuit));
      throw e;
    }
  }

  /** Waits until a circuit is built as far as it was asked for; returns its hops. */
  private List<Fingerprint> built(CircuitId circuit, ControlEvents events, Deadline deadline)
      throws IOException {
    while (true) {
      var event = events.next(left(deadline));
      if (event.isPresent()
          && event.get() instanceof TorEvent.Circuit told
          && told.circuit().equals(circuit)) {
        switch (told.status()) {
          case BUILT -> {
            return told.path();
          }
          case FAILED, CLOSED ->
              throw new IOException(
                  "no circuit to the node's relay: %s; try again"
                      .formatted(told.detail("REASON").orElse("without a reason")));
          default -> {
            // It is on its way.
          }
        }
      }
    }
  }

  private void lock(Duration timeout) throws IOException {
    try {
      if (!opening.tryLock(TimeUnit.NANOSECONDS.convert(timeout), TimeUnit.NANOSECONDS)) {
        throw new SocketTimeoutException("another circuit was steered for all of " + timeout);
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while waiting to steer a circuit");
    }
  }

  private static Duration left(Deadline deadline) throws SocketTimeoutException {
    var nanos = deadline.nanosLeft();
    if (nanos <= 0) {
      throw new SocketTimeoutException("no circuit to the node's relay in time: wait longer");
    }
    return Duration.ofNanos(nanos);
  }
}
