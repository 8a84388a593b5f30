package dev.cloister.tor.mediation;

import com.google.common.io.BaseEncoding;
import com.google.common.net.HostAndPort;
import com.google.common.net.InetAddresses;
import dev.cloister.core.key.SecretAccess;
import dev.cloister.tor.OnionAddress;
import dev.cloister.tor.OnionKey;
import dev.cloister.tor.control.NewOnion;
import dev.cloister.tor.control.OnionCommands;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Reads what a function says of onion services. */
final class OnionVerbs {
  private static final int PORTS_MOST = 8;
  private static final int CLIENTS_MOST = 16;
  private static final int PORT_MAX = 65_535;

  private OnionVerbs() {}

  static OnionAddress address(String word) {
    var lower = word.toLowerCase(Locale.ROOT);
    try {
      return OnionAddress.parse(lower.endsWith(".onion") ? lower : lower + ".onion");
    } catch (IllegalArgumentException _) {
      throw Rule.ONION.denied("an address that is none of version 3");
    }
  }

  /** Reads a key, after its kind and a colon. */
  static OnionKey key(OnionKey.Kind kind, String word) {
    var prefix = kind.torName() + ":";
    if (word.regionMatches(true, 0, prefix, 0, prefix.length())) {
      try {
        return OnionKey.parse(kind, word.substring(prefix.length()));
      } catch (IllegalArgumentException _) {
        // Told below.
      }
    }
    throw Rule.KEY.denied("a key that is none of kind " + kind.torName());
  }

  /** What an ADD_ONION asks for; the key is to be closed when it was sent. */
  record Asked(NewOnion service, Optional<OnionKey> key) {}

  static Asked service(CommandLine line, TorGrant grant) {
    var key = serviceKey(line.word(0));
    try {
      return new Asked(service(line.options(1), key, grant), key);
    } catch (RuntimeException e) {
      key.ifPresent(OnionKey::close);
      throw e;
    }
  }

  private static Optional<OnionKey> serviceKey(String word) {
    return switch (word.toUpperCase(Locale.ROOT)) {
      case "NEW:BEST", "NEW:ED25519-V3" -> Optional.empty();
      default -> Optional.of(key(OnionKey.Kind.SERVICE, word));
    };
  }

  private static NewOnion service(
      List<CommandLine.Option> options, Optional<OnionKey> key, TorGrant grant) {
    var ports = options.stream().filter(o -> o.keyword().equals("PORT")).toList();
    if (ports.isEmpty() || ports.size() > PORTS_MOST) {
      throw Rule.WORDS.denied("%d ports: allowed are 1 to %d".formatted(ports.size(), PORTS_MOST));
    }
    var service = port(Optional.empty(), ports.getFirst(), grant);
    ports.stream().skip(1).forEach(port -> port(Optional.of(service), port, grant));
    key.ifPresent(service::key);
    options.stream()
        .filter(o -> !o.keyword().equals("PORT"))
        .forEach(option -> apply(service, option, options));
    return service;
  }

  private static void apply(
      NewOnion service, CommandLine.Option option, List<CommandLine.Option> all) {
    switch (option.keyword()) {
      case "FLAGS" -> option.items().forEach(flag -> flag(service, flag));
      case "MAXSTREAMS" -> service.streams(bounded(option, 0), closesCircuit(all));
      case "CLIENTAUTHV3" -> {
        if (all.stream().filter(o -> o.keyword().equals("CLIENTAUTHV3")).count() > CLIENTS_MOST) {
          throw Rule.BOUND.denied("more than %d clients".formatted(CLIENTS_MOST));
        }
        service.client(clientKey(option.value()));
      }
      default -> throw Rule.WORDS.denied("ADD_ONION with a keyword that it does not take here");
    }
  }

  private static boolean closesCircuit(List<CommandLine.Option> all) {
    return all.stream()
        .filter(o -> o.keyword().equals("FLAGS"))
        .anyMatch(o -> o.items().stream().anyMatch("MaxStreamsCloseCircuit"::equalsIgnoreCase));
  }

  private static void flag(NewOnion service, String flag) {
    switch (flag.toLowerCase(Locale.ROOT)) {
      case "discardpk" -> service.discardKey();
      case "v3auth", "maxstreamsclosecircuit" -> {
        // The keys of clients, and the number of streams, say so too.
      }
      default ->
          throw Rule.FLAG.denied("a flag other than DiscardPK, V3Auth, MaxStreamsCloseCircuit");
    }
  }

  private static int bounded(CommandLine.Option option, int least) {
    var number = option.number();
    if (number < least || number > PORT_MAX) {
      throw Rule.WORDS.denied(
          "%s=%d: allowed are %d to %d".formatted(option.keyword(), number, least, PORT_MAX));
    }
    return number;
  }

  private static byte[] clientKey(String base32) {
    if (!base32.matches("[A-Za-z2-7]{52}")) {
      throw Rule.KEY.denied("a client's key that is not 52 characters of base32");
    }
    return BaseEncoding.base32().omitPadding().decode(base32.toUpperCase(Locale.ROOT));
  }

  private static NewOnion port(
      Optional<NewOnion> service, CommandLine.Option option, TorGrant grant) {
    var comma = option.value().indexOf(',');
    var virtual = comma < 0 ? option.value() : option.value().substring(0, comma);
    var port = bounded(new CommandLine.Option("PORT", virtual), 1);
    var target =
        comma < 0
            ? new InetSocketAddress(InetAddress.getLoopbackAddress(), port)
            : target(option.value().substring(comma + 1));
    if (!grant.onionTargets().decide(target.getAddress(), target.getPort()).accepted()) {
      throw Rule.TARGET.denied("a target that the operator lets no service lead to");
    }
    return service.isEmpty() ? NewOnion.serving(port, target) : service.get().port(port, target);
  }

  /** Reads a target as a port of this host, or an address and a port; never a name or a path. */
  private static InetSocketAddress target(String text) {
    try {
      if (text.matches("[0-9]{1,5}")) {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(text));
      }
      var parts = HostAndPort.fromString(text);
      return new InetSocketAddress(InetAddresses.forString(parts.getHost()), parts.getPort());
    } catch (IllegalArgumentException | IllegalStateException _) {
      throw Rule.TARGET.denied("a target that is no address and port");
    }
  }

  static String answer(OnionCommands.Added added) {
    var lines = new ArrayList<String>();
    lines.add("250-ServiceID=" + added.address().id());
    added
        .key()
        .ifPresent(key -> {
          lines.add(
              "250-PrivateKey=ED25519-V3:"
                  + key.use(SecretAccess.granted(), Base64.getEncoder()::encodeToString));
          key.close();
        });
    lines.add("250 OK");
    return String.join("\n", lines);
  }
}
