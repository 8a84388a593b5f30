package dev.cloister.tor.mediation;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cloister.core.Denied;
import dev.cloister.tor.OnionAddress;
import dev.cloister.tor.OnionKey;
import dev.cloister.tor.control.CircuitId;
import dev.cloister.tor.control.NewOnion;
import dev.cloister.tor.testing.PrivateTor;
import dev.cloister.tor.testing.PrivateTorNetwork;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Lines that a function says to get at what is not its own: each is refused by the rule that the
 * table names, or answered with the function's own alone, over a real tor with a victim on it.
 */
@Timeout(180)
final class HostileLinesTest {
  private static final String TABLE = "hostile-lines.txt";
  private static final String HARMLESS = "harmless";
  private static final Pattern CLASS = Pattern.compile("\\[(.+): (.+)\\]");
  private static final Pattern REPEATED = Pattern.compile("\\{(.+?)x(\\d+)\\}");
  private static final Pattern UNICODE = Pattern.compile("\\\\u([0-9a-f]{4})");

  @RegisterExtension static final PrivateTor TOR = PrivateTor.of(PrivateTorNetwork.shape());

  /** A line, and what is to become of it. */
  private record Hostile(String kind, String rule, String line) {}

  private static List<Hostile> table() throws IOException {
    var hostile = new ArrayList<Hostile>();
    try (var in = HostileLinesTest.class.getResourceAsStream(TABLE)) {
      var kind = "";
      var rule = "";
      for (var line : new String(in.readAllBytes(), UTF_8).lines().toList()) {
        var head = CLASS.matcher(line);
        if (head.matches()) {
          kind = head.group(1);
          rule = head.group(2);
        } else if (!line.startsWith("#")) {
          hostile.add(new Hostile(kind, rule, line));
        }
      }
    }
    return hostile;
  }

  /** What stands for what in the table. */
  private static final class World implements AutoCloseable {
    private final FunctionsOnTor tor;
    private final Map<String, String> names = new TreeMap<>();
    private final Talk victim;
    private final Talk attacker;

    /** The circuits and services that must be there afterwards, and an operator's. */
    private final List<CircuitId> circuits = new ArrayList<>();

    World(PrivateTorNetwork network) throws IOException {
      tor = new FunctionsOnTor(network);
      victim = tor.function();
      attacker = tor.function();
      nameRelays();
      nameVictims();
      nameOperators();
      nameAttackers();
    }

    private void nameRelays() {
      var relays = tor.relays();
      for (var i = 0; i < 4; i++) {
        names.put("fp" + i, relays.get(i).toString());
      }
      names.put("relay-circuit", "2");
      names.put("control", "127.0.0.1:" + tor.client().controlAddress().getPort());
      names.put("cookie", tor.client().cookie().toString());
      names.put("port", "127.0.0.1:" + tor.port());
      names.put("victim-target", "127.0.0.1:" + tor.client().socksAddress().getPort());
    }

    private void nameVictims() throws IOException {
      // Names that the attacker has not, since it has fewer.
      tor.circuit(victim);
      var circuit = tor.circuit(victim);
      names.put("victim-circuit", circuit);
      tor.stream(victim);
      names.put("victim-stream", tor.stream(victim));
      var onion = tor.onion(victim);
      names.put("victim-id", onion);
      names.put("victim-ID", onion.toUpperCase(Locale.ROOT));
      names.put("victim-onion", onion + ".onion");
      names.put("mistyped", (onion.startsWith("a") ? "b" : "a") + onion.substring(1));
      var credential = someAddress();
      assertThat(victim.ask("ONION_CLIENT_AUTH_ADD " + credential + " x25519:" + someKey(1)))
          .endsWith("250 OK");
      names.put("victim-credential", credential);
    }

    private void nameOperators() throws IOException {
      var credential = someAddress();
      try (var key = OnionKey.parse(OnionKey.Kind.CLIENT, someKey(2))) {
        tor.control().onions().authorize(OnionAddress.ofId(credential), key, "operator");
      }
      names.put("operator-credential", credential);
      var target = new InetSocketAddress(InetAddress.getLoopbackAddress(), tor.port());
      var added = tor.control().onions().add(NewOnion.serving(80, target).discardKey());
      names.put("operator-id", added.address().id());
    }

    private void nameAttackers() throws IOException {
      names.put("own-circuit", tor.circuit(attacker));
      names.put("own-stream", tor.stream(attacker));
      names.put("own-onion", tor.onion(attacker));
      names.put("client-key", someKey(3));
      tor.control().circuits().list().forEach(circuit -> circuits.add(circuit.circuit()));
    }

