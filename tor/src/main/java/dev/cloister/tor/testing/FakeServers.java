package dev.cloister.tor.testing;

import dev.cloister.tor.socks.Destination;
import dev.cloister.tor.socks.SocksCode;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** The destinations that a test declared. Guarded by the world's lock. */
final class FakeServers {
  private final FakeWorld world;
  private final Map<Destination, FakeServer> listening = new LinkedHashMap<>();
  private final Map<Destination, SocksCode> refusing = new LinkedHashMap<>();

  FakeServers(FakeWorld world) {
    this.world = world;
  }

  FakeServer listen(Destination at) {
    if (listening.containsKey(at)) {
      throw new IllegalStateException(at + ": a server listens there; close it first");
    }
    var server = new FakeServer(world, this, at);
    listening.put(at, server);
    return server;
  }

  void refuse(Destination at, SocksCode code) {
    refusing.put(at, code);
  }

  void remove(FakeServer server) {
    listening.remove(server.destination(), server);
  }

  Optional<FakeServer> find(Destination at) {
    return Optional.ofNullable(listening.get(at));
  }

  /**
   * Tells why a destination is not reached: what it was told to say, or what its host can. An exit
   * of tor 0.4.9 does not tell that nobody listens: the answer is a general failure.
   */
  SocksCode refusal(Destination at) {
    var code = refusing.get(at);
    if (code != null) {
      return code;
    }
    var isKnown = listening.keySet().stream().anyMatch(d -> d.host().equals(at.host()));
    return at.isAddress() || isKnown ? SocksCode.GENERAL_FAILURE : SocksCode.HOST_UNREACHABLE;
  }

  boolean isRefusing(Destination at) {
    return refusing.containsKey(at);
  }
}
