package dev.cloister.tor.testing;

import dev.cloister.core.TimeSource;
import dev.cloister.tor.Fingerprint;
import dev.cloister.tor.control.Authentication;
import dev.cloister.tor.control.ControlLimits;
import dev.cloister.tor.control.ControlLink;
import dev.cloister.tor.control.TorControl;
import dev.cloister.tor.socks.Destination;
import dev.cloister.tor.socks.SocksCode;
import dev.cloister.tor.socks.TorStreams;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Supplier;

/**
 * A tor in memory, for tests: control connections that speak tor's protocol by the byte, circuits,
 * streams and onion services that behave as those of tor 0.4.9 where tests of this module run the
 * same contract on both. It has no network, no thread, no anonymity, and no cryptography but that
 * of keys.
 *
 * <p>A command is done when it was written; its answer and the events of it wait for readers.
 * Nothing happens of itself but what is due on the caller's clock. It is strict: what tor does and
 * the fake does not is {@link NotModelled}, and {@link #checkNothingOpen} finds what a test left.
 * Safe for use by many threads.
 */
public final class FakeTor implements AutoCloseable {
  /** How many relays its consensus has. */
  public static final int RELAYS = 6;

  private static final int COOKIE_BYTES = 32;

  private final FakeWorld world;
  private final FakeOptions options = new FakeOptions();
  private final FakeCircuits circuits;
  private final FakeOnions onions;
  private final FakeServers servers;
  private final FakeStreams streams;
  private final FakeTorParts parts;
  private FakeAuthentication.Demand demand = new FakeAuthentication.Demand.Nothing();

  private FakeTor(TimeSource clock) {
    var relays = FakeRelay.some(RELAYS);
    world = new FakeWorld(clock);
    circuits = new FakeCircuits(world, relays);
    onions = new FakeOnions(world, relays);
    servers = new FakeServers(world);
    streams = new FakeStreams(world, options, circuits, onions, servers);
    parts = new FakeTorParts(options, circuits, streams, onions);
  }

  /**
   * Makes a tor.
   *
   * @param clock by which descriptors are uploaded and streams time out
   * @return one without circuits, streams and services
   */
  public static FakeTor at(TimeSource clock) {
    return new FakeTor(clock);
  }

  /**
   * Refuses what is not modelled, as tor refuses what it does not know, rather than failing the
   * test.
   *
   * @return this
   */
  public FakeTor refusingUnmodelled() {
    return locked(() -> {
      world.refuseUnmodelled();
      return this;
    });
  }

  /**
   * Takes no control connection without a password, from the next on.
   *
   * @param password what {@link Authentication.Password} must say
   * @return this
   */
  public FakeTor password(String password) {
    return locked(() -> {
      demand = new FakeAuthentication.Demand.Password(password);
      return this;
    });
  }

  /**
   * Takes no control connection without the cookie, from the next on.
   *
   * @param file where a new cookie is written
   * @return this
   * @throws IOException when it cannot be written
   */
  public FakeTor cookie(Path file) throws IOException {
    var cookie = new byte[COOKIE_BYTES];
    new SecureRandom().nextBytes(cookie);
    Files.write(file, cookie);
    var hex = HexFormat.of().formatHex(cookie);
    return locked(() -> {
      demand = new FakeAuthentication.Demand.Cookie(hex, file.toString());
      return this;
    });
  }

  /**
   * Connects to the control port, authenticated whatever it demands of others.
   *
   * @return a connection that the caller closes
   * @throws IOException when this is closed
   */
  public TorControl control() throws IOException {
    return TorControl.over(
        link(new FakeAuthentication.Demand.Nothing()),
        new Authentication.None(),
        ControlLimits.DEFAULT);
  }

  /**
   * Connects to the control port without a word.
   *
   * @return bytes to {@link TorControl#over}, or to speak the protocol by hand
   * @throws IOException when this is closed
   */
  public ControlLink link() throws IOException {
    return link(locked(() -> demand));
  }

  private ControlLink link(FakeAuthentication.Demand demanded) throws IOException {
    var link = new FakeLink(world, parts, new FakeAuthentication(demanded));
    world.lock();
    try {
      if (world.isClosed()) {
        throw new IOException("the fake tor was closed");
      }
      world.sessions().add(link.session());
      return link;
    } finally {
      world.unlock();
    }
  }

