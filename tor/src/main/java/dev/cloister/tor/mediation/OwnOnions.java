package dev.cloister.tor.mediation;

import dev.cloister.core.internal.Failures;
import dev.cloister.tor.OnionAddress;
import dev.cloister.tor.OnionKey;
import dev.cloister.tor.control.ControlRefused;
import dev.cloister.tor.control.OnionCommands;
import java.io.IOException;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A function's onion services, the descriptors that it waits for and the keys that it brought, and
 * what it says of them. Not thread-safe.
 */
final class OwnOnions {
  private static final int FETCHES_MOST = 16;
  private static final int KEYS_MOST = 16;
  private static final String OK = "250 OK";

  private final MediatedTor owner;
  private final OnionCommands tor;
  private final TorGrant grant;
  private final Credentials credentials;
  private final Set<OnionAddress> services = new LinkedHashSet<>();

  /** What was asked for and has not come, without {@code .onion}. */
  private final Set<String> fetching = new HashSet<>();

  OwnOnions(MediatedTor owner, OnionCommands tor, TorGrant grant, Credentials credentials) {
    this.owner = owner;
    this.tor = tor;
    this.grant = grant;
    this.credentials = credentials;
  }

  /** Tells whether the function may hear of an address, which is without {@code .onion}. */
  boolean isWatched(String id) {
    return fetching.contains(id) || services.stream().map(OnionAddress::id).anyMatch(id::equals);
  }

  /** Says that a descriptor has come, or will not. */
  void fetched(String id) {
    fetching.remove(id);
  }

  /** Says that events were dropped, so that nobody knows what has come. */
  void lostTrack() {
    fetching.clear();
  }

  String list() {
    return services.stream().map(OnionAddress::id).collect(Collectors.joining("\n"));
  }

  String add(CommandLine line) throws IOException {
    var wanted = OnionVerbs.service(line, grant);
    try {
      if (services.size() >= grant.onions()) {
        throw Rule.BOUND.denied("%d onion services: end one first".formatted(grant.onions()));
      }
      var added = tor.add(wanted.service());
      services.add(added.address());
      return OnionVerbs.answer(added);
    } finally {
      wanted.key().ifPresent(OnionKey::close);
    }
  }

  String delete(CommandLine line) throws IOException {
    line.atMost(1);
    var address = OnionVerbs.address(line.word(0));
    if (!services.contains(address)) {
      throw Rule.ONION.denied("a service that is not the function's own");
    }
    tor.delete(address);
    services.remove(address);
    return OK;
  }

  String fetch(CommandLine line) throws IOException {
    line.atMost(1);
    var address = OnionVerbs.address(line.word(0));
    if (fetching.size() >= FETCHES_MOST) {
      throw Rule.BOUND.denied("%d descriptors that have not come yet".formatted(FETCHES_MOST));
    }
    fetching.add(address.id());
    tor.fetch(address, List.of());
    return OK;
  }

  String authorize(CommandLine line) throws IOException {
    line.atMost(2);
    var address = OnionVerbs.address(line.word(0));
    try (var key = OnionVerbs.key(OnionKey.Kind.CLIENT, line.word(1))) {
      var own = credentials.of(owner);
      if (own.size() >= KEYS_MOST && !own.contains(address)) {
        throw Rule.BOUND.denied("keys for %d services".formatted(KEYS_MOST));
      }
      credentials.add(owner, address, key);
    }
    return OK;
  }

  String forget(CommandLine line) throws IOException {
    line.atMost(1);
    credentials.remove(owner, OnionVerbs.address(line.word(0)));
    return OK;
  }

  String credentials(CommandLine line) {
    line.atMost(0);
    return credentials.of(owner).stream()
        .map(address -> "250-CLIENT " + address.id() + "\n")
        .collect(Collectors.joining("", "250-ONION_CLIENT_AUTH_VIEW\n", OK));
  }

  void closeAll(Failures failures) {
    services.forEach(address -> failures.run(() -> end(address)));
    credentials
        .of(owner)
        .forEach(address -> failures.run(() -> credentials.remove(owner, address)));
  }

  private void end(OnionAddress address) throws IOException {
    try {
      tor.delete(address);
    } catch (ControlRefused _) {
      // It has ended.
    }
  }
}
