package dev.cloister.tor.mediation;

import dev.cloister.tor.OnionAddress;
import dev.cloister.tor.OnionKey;
import dev.cloister.tor.control.TorControl;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Which function brought a key for which service. Tor has one table for all, so the first who
 * brings one keeps others from it, and what the operator has there himself is nobody's. Safe for
 * use by many threads.
 */
final class Credentials {
  private final TorControl control;

  /** Guarded by this. */
  private final Map<OnionAddress, MediatedTor> owners = new HashMap<>();

  Credentials(TorControl control) {
    this.control = control;
  }

  synchronized void add(MediatedTor owner, OnionAddress address, OnionKey key) throws IOException {
    var isOwn = owners.get(address) == owner;
    if (!isOwn && (owners.containsKey(address) || isTors(address))) {
      throw Rule.CREDENTIAL.denied("somebody else has a key for that service here");
    }
    control.onions().authorize(address, key, "");
    owners.put(address, owner);
  }

  private boolean isTors(OnionAddress address) throws IOException {
    return control.onions().credentials().stream().anyMatch(c -> c.address().equals(address));
  }

  synchronized void remove(MediatedTor owner, OnionAddress address) throws IOException {
    if (owners.get(address) != owner) {
      throw Rule.CREDENTIAL.denied("the function brought no key for that service");
    }
    control.onions().forget(address);
    owners.remove(address);
  }

  synchronized List<OnionAddress> of(MediatedTor owner) {
    return owners.entrySet().stream()
        .filter(entry -> entry.getValue() == owner)
        .map(Map.Entry::getKey)
        .toList();
  }
}