    /** Makes an address that nobody serves. */
    private static String someAddress() {
      try {
        var encoded =
            KeyPairGenerator.getInstance("Ed25519").generateKeyPair().getPublic().getEncoded();
        var key = Arrays.copyOfRange(encoded, encoded.length - 32, encoded.length);
        return OnionAddress.of(key).id();
      } catch (NoSuchAlgorithmException e) {
        throw new AssertionError(e);
      }
    }

    private static String someKey(int seed) {
      var key = new byte[32];
      new Random(seed + 100).nextBytes(key);
      return Base64.getEncoder().encodeToString(key);
    }

    String line(Hostile hostile) {
      var line = hostile.line();
      for (var name : names.entrySet()) {
        line = line.replace("{" + name.getKey() + "}", name.getValue());
      }
      line =
          REPEATED
              .matcher(line)
              .replaceAll(
                  m -> Matcher.quoteReplacement(m.group(1).repeat(Integer.parseInt(m.group(2)))));
      line =
          UNICODE
              .matcher(line)
              .replaceAll(m ->
                  Matcher.quoteReplacement(Character.toString(Integer.parseInt(m.group(1), 16))));
      return line.replace("\\r", "\r").replace("\\n", "\n").replace("\\t", "\t");
    }

    /** Returns all that no function may change: configuration, others' things, the process. */
    Map<String, Object> untouched() throws IOException {
      var control = tor.control();
      var state = new LinkedHashMap<String, Object>();
      state.put("configuration", control.getInfo("config-text"));
      state.put("process", control.getInfo("process/pid"));
      state.put("services", List.of(control.getInfo("onions/current").split("\n", -1)));
      state.put("credentials", control.onions().credentials());
      state.put("victim", victim.ask("GETINFO onions/current"));
      state.put("victim's streams", ownStreams());
      return state;
    }

    private String ownStreams() throws IOException {
      return victim
          .ask("GETINFO stream-status")
          .lines()
          .filter(line -> !line.startsWith("650"))
          .sorted()
          .toList()
          .toString();
    }

    boolean victimsCircuitLives() throws IOException {
      return victim.ask("GETINFO circuit-status").contains(names.get("victim-circuit") + " BUILT");
    }

    @Override
    public void close() throws IOException {
      tor.control()
          .onions()
          .forget(OnionAddress.ofId(Objects.requireNonNull(names.get("operator-credential"))));
      tor.close();
    }
  }

  @Test
  void eachIsRefusedByItsRuleOrAnsweredWithTheFunctionsOwn(PrivateTorNetwork network)
      throws IOException {
    var table = table();
    assertThat(table).hasSizeGreaterThan(200);
    assertThat(table.stream().map(Hostile::kind).distinct()).hasSizeGreaterThan(20);
    try (var world = new World(network)) {
      var before = world.untouched();
      for (var hostile : table) {
        var line = world.line(hostile);
        assertThat(line).as(hostile.line()).doesNotContain("{");
        judge(world, hostile, line);
        assertThat(world.untouched()).as(hostile.toString()).isEqualTo(before);
      }
      assertThat(world.victimsCircuitLives()).isTrue();
    }
  }

  private static void judge(World world, Hostile hostile, String line) throws IOException {
    if (hostile.rule().equals(HARMLESS)) {
      assertThat(world.attacker.ask(line))
          .as(hostile.toString())
          .matches("(?s).*(^|\n)[25]\\d\\d .+")
          .doesNotContain("SOCKS_USERNAME", world.victim.gate().streamsUser());
    } else {
      assertThatThrownBy(() -> world.attacker.ask(line))
          .as(hostile.toString())
          .isInstanceOfSatisfying(
              Denied.class, e -> assertThat(e.rule()).isEqualTo(hostile.rule()));
    }
  }

  @Test
  void anAttackerHearsNothingOfAVictim(PrivateTorNetwork network) throws IOException {
    try (var tor = new FunctionsOnTor(network)) {
      var attacker = tor.function();
      attacker.ask("SETEVENTS CIRC STREAM CIRC_BW STREAM_BW HS_DESC HS_DESC_CONTENT");
      var victim = tor.function();
      tor.circuit(victim);
      tor.stream(victim);
      tor.onion(victim);
      victim.ask("SETEVENTS HS_DESC CIRC_BW STREAM_BW");
      victim.await(line -> line.startsWith("650 HS_DESC UPLOADED "));
      assertThat(attacker.events()).isEmpty();
      assertThat(
              Stream.of("circuit-status", "stream-status", "onions/current")
                  .map(key -> "GETINFO " + key))
          .allSatisfy(line -> assertThat(attacker.ask(line)).matches("250-.*=\n250 OK"));
    }
  }
}
