package dev.cloister.tor.testing;

import dev.cloister.tor.socks.Destination;
import dev.cloister.tor.socks.Isolation;
import dev.cloister.tor.socks.SocksCode;
import dev.cloister.tor.socks.SocksFailure;
import dev.cloister.tor.socks.TorStream;
import dev.cloister.tor.socks.TorStreams;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.channels.ClosedByInterruptException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Streams in memory, and the commands about them. Guarded by the world's lock. */
final class FakeStreams implements TorStreams {
  /** How many streams there are at a time; further ones fail. */
  private static final int MOST = 1000;

  /** Reasons to close a stream, by number (tor-spec, section 6.3). */
  private static final List<String> REASONS =
      List.of(
          "UNKNOWN",
          "MISC",
          "RESOLVEFAILED",
          "CONNECTREFUSED",
          "EXITPOLICY",
          "DESTROY",
          "DONE",
          "TIMEOUT",
          "NOROUTE",
          "HIBERNATING",
          "INTERNAL",
          "RESOURCELIMIT",
          "CONNRESET",
          "TORPROTOCOL",
          "NOTDIRECTORY");

  private final FakeWorld world;
  private final FakeOptions options;
  private final FakeCircuits circuits;
  private final FakeOnions onions;
  private final FakeServers servers;
  private final Map<String, FakeRequest> open = new LinkedHashMap<>();
  private long last;

  FakeStreams(
      FakeWorld world,
      FakeOptions options,
      FakeCircuits circuits,
      FakeOnions onions,
      FakeServers servers) {
    this.world = world;
    this.options = options;
    this.circuits = circuits;
    this.onions = onions;
    this.servers = servers;
  }

  private List<FakeRequest> all() {
    return List.copyOf(open.values());
  }

  /** Lists those that are neither open nor refused. */
  List<FakeRequest> waiting() {
    return open.values().stream().filter(entry -> !entry.isDecided()).toList();
  }

  String status() {
    return String.join("\n", open.values().stream().map(FakeRequest::line).toList());
  }

  boolean isUsed(FakeCircuit circuit) {
    return open.values().stream().anyMatch(entry -> entry.isOn(circuit));
  }

  @Override
  public TorStream open(Destination to, Isolation isolation, Duration timeout) throws IOException {
    if (!timeout.isPositive()) {
      throw new IllegalArgumentException("timeout " + timeout + ": must be more than zero");
    }
    world.lock();
    try {
      if (world.isClosed()) {
        throw new IOException("the fake tor was closed");
      }
      var entry = begin(to, isolation, timeout);
      try {
        await(entry, timeout);
        return entry.opened();
      } catch (IOException e) {
        finish(entry, "DONE");
        throw e;
      }
    } finally {
      world.unlock();
    }
  }

  private FakeRequest begin(Destination to, Isolation isolation, Duration timeout)
      throws SocksFailure {
    if (open.size() >= MOST) {
      throw new SocksFailure(SocksCode.GENERAL_FAILURE, to.toString());
    }
    var entry = new FakeRequest(Long.toString(++last), to, isolation, timeout);
    open.put(entry.id(), entry);
    tell(entry, "NEW", entry.origin());
    if (options.isOn(FakeOptions.UNATTACHED)) {
      tell(entry, "CONTROLLER_WAIT", "");
    }
    return entry;
  }

  private void tell(FakeRequest entry, String status, String details) {
    world.tell("STREAM", entry.line(status) + details + entry.user());
  }

  private void await(FakeRequest entry, Duration timeout) throws IOException {
    var start = world.clock().nanoTime();
    advance(entry);
    while (!entry.isDecided()) {
      if (world.isClosed()) {
        throw new IOException("the fake tor was closed");
      }
      if (world.clock().nanoTime() - start >= timeout.toNanos()) {
        throw new SocketTimeoutException(entry.to() + " was not open within " + timeout);
      }
      try {
        world.await();
      } catch (InterruptedException _) {
        Thread.currentThread().interrupt();
        throw new ClosedByInterruptException();
      }
      advance(entry);
    }
  }

  /** Goes as far as it can: to a circuit, along it, to the destination. */
  private void advance(FakeRequest entry) {
    try {
      if (entry.isDecided()) {
        return;
      }
      if (!entry.isAttached()) {
        choose(entry);
      }
      if (entry.isAttached() && !entry.circuit().isOpen()) {
        fail(entry, SocksCode.GENERAL_FAILURE, "DESTROY");
      } else if (entry.isAttached() && entry.circuit().isBuilt()) {
        connect(entry);
      }
    } catch (SocksFailure e) {
      fail(entry, e.code(), "END");
    } catch (FakeRefusal _) {
      fail(entry, SocksCode.GENERAL_FAILURE, "CANT_ATTACH");
    }
  }

  private void choose(FakeRequest entry) throws SocksFailure, FakeRefusal {
    if (!options.isOn(FakeOptions.UNATTACHED)) {
      attachAny(entry);
    }
  }

  private void attachAny(FakeRequest entry) throws SocksFailure, FakeRefusal {
    if (entry.isOnion()) {
      onions.resolve(entry.to());
      entry.attach(circuits.toOnion(entry.to().host().replace(".onion", "")));
    } else {
      entry.attach(circuits.forStream(entry.isolation()));
    }
  }

