package dev.cloister.tor.control;

import dev.cloister.tor.Fingerprint;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * The commands about circuits and streams. That a circuit is built, or a stream connected, the
 * events tell: the commands return before. Safe for use by many threads.
 */
public final class Circuits {
  private final TorControl control;

  Circuits(TorControl control) {
    this.control = control;
  }

  /** What a circuit is for. */
  public enum Purpose {
    /** For streams: tor attaches any to it. */
    GENERAL,
    /** For streams that are attached to it by {@link #attach}, and no others. */
    CONTROLLER;

    private String word() {
      return "purpose=" + name().toLowerCase(Locale.ROOT);
    }
  }

  /** Why a stream is closed (tor-spec, section 6.3). */
  public enum CloseReason {
    /** No reason. */
    MISC(1),
    /** The client is done. */
    DONE(6),
    /** It took too long. */
    TIMEOUT(7);

    private final int number;

    CloseReason(int number) {
      this.number = number;
    }
  }

  /**
   * Launches a circuit along relays of the caller's choice.
   *
   * @param purpose what it is for
   * @param path at least one, in the consensus
   * @return the circuit, which is not built yet
   * @throws ControlRefused when tor does not know a relay (552)
   * @throws IOException when there is no answer
   */
  public CircuitId launch(Purpose purpose, List<Fingerprint> path) throws IOException {
    return extended(extending(CircuitId.NONE).word(text(path)).word(purpose.word()));
  }

  /**
   * Launches a circuit along relays of tor's choice, for streams.
   *
   * @return the circuit, which is not built yet
   * @throws ControlRefused when tor knows no path (551)
   * @throws IOException when there is no answer
   */
  public CircuitId launch() throws IOException {
    return extended(extending(CircuitId.NONE));
  }

  /**
   * Changes what a circuit is for, also before it is built.
   *
   * @param circuit which
   * @param purpose what it is for from now on
   * @throws ControlRefused when there is no such circuit (552)
   * @throws IOException when there is no answer
   */
  public void use(CircuitId circuit, Purpose purpose) throws IOException {
    control.ask(Command.of("SETCIRCUITPURPOSE").word(circuit.text()).word(purpose.word()));
  }

  /**
   * Extends a circuit that is built.
   *
   * @param circuit which
   * @param path at least one relay, in the consensus
   * @throws ControlRefused when tor does not know a relay or the circuit (552)
   * @throws IOException when there is no answer
   */
  public void extend(CircuitId circuit, List<Fingerprint> path) throws IOException {
    extended(extending(circuit).word(text(path)));
  }

  private static Command extending(CircuitId circuit) {
    return Command.of("EXTENDCIRCUIT").word(circuit.text());
  }

  private static String text(List<Fingerprint> path) {
    if (path.isEmpty()) {
      throw new IllegalArgumentException("path without a relay: must have one");
    }
    return path.stream().map(Fingerprint::toString).collect(Collectors.joining(","));
  }

  private CircuitId extended(Command command) throws IOException {
    var words = Words.of(control.ask(command).text());
    try {
      if (words.plain(0).equals("EXTENDED")) {
        return new CircuitId(words.plain(1));
      }
    } catch (IllegalArgumentException _) {
      // Told below.
    }
    throw new ControlViolation("an answer to EXTENDCIRCUIT without a circuit");
  }

  /**
   * Lists the circuits that tor has as a client.
   *
   * @return one for each, as an event would tell of it
   * @throws IOException when there is no answer
   */
  public List<TorEvent.Circuit> list() throws IOException {
    var circuits = new ArrayList<TorEvent.Circuit>();
    for (var line : control.getInfo("circuit-status").lines().toList()) {
      circuits.add(EventReader.circuit(Words.of("CIRC " + line)));
    }
    return circuits;
  }

  /**
   * Lists the streams that tor has as a client.
   *
   * @return one for each, as an event would tell of it, without details
   * @throws IOException when there is no answer
   */
  public List<TorEvent.Stream> streams() throws IOException {
    var streams = new ArrayList<TorEvent.Stream>();
    for (var line : control.getInfo("stream-status").lines().toList()) {
      streams.add(EventReader.stream(Words.of("STREAM " + line)));
    }
    return streams;
  }

  /**
   * Attaches a stream that waits to a circuit.
   *
   * @param stream which
   * @param circuit one that is built; {@link CircuitId#NONE} leaves the choice to tor
   * @throws ControlRefused when there is no such stream or circuit, or they don't fit (551, 552,
   *     555)
   * @throws IOException when there is no answer
   */
  public void attach(StreamId stream, CircuitId circuit) throws IOException {
    control.ask(Command.of("ATTACHSTREAM").word(stream.text()).word(circuit.text()));
  }

  /**
   * Closes a stream.
   *
   * @param stream which
   * @param reason what its other side is told
   * @throws ControlRefused when there is no such stream (552)
   * @throws IOException when there is no answer
   */
  public void close(StreamId stream, CloseReason reason) throws IOException {
    control.ask(
        Command.of("CLOSESTREAM").word(stream.text()).word(Integer.toString(reason.number)));
  }

  /**
   * Closes a circuit, with all its streams.
   *
   * @param circuit which
   * @throws ControlRefused when there is no such circuit (552)
   * @throws IOException when there is no answer
   */
  public void close(CircuitId circuit) throws IOException {
    control.ask(Command.of("CLOSECIRCUIT").word(circuit.text()));
  }

  /**
   * Closes a circuit unless it is used.
   *
   * @param circuit which
   * @throws ControlRefused when there is no such circuit (552)
   * @throws IOException when there is no answer
   */
  public void closeIfUnused(CircuitId circuit) throws IOException {
    control.ask(Command.of("CLOSECIRCUIT").word(circuit.text()).word("IfUnused"));
  }
}
