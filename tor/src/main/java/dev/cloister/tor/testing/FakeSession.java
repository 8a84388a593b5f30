package dev.cloister.tor.testing;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** One control connection's commands, each done at once. Guarded by the world's lock. */
final class FakeSession {
  private static final Set<String> EVENTS =
      Set.of(
          ("CIRC CIRC_MINOR STREAM ORCONN BW DEBUG INFO NOTICE WARN ERR NEWDESC ADDRMAP DESCCHANGED"
                  + " NS STATUS_GENERAL STATUS_CLIENT STATUS_SERVER GUARD STREAM_BW CLIENTS_SEEN"
                  + " NEWCONSENSUS BUILDTIMEOUT_SET SIGNAL CONF_CHANGED CONN_BW CELL_STATS CIRC_BW"
                  + " TRANSPORT_LAUNCHED HS_DESC HS_DESC_CONTENT NETWORK_LIVENESS")
              .split(" "));

  private static final Set<String> SIGNALS =
      Set.of(
          "RELOAD",
          "HUP",
          "SHUTDOWN",
          "DUMP",
          "USR1",
          "DEBUG",
          "USR2",
          "HALT",
          "TERM",
          "INT",
          "NEWNYM",
          "CLEARDNSCACHE",
          "HEARTBEAT",
          "ACTIVE",
          "DORMANT");

  private static final Set<String> ENDING = Set.of("SHUTDOWN", "HALT", "TERM", "INT");

  /** What tor knows, and the fake does not. */
  private static final Set<String> UNMODELLED =
      Set.of(
          "SAVECONF",
          "LOADCONF",
          "MAPADDRESS",
          "POSTDESCRIPTOR",
          "REDIRECTSTREAM",
          "RESOLVE",
          "SETCIRCUITPURPOSE",
          "SETROUTERPURPOSE",
          "HSPOST",
          "DROPGUARDS",
          "DROPTIMEOUTS",
          "DROPOWNERSHIP");

  private final FakeWorld world;
  private final FakeTorParts parts;
  private final FakeAuthentication authentication;
  private final FakeLink link;
  private final FakeInfo info;
  private final StringBuilder held = new StringBuilder();
  private Set<String> subscriptions = Set.of();
  private Optional<String> withData = Optional.empty();
  private boolean isAuthenticated;
  private boolean isAnswering;
  private boolean owns;

  FakeSession(
      FakeWorld world, FakeTorParts parts, FakeAuthentication authentication, FakeLink link) {
    this.world = world;
    this.parts = parts;
    this.authentication = authentication;
    this.link = link;
    this.info = new FakeInfo(world, parts, this);
  }

  Set<String> subscriptions() {
    return subscriptions;
  }

  void tick() {
    parts.onions().tick();
  }

  /** Takes an event; one that comes of the command which is being answered stands after that. */
  void hear(String kind, String event) {
    if (!subscriptions.contains(kind)) {
      return;
    }
    if (isAnswering) {
      held.append(event);
    } else {
      link.put(event);
    }
  }

  /** Ends the connection, and what ends with it. */
  void end() {
    if (world.sessions().remove(this)) {
      parts.onions().endOf(this);
      subscriptions = Set.of();
      link.end();
      if (owns) {
        parts.streams().endAll();
        world.close();
      }
    }
  }

  /** Takes a line. */
  void take(String line) {
    if (withData.isPresent()) {
      if (line.equals(".")) {
        var command = withData.get();
        withData = Optional.empty();
        answer(command);
      }
    } else if (line.startsWith("+")) {
      withData = Optional.of(line.substring(1));
    } else {
      answer(line);
    }
  }

  private void answer(String line) {
    isAnswering = true;
    tick();
    var reply = "";
    try {
      var command = FakeCommand.parse(line);
      reply = isAuthenticated ? reply(command) : greeting(command);
    } catch (FakeRefusal e) {
      reply = e.reply();
    } catch (NotModelled e) {
      // Whoever catches it finds a connection that says no more, rather than one without an answer.
      end();
      throw e;
    } finally {
      isAnswering = false;
      link.put(reply + held);
      held.setLength(0);
    }
  }

