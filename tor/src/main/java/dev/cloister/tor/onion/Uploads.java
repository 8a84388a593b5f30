package dev.cloister.tor.onion;

import dev.cloister.tor.OnionAddress;
import dev.cloister.tor.control.TorEvent;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * What tor told of the uploads of one service's descriptors. Tor makes two, for this period and the
 * next, and uploads each to several relays in rounds; it does not say which of the two was taken.
 * Where more than half of a round was taken, each descriptor is at one relay at least. Not
 * thread-safe.
 */
final class Uploads {
  /** Two are usual; more are not remembered. */
  private static final int DESCRIPTORS_MOST = 16;

  /** Eight to sixteen are usual in a round; more are not counted. */
  private static final int ROUND_MOST = 256;

  private final String id;

  /** Descriptors that are not at enough relays. */
  private final Set<String> owed = new HashSet<>();

  /** Those that the last round uploads. */
  private final Set<String> round = new HashSet<>();

  /** How many uploads have not ended, by relay. */
  private final Map<String, Integer> pending = new HashMap<>();

  private int begun;
  private int taken;
  private String refusal = "";

  Uploads(OnionAddress address) {
    this.id = address.id();
  }

  void take(TorEvent event) {
    if (event instanceof TorEvent.OnionDescriptor descriptor && descriptor.address().equals(id)) {
      switch (descriptor.action()) {
        case CREATED -> owe(descriptor.descriptor());
        case UPLOAD -> begin(descriptor);
        case UPLOADED -> end(descriptor, true);
        case FAILED -> end(descriptor, false);
        case REQUESTED, RECEIVED, IGNORE -> {
          // This tor reaches the service as a client.
        }
      }
    }
  }

  private void owe(String descriptor) {
    if (owed.size() < DESCRIPTORS_MOST) {
      owed.add(descriptor);
    }
  }

  private void begin(TorEvent.OnionDescriptor upload) {
    if (pending.isEmpty()) {
      begun = 0;
      taken = 0;
      round.clear();
    }
    if (begun < ROUND_MOST) {
      begun++;
      pending.merge(upload.directory(), 1, Integer::sum);
      owe(upload.descriptor());
      round.add(upload.descriptor());
    }
  }

  /** A failed fetch names its descriptor, which a failed upload does not. */
  private void end(TorEvent.OnionDescriptor ended, boolean isTaken) {
    var isUpload = ended.descriptor().isEmpty() && pending.containsKey(ended.directory());
    if (!isUpload) {
      return;
    }
    pending.computeIfPresent(ended.directory(), (_, count) -> count == 1 ? null : count - 1);
    if (isTaken) {
      taken++;
    } else {
      refusal = ", the last refusal " + ended.detail("REASON").orElse("without a reason");
    }
    if (pending.isEmpty() && isEnough()) {
      owed.removeAll(round);
    }
  }

  private boolean isEnough() {
    return 2 * taken > begun;
  }

  /** Tells whether every upload that was begun has ended, and each descriptor is at a relay. */
  boolean areDone() {
    return begun > 0 && pending.isEmpty() && owed.isEmpty();
  }

  /** Tells whether each descriptor is at a relay, though other uploads may not have ended. */
  boolean suffice() {
    return begun > 0 && isEnough() && round.containsAll(owed);
  }

  /** Says how far it is, for people. */
  @Override
  public String toString() {
    return "%d of %d uploads taken, %d under way%s"
        .formatted(
            taken, begun, pending.values().stream().mapToInt(Integer::intValue).sum(), refusal);
  }
}
