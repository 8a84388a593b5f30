package dev.cloister.tor.testing;

import dev.cloister.tor.socks.Destination;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * An onion service in memory.
 *
 * @param id its address without {@code .onion}
 * @param owner the connection that it ends with; empty when it is detached
 * @param ports where each virtual port leads
 * @param clients public keys in base32 of those who may read its descriptor; empty for all
 */
record FakeService(
    String id, Optional<FakeSession> owner, Map<Integer, Destination> ports, List<String> clients) {

  /** Copies. */
  FakeService {
    ports = Map.copyOf(ports);
    clients = List.copyOf(clients);
  }
}
