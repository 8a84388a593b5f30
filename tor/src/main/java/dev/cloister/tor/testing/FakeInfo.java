package dev.cloister.tor.testing;

import java.util.ArrayList;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Answers to GETINFO. Guarded by the world's lock. */
final class FakeInfo {
  /** Beginnings of keys that tor knows, and the fake does not. */
  private static final Set<String> UNMODELLED =
      Set.of(
          ("accounting address address-mappings bw-event-cache config-can-saveconf"
                  + " config-defaults-file config-file config consensus current-time"
                  + " desc-annotations desc dir downloads entry-guards exit-policy extra-info"
                  + " features fingerprint hs info ip-to-country limits md net network-status"
                  + " orconn-status process sr stats status traffic uptime")
              .split(" "));

  private final FakeWorld world;
  private final FakeTorParts parts;
  private final FakeSession session;

  FakeInfo(FakeWorld world, FakeTorParts parts, FakeSession session) {
    this.world = world;
    this.parts = parts;
    this.session = session;
  }

  String answer(FakeCommand command) throws FakeRefusal {
    var reply = new StringBuilder();
    var unknown = new ArrayList<String>();
    for (var word : command.words()) {
      var key = word.raw();
      value(key)
          .ifPresentOrElse(
              value -> reply.append(line(key, value)),
              () -> unknown.add("Unrecognized key \"" + key + '"'));
      if (UNMODELLED.contains(key.split("/", 2)[0]) && value(key).isEmpty()) {
        world.unmodelled("GETINFO " + key, new FakeRefusal(552, unknown.getLast()));
      }
    }
    if (!unknown.isEmpty()) {
      throw new FakeRefusal(552, String.join("\n", unknown));
    }
    return reply + FakeReply.OK;
  }

  private static String line(String key, String value) {
    return value.indexOf('\n') < 0
        ? "250-%s=%s\r\n".formatted(key, value)
        : "250+%s=\r\n%s\r\n.\r\n".formatted(key, value.replace("\n", "\r\n"));
  }

  private Optional<String> value(String key) {
    if (key.startsWith("ns/id/") || key.startsWith("ns/name/")) {
      return parts
          .circuits()
          .relay(key.substring(key.indexOf('/', 3) + 1))
          .map(relay -> relay.entry(world.clock().now()));
    }
    return switch (key) {
      case "version" -> Optional.of(FakeAuthentication.VERSION);
      case "circuit-status" -> Optional.of(parts.circuits().status());
      case "stream-status" -> Optional.of(parts.streams().status());
      case "onions/current" -> Optional.of(parts.onions().list(Optional.of(session)));
      case "onions/detached" -> Optional.of(parts.onions().list(Optional.empty()));
      case "network-liveness" -> Optional.of("up");
      case "dormant" -> Optional.of("0");
      case "config-text" ->
          Optional.of(
              parts.options().changed().stream()
                  .map(line -> line + "\n")
                  .collect(Collectors.joining()));
      case "status/bootstrap-phase" ->
          Optional.of("NOTICE BOOTSTRAP PROGRESS=100 TAG=done SUMMARY=\"Done\"");
      case "status/circuit-established", "status/enough-dir-info" -> Optional.of("1");
      case "ns/all" ->
          Optional.of(
              parts.circuits().relays().stream()
                  .map(relay -> relay.entry(world.clock().now()))
                  .collect(Collectors.joining("\n")));
      default -> Optional.empty();
    };
  }
}