  /**
   * Opens streams as a SOCKS port of this tor does.
   *
   * @return streams to servers that {@link #listen} declared, and to onion services
   */
  public TorStreams streams() {
    return streams;
  }

  /**
   * Declares a destination: what exits and onion services of this tor can reach. Where nobody
   * listens, an exit of tor 0.4.9 says no more than that it failed; a name that was never declared
   * does not resolve.
   *
   * @param host a name or an address
   * @param port 1 to 65,535
   * @return the server, which the caller plays and closes
   */
  public FakeServer listen(String host, int port) {
    return locked(() -> servers.listen(new Destination(host, port)));
  }

  /**
   * Declares a destination that is refused; one by exit policy is {@link SocksCode#NOT_ALLOWED}.
   *
   * @param host a name or an address
   * @param port 1 to 65,535
   * @param code what whoever asks for it is told
   */
  public void refuse(String host, int port, SocksCode code) {
    locked(() -> {
      servers.refuse(new Destination(host, port), code);
      return this;
    });
  }

  /**
   * Names the relays of the consensus, which are the same in every run.
   *
   * @return {@value #RELAYS} of them
   */
  public List<Fingerprint> relays() {
    return circuits.relays().stream().map(FakeRelay::fingerprint).toList();
  }

  /**
   * Lets the next circuit fail.
   *
   * @param reason as tor names it, such as TIMEOUT
   */
  public void failNextCircuit(String reason) {
    locked(() -> {
      circuits.failNext(reason);
      return this;
    });
  }

  /** Leaves circuits unbuilt, until {@link #releaseCircuits}. */
  public void holdCircuits() {
    locked(() -> {
      circuits.hold();
      return this;
    });
  }

  /** Builds all circuits that were held, and the next ones at once. */
  public void releaseCircuits() {
    locked(() -> {
      circuits.release();
      world.change();
      return this;
    });
  }

  /**
   * Lets descriptors of services that come from now on take a while to be uploaded; until then
   * nobody finds the service.
   *
   * @param delay on the fake's clock; zero, as at first, is at once
   */
  public void uploadAfter(Duration delay) {
    locked(() -> {
      onions.uploadAfter(delay);
      return this;
    });
  }

  /**
   * Sends an event to whoever subscribed to it, such as one of those that the fake has no cause to
   * send: BW, CIRC_BW, STREAM_BW, NETWORK_LIVENESS, STATUS_CLIENT.
   *
   * @param kind its first word
   * @param text what follows
   */
  public void send(String kind, String text) {
    locked(() -> {
      world.tell(kind, text);
      return this;
    });
  }

  /**
   * Does what is due on the clock; whoever waits for an event or for a stream does so too.
   *
   * @return nanoseconds until the next; {@link Long#MAX_VALUE} when nothing is to come
   */
  public long tick() {
    return locked(onions::tick);
  }

  /**
   * Fails unless everything was closed that was opened: control connections with their
   * subscriptions, circuits that were launched by command, streams, onion services, clients' keys;
   * and unless options are what they were.
   *
   * @throws AssertionError naming each
   */
  public void checkNothingOpen() {
    var open = locked(this::open);
    if (!open.isEmpty()) {
      throw new AssertionError("left open in the fake tor: " + String.join("; ", open));
    }
  }

  private List<String> open() {
    var open = new ArrayList<String>();
    world.sessions().forEach(session -> open.add(session.leak()));
    circuits.launched().forEach(circuit -> open.add("circuit " + circuit.line()));
    world.ends().forEach(end -> open.add(end.toString()));
    streams.waiting().forEach(stream -> open.add("stream that waits, " + stream.line()));
    onions.all().forEach(service -> open.add("onion service " + service.id()));
    onions.credentials().ids().forEach(id -> open.add("client's key for " + id));
    options.changed().forEach(line -> open.add("option " + line));
    return open;
  }

  private <T> T locked(Supplier<T> action) {
    world.lock();
    try {
      return action.get();
    } finally {
      world.unlock();
    }
  }

  /** Ends all connections and streams. It does not check; a second call does nothing. */
  @Override
  public void close() {
    locked(() -> {
      streams.endAll();
      world.close();
      return this;
    });
  }
}
