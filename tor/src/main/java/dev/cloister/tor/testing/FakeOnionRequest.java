package dev.cloister.tor.testing;

import dev.cloister.tor.OnionAddress;
import dev.cloister.tor.socks.Destination;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What an ADD_ONION asks for, checked as tor does.
 *
 * @param address of the key
 * @param shownKey what the answer says of the key, in base64
 */
record FakeOnionRequest(
    OnionAddress address,
    Optional<String> shownKey,
    boolean isDetached,
    Map<Integer, Destination> ports,
    List<String> clients) {
  private static final String KIND = "ED25519-V3";
  private static final int PORT_MAX = 65_535;
  private static final Set<String> FLAGS =
      Set.of("discardpk", "detach", "v3auth", "maxstreamsclosecircuit");
  private static final List<String> KEYWORDS =
      List.of(
          "Port",
          "Flags",
          "MaxStreams",
          "ClientAuthV3",
          "PoWDefensesEnabled",
          "PoWQueueRate",
          "PoWQueueBurst");

  @Override
  public String toString() {
    return "FakeOnionRequest[" + address + "]";
  }

  static FakeOnionRequest of(FakeCommand command) throws FakeRefusal {
    var named = command.word(0).raw();
    var flags = new HashSet<String>();
    var ports = new LinkedHashMap<Integer, Destination>();
    var clients = new ArrayList<String>();
    for (var word : command.options(1, KEYWORDS)) {
      var value = word.value().orElse("");
      switch (word.name().toLowerCase(Locale.ROOT)) {
        case "port" -> port(value, ports);
        case "flags" -> flags(value, flags);
        case "maxstreams" -> number(word.name(), value, PORT_MAX);
        case "clientauthv3" -> clients.add(client(value));
        case "powdefensesenabled" -> number(word.name(), value, 1);
        default -> number(word.name(), value, Integer.MAX_VALUE);
      }
    }
    check(ports, flags, clients);
    var isNew = named.startsWith("NEW:");
    var key = key(named);
    return new FakeOnionRequest(
        OnionAddress.of(Ed25519Scalars.publicKey(key)),
        isNew && !flags.contains("discardpk")
            ? Optional.of(Base64.getEncoder().encodeToString(key))
            : Optional.empty(),
        flags.contains("detach"),
        ports,
        clients);
  }

  private static void check(
      Map<Integer, Destination> ports, Set<String> flags, List<String> clients) throws FakeRefusal {
    if (ports.isEmpty()) {
      throw new FakeRefusal(512, "Missing 'Port' argument");
    }
    if (flags.contains("v3auth") && clients.isEmpty()) {
      throw new FakeRefusal(512, "No auth clients specified");
    }
    if (!flags.contains("v3auth") && !clients.isEmpty()) {
      throw new FakeRefusal(512, "No auth type specified");
    }
  }

  private static void flags(String value, Set<String> flags) throws FakeRefusal {
    for (var flag : value.split(",", -1)) {
      var lower = flag.toLowerCase(Locale.ROOT);
      if (flag.isEmpty()) {
        throw new FakeRefusal(512, "Invalid 'Flags' argument");
      }
      if (lower.equals("nonanonymous")) {
        throw new FakeRefusal(512, "Tor is in anonymous hidden service mode");
      }
      if (!FLAGS.contains(lower)) {
        throw new FakeRefusal(512, "Invalid 'Flags' argument: \"" + flag + '"');
      }
      flags.add(lower);
    }
  }

  private static void number(String keyword, String value, int most) throws FakeRefusal {
    try {
      var number = Long.parseLong(value);
      if (number >= 0 && number <= most) {
        return;
      }
    } catch (NumberFormatException _) {
      // Told below.
    }
    throw new FakeRefusal(512, "Invalid " + keyword);
  }

  private static String client(String base32) throws FakeRefusal {
    if (!base32.matches("[A-Za-z2-7]{52}")) {
      throw new FakeRefusal(512, "Cannot decode v3 client auth key");
    }
    return base32.toUpperCase(Locale.ROOT);
  }

  /** Reads VIRTPORT, or VIRTPORT,TARGET, which is a port or an address and a port. */
  private static void port(String text, Map<Integer, Destination> ports) throws FakeRefusal {
    var comma = text.indexOf(',');
    try {
      var virtual = Integer.parseInt(comma < 0 ? text : text.substring(0, comma));
      var target = comma < 0 ? Integer.toString(virtual) : text.substring(comma + 1);
      var colon = target.lastIndexOf(':');
      var host = colon < 0 ? "127.0.0.1" : target.substring(0, colon);
      var destination = new Destination(host, Integer.parseInt(target.substring(colon + 1)));
      if (virtual >= 1 && virtual <= PORT_MAX && destination.isAddress()) {
        ports.put(virtual, destination);
        return;
      }
    } catch (IllegalArgumentException _) {
      // Told below.
    }
    throw new FakeRefusal(512, "Invalid VIRTPORT/TARGET");
  }

  private static byte[] key(String named) throws FakeRefusal {
    var colon = named.indexOf(':');
    if (colon < 0) {
      throw new FakeRefusal(512, "Invalid key type/blob");
    }
    var kind = named.substring(0, colon);
    var blob = named.substring(colon + 1);
    if (kind.equals("NEW") && (blob.equals("BEST") || blob.equals(KIND))) {
      return Ed25519Scalars.newKey();
    }
    if (!kind.equals(KIND)) {
      throw new FakeRefusal(513, "Invalid key type");
    }
    try {
      var key = Base64.getDecoder().decode(blob);
      if (key.length == Ed25519Scalars.KEY_BYTES) {
        return key;
      }
    } catch (IllegalArgumentException _) {
      // Told below.
    }
    throw new FakeRefusal(512, "Failed to decode ED25519-V3 key");
  }
}