  /** Answers whoever has not said who he is: one mistake ends the connection. */
  private String greeting(FakeCommand command) {
    try {
      return switch (command.upperVerb()) {
        case "PROTOCOLINFO" -> authentication.protocolInfo();
        case "AUTHCHALLENGE" -> authentication.challenge(command);
        case "AUTHENTICATE" -> {
          var reply = authentication.authenticate(command);
          isAuthenticated = true;
          yield reply;
        }
        default -> throw new FakeRefusal(514, "Authentication required.");
      };
    } catch (FakeRefusal e) {
      end();
      return e.reply();
    }
  }

  private String reply(FakeCommand command) throws FakeRefusal {
    return switch (command.upperVerb()) {
      case "PROTOCOLINFO" -> authentication.protocolInfo();
      case "AUTHENTICATE" -> authentication.authenticate(command);
      case "GETINFO" -> info.answer(command);
      case "GETCONF" -> parts.options().get(command);
      case "SETCONF", "RESETCONF" -> parts.options().set(command);
      case "SETEVENTS" -> setEvents(command);
      case "EXTENDCIRCUIT" -> parts.circuits().extend(command);
      case "CLOSECIRCUIT" -> closeCircuit(command);
      case "ATTACHSTREAM" -> parts.streams().attach(command);
      case "CLOSESTREAM" -> parts.streams().close(command);
      case "ADD_ONION" -> parts.onions().add(this, command);
      case "DEL_ONION" -> parts.onions().delete(this, command);
      case "HSFETCH" -> parts.onions().fetch(command);
      case "ONION_CLIENT_AUTH_ADD" -> parts.onions().credentials().add(command);
      case "ONION_CLIENT_AUTH_REMOVE" -> parts.onions().credentials().remove(command);
      case "ONION_CLIENT_AUTH_VIEW" -> parts.onions().credentials().view(command);
      case "SIGNAL" -> signal(command);
      case "USEFEATURE" -> FakeReply.OK;
      case "TAKEOWNERSHIP" -> {
        owns = true;
        yield FakeReply.OK;
      }
      case "QUIT" -> {
        end();
        yield "250 closing connection\r\n";
      }
      default -> unknown(command);
    };
  }

  private String unknown(FakeCommand command) throws FakeRefusal {
    var refusal = new FakeRefusal(510, "Unrecognized command \"" + command.verb() + '"');
    if (UNMODELLED.contains(command.upperVerb())) {
      world.unmodelled(command.upperVerb(), refusal);
    }
    throw refusal;
  }

  private String setEvents(FakeCommand command) throws FakeRefusal {
    var wanted = new HashSet<String>();
    for (var word : command.words()) {
      var kind = word.raw().toUpperCase(Locale.ROOT);
      if (EVENTS.contains(kind)) {
        wanted.add(kind);
      } else if (!kind.equals("EXTENDED")) {
        throw new FakeRefusal(552, "Unrecognized event \"" + word.raw() + '"');
      }
    }
    subscriptions = Set.copyOf(wanted);
    return FakeReply.OK;
  }

  private String closeCircuit(FakeCommand command) throws FakeRefusal {
    var circuit = parts.circuits().require(command.word(0).raw());
    var ifUnused =
        command.words().stream().skip(1).anyMatch(w -> w.raw().equalsIgnoreCase("IfUnused"));
    if (!ifUnused || !parts.streams().isUsed(circuit)) {
      parts.circuits().close(circuit, "REQUESTED");
      parts.streams().endOn(circuit);
    }
    return FakeReply.OK;
  }

  private String signal(FakeCommand command) throws FakeRefusal {
    var name = command.word(0).raw();
    if (command.words().size() > 1) {
      throw new FakeRefusal(512, "Bad arguments to SIGNAL: Cannot accept more than 1 argument(s)");
    }
    var signal = name.toUpperCase(Locale.ROOT);
    if (!SIGNALS.contains(signal)) {
      throw new FakeRefusal(552, "Unrecognized signal code \"" + name + '"');
    }
    world.tell("SIGNAL", signal);
    if (signal.equals("NEWNYM")) {
      parts.circuits().renew(parts.streams()::isUsed);
    } else if (ENDING.contains(signal)) {
      parts.streams().endAll();
      world.close();
    }
    return FakeReply.OK;
  }

  /** Describes what is left open of it. */
  String leak() {
    return "a control connection"
        + (subscriptions.isEmpty()
            ? ""
            : " with subscriptions to "
                + Arrays.toString(subscriptions.stream().sorted().toArray()));
  }
}