  private void connect(FakeRequest entry) {
    entry.become("SENTCONNECT");
    tell(entry, "SENTCONNECT", "");
    var target = onions.target(entry.to());
    if (target.filter(servers::isRefusing).isEmpty()
        && target.flatMap(servers::find).filter(server -> reaches(entry, server)).isPresent()) {
      if (entry.to().isAddress()) {
        tell(entry, "REMAP", " SOURCE=EXIT");
      }
      tell(entry, "SUCCEEDED", "");
    } else if (target.isEmpty()) {
      fail(entry, SocksCode.CONNECTION_REFUSED, "END REMOTE_REASON=DONE");
    } else {
      refuse(entry, servers.refusal(target.get()));
    }
  }

  private boolean reaches(FakeRequest entry, FakeServer server) {
    var out = new FakePipe();
    var in = new FakePipe();
    var far =
        new FakeStream(
            world,
            out,
            in,
            entry.timeout(),
            "server's end of a stream to " + entry.to(),
            () -> finish(entry, "END REMOTE_REASON=DONE"));
    var near =
        new FakeStream(
            world,
            in,
            out,
            entry.timeout(),
            "stream to " + entry.to(),
            () -> finish(entry, "DONE"));
    if (server.offer(far)) {
      entry.succeed(near);
      world.ends().add(near);
      return true;
    }
    return false;
  }

  private void refuse(FakeRequest entry, SocksCode code) {
    var reason = "END REMOTE_REASON=" + remote(code);
    if (code == SocksCode.NOT_ALLOWED && options.isOn(FakeOptions.UNATTACHED)) {
      tell(entry, "DETACHED", " REASON=" + reason);
      tell(entry, "CONTROLLER_WAIT", "");
      entry.detach();
    } else {
      fail(entry, code, reason);
    }
  }

  private static String remote(SocksCode code) {
    return switch (code) {
      case NOT_ALLOWED -> "EXITPOLICY";
      case HOST_UNREACHABLE -> "RESOLVEFAILED";
      case NETWORK_UNREACHABLE -> "NOROUTE";
      case TTL_EXPIRED -> "TIMEOUT";
      default -> "MISC";
    };
  }

  private void fail(FakeRequest entry, SocksCode code, String reason) {
    entry.fail(code);
    finish(entry, reason);
  }

  /** Ends a stream, once. */
  private void finish(FakeRequest entry, String reason) {
    if (open.remove(entry.id(), entry)) {
      if (!entry.hasSucceeded()) {
        tell(entry, "FAILED", " REASON=" + reason);
      }
      tell(entry, "CLOSED", " REASON=" + reason);
    }
  }

  /** Ends the streams of a circuit. */
  void endOn(FakeCircuit circuit) {
    all().stream().filter(entry -> entry.isOn(circuit)).forEach(entry -> end(entry, "DESTROY"));
  }

  private void end(FakeRequest entry, String reason) {
    if (!entry.isDecided()) {
      entry.fail(SocksCode.GENERAL_FAILURE);
    }
    finish(entry, reason);
    entry.endStream();
  }

  void endAll() {
    all().forEach(entry -> end(entry, "DESTROY"));
  }

  String attach(FakeCommand command) throws FakeRefusal {
    command.atLeast(2);
    var entry = require(command.word(0).raw());
    var id = command.word(1).raw();
    var circuit =
        id.equals("0") ? Optional.<FakeCircuit>empty() : Optional.of(circuits.require(id));
    if (entry.isAttached()) {
      throw new FakeRefusal(555, "Connection is not managed by controller.");
    }
    if (circuit.isPresent()) {
      attachTo(entry, circuit.get(), command);
    } else {
      attachToAny(entry);
    }
    advance(entry);
    return FakeReply.OK;
  }

  private void attachTo(FakeRequest entry, FakeCircuit circuit, FakeCommand command)
      throws FakeRefusal {
    if (!circuit.isBuilt()) {
      throw new FakeRefusal(551, "Can't attach stream to non-open origin circuit");
    }
    for (var word : command.options(2, List.of("HOP"))) {
      var hop = word.value().orElse("");
      if (!hop.matches("\\d") || Integer.parseInt(hop) > circuit.path().size()) {
        throw new FakeRefusal(551, "Circuit doesn't have " + hop + " hops.");
      }
    }
    if (circuit.path().size() < 2) {
      throw new FakeRefusal(551, "Can't attach stream to this one-hop circuit.");
    }
    if (entry.isOnion()) {
      world.unmodelled(
          "ATTACHSTREAM of a stream to an onion service to a circuit",
          new FakeRefusal(551, "Unable to attach stream"));
    }
    entry.attach(circuit);
  }

  /** What cannot be attached fails: the command is answered all the same. */
  private void attachToAny(FakeRequest entry) throws FakeRefusal {
    try {
      attachAny(entry);
    } catch (SocksFailure e) {
      fail(entry, e.code(), "END");
    }
  }

  String close(FakeCommand command) throws FakeRefusal {
    command.atLeast(2);
    var entry = require(command.word(0).raw());
    var text = command.word(1).raw();
    if (!text.matches("\\d{1,3}")) {
      throw new FakeRefusal(552, "Unrecognized reason \"" + text + '"');
    }
    var number = Integer.parseInt(text);
    end(entry, number < REASONS.size() ? REASONS.get(number) : REASONS.getFirst());
    return FakeReply.OK;
  }

  private FakeRequest require(String id) throws FakeRefusal {
    var entry = open.get(id);
    if (entry == null) {
      throw new FakeRefusal(552, "Unknown stream \"" + id + '"');
    }
    return entry;
  }
}
