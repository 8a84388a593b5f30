package dev.cloister.tor.testing;

import dev.cloister.tor.socks.Isolation;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/** All circuits, and the commands about them. Guarded by the world's lock. */
final class FakeCircuits {
  private static final int HOPS = 3;

  /** How many circuits there are at a time; further ones fail. */
  private static final int MOST = 1000;

  private final FakeWorld world;
  private final List<FakeRelay> relays;
  private final Map<String, FakeCircuit> open = new LinkedHashMap<>();
  private long last;
  private long epoch;
  private boolean isHeld;
  private Optional<String> nextFailure = Optional.empty();

  FakeCircuits(FakeWorld world, List<FakeRelay> relays) {
    this.world = world;
    this.relays = relays;
  }

  List<FakeRelay> relays() {
    return relays;
  }

  /** Has the next one fail. */
  void failNext(String reason) {
    nextFailure = Optional.of(reason);
  }

  void hold() {
    isHeld = true;
  }

  void release() {
    isHeld = false;
    List.copyOf(open.values()).stream().filter(c -> !c.isBuilt()).forEach(this::build);
  }

  List<FakeCircuit> all() {
    return List.copyOf(open.values());
  }

  Optional<FakeCircuit> find(String id) {
    return Optional.ofNullable(open.get(id));
  }

  /** Those that a controller launched and nobody closed. */
  List<FakeCircuit> launched() {
    return open.values().stream().filter(FakeCircuit::isLaunchedByCommand).toList();
  }

  String status() {
    return String.join("\n", open.values().stream().map(FakeCircuit::line).toList());
  }

  /** Returns a circuit that a stream may use, an old one or a new one. */
  FakeCircuit forStream(Isolation isolation) throws FakeRefusal {
    var kind = new FakeCircuit.Kind.Of(isolation, epoch);
    for (var circuit : open.values()) {
      if (circuit.kind().equals(kind)) {
        return circuit;
      }
    }
    return launch(kind, relays.subList(0, HOPS));
  }

  /** Returns a circuit to an onion service. */
  FakeCircuit toOnion(String address) throws FakeRefusal {
    return launch(new FakeCircuit.Kind.Onion(address), relays.subList(0, HOPS));
  }

  /** Leaves old circuits to those streams that have them. */
  void renew(Predicate<FakeCircuit> isUsed) {
    epoch++;
    for (var circuit : all()) {
      if (circuit.kind() instanceof FakeCircuit.Kind.Of && !isUsed.test(circuit)) {
        close(circuit, "FINISHED");
      }
    }
  }

  private FakeCircuit launch(FakeCircuit.Kind kind, List<FakeRelay> path) throws FakeRefusal {
    if (open.size() >= MOST) {
      throw new FakeRefusal(551, "Couldn't start circuit");
    }
    var circuit = new FakeCircuit(Long.toString(++last), kind, path, world.clock().now());
    open.put(circuit.id(), circuit);
    world.tell("CIRC", circuit.line());
    build(circuit);
    return circuit;
  }

  private void build(FakeCircuit circuit) {
    if (nextFailure.isPresent()) {
      var reason = nextFailure.get();
      nextFailure = Optional.empty();
      circuit.become(FakeCircuit.Status.FAILED);
      open.remove(circuit.id());
      world.tell("CIRC", circuit.line() + " REASON=" + reason);
    } else if (!isHeld) {
      while (circuit.grow()) {
        world.tell("CIRC", circuit.line());
      }
      circuit.become(FakeCircuit.Status.BUILT);
      world.tell("CIRC", circuit.line());
    }
  }

  void close(FakeCircuit circuit, String reason) {
    open.remove(circuit.id());
    circuit.become(FakeCircuit.Status.CLOSED);
    world.tell("CIRC", circuit.line() + " REASON=" + reason);
  }

  String extend(FakeCommand command) throws FakeRefusal {
    var id = command.word(0).raw();
    var isNew = id.equals("0");
    var known = isNew ? Optional.<FakeCircuit>empty() : Optional.of(require(id));
    var kind = kind(command);
    var hasPath = command.words().size() > 1 && command.words().get(1).value().isEmpty();
    var path = hasPath ? path(command.word(1).raw()) : List.<FakeRelay>of();
    if (path.isEmpty() && !isNew) {
      throw new FakeRefusal(512, "syntax error: not enough arguments");
    }
    var circuit =
        isNew ? launch(kind, path.isEmpty() ? relays.subList(0, HOPS) : path) : known.orElseThrow();
    if (!isNew) {
      circuit.wish(path);
      build(circuit);
    }
    return "250 EXTENDED " + circuit.id() + "\r\n";
  }

  private static FakeCircuit.Kind kind(FakeCommand command) throws FakeRefusal {
    for (var word : command.words()) {
      var purpose = word.value().orElse("general");
      if (word.name().equalsIgnoreCase("purpose") && !purpose.equalsIgnoreCase("general")) {
        if (purpose.equalsIgnoreCase("controller")) {
          return new FakeCircuit.Kind.Controller();
        }
        throw new FakeRefusal(552, "Unknown purpose \"" + purpose + '"');
      }
    }
    return new FakeCircuit.Kind.Any();
  }

  private List<FakeRelay> path(String text) throws FakeRefusal {
    var path = new ArrayList<FakeRelay>();
    for (var hop : text.split(",", -1)) {
      path.add(relay(hop).orElseThrow(() -> new FakeRefusal(552, "No such router \"" + hop + '"')));
    }
    return path;
  }

  Optional<FakeRelay> relay(String text) {
    return relays.stream().filter(relay -> relay.isNamed(text)).findFirst();
  }

  FakeCircuit require(String id) throws FakeRefusal {
    return find(id).orElseThrow(() -> new FakeRefusal(552, "Unknown circuit \"" + id + '"'));
  }
}
