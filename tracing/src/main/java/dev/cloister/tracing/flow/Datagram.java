package dev.cloister.tracing.flow;

import dev.cloister.tracing.packet.Packet;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A datagram of which some fragments came. */
final class Datagram {
  /** What the length field of IP can say. */
  static final int PAYLOAD_BYTES_MAX = 65_535;

  /** What a datagram, and a fragment, cost beside their bytes. */
  private static final int OVERHEAD_BYTES = 256;

  private final long since;
  private final OverlapPolicy policy;
  private final boolean allowsOverlaps;
  private final List<Fragment> fragments = new ArrayList<>();

  /** Where there may be no overlaps: each piece by its place. */
  private final Map<Integer, Fragment> places = new HashMap<>();

  private final BitSet have = new BitSet();
  private int sizeBytes = OVERHEAD_BYTES;
  private @Nullable Head head;
  private boolean hasHead;
  private @Nullable Integer total;
  private boolean dropped;

  /** A piece of the payload. */
  private static final class Fragment {
    final int from;
    final byte[] bytes;

    Fragment(Packet packet) {
      this.from = packet.fragmentOffset();
      this.bytes =
          Arrays.copyOfRange(
              packet.bytes(),
              packet.payloadOffset(),
              packet.payloadOffset() + packet.payloadLength());
    }

    int end() {
      return from + bytes.length;
    }
  }

  /** What stands before the payload, and where it says what follows. */
  private static final class Head {
    final byte[] bytes;
    final int nextHeaderIndex;
    final int protocol;

    Head(Packet packet) {
      this.bytes =
          Arrays.copyOfRange(
              packet.bytes(),
              packet.headerOffset(),
              packet.headerOffset() + packet.unfragmentableBytes());
      this.nextHeaderIndex = packet.nextHeaderOffset() - packet.headerOffset();
      this.protocol = packet.protocol();
    }
  }

  Datagram(long since, OverlapPolicy policy, boolean allowsOverlaps) {
    this.since = since;
    this.policy = policy;
    this.allowsOverlaps = allowsOverlaps;
  }

  long since() {
    return since;
  }

  /** Returns what it holds in memory, with the bit for each byte that came. */
  int sizeBytes() {
    return sizeBytes + have.size() / Byte.SIZE;
  }

  boolean isDropped() {
    return dropped;
  }

  /** Tells whether every piece has come, also of one that is dropped. */
  boolean isComplete() {
    return hasHead && total != null && have.nextClearBit(0) >= total;
  }

  void add(Packet packet) {
    var fragment = new Fragment(packet);
    if (!allowsOverlaps && !dropped && overlaps(fragment)) {
      if (isHad(fragment)) {
        return;
      }
      drop();
    }
    have.set(fragment.from, fragment.end());
    hasHead |= fragment.from == 0;
    if (!dropped) {
      keep(fragment);
      if (fragment.from == 0 && (head == null || policy == OverlapPolicy.LAST)) {
        keep(new Head(packet));
      }
    }
    if (!packet.hasMoreFragments() && (total == null || policy == OverlapPolicy.LAST)) {
      total = fragment.end();
    }
  }

  private void keep(Fragment fragment) {
    fragments.add(fragment);
    sizeBytes += OVERHEAD_BYTES + fragment.bytes.length;
    if (!allowsOverlaps) {
      places.put(fragment.from, fragment);
    }
  }

  private void keep(Head first) {
    sizeBytes += first.bytes.length - (head == null ? 0 : head.bytes.length);
    head = first;
  }

  private boolean overlaps(Fragment fragment) {
    var taken = have.nextSetBit(fragment.from);
    return taken >= 0 && taken < fragment.end();
  }

  /** The same piece again is no overlap: RFC 8200 lets it be ignored. */
  private boolean isHad(Fragment again) {
    var had = places.get(again.from);
    return had != null && Arrays.equals(had.bytes, again.bytes);
  }

  private void drop() {
    dropped = true;
    fragments.clear();
    places.clear();
    head = null;
    sizeBytes = OVERHEAD_BYTES;
  }

  /** Builds the packet that was cut up, without the marks of a fragment; it must be complete. */
  byte[] join() {
    if (dropped || head == null || total == null) {
      throw new IllegalStateException("a datagram that is not whole cannot be joined");
    }
    var before = head.bytes.length;
    var whole = Arrays.copyOf(head.bytes, before + total);
    for (var fragment : inOrderOfWriting()) {
      var length = Math.min(fragment.bytes.length, total - fragment.from);
      if (length > 0) {
        System.arraycopy(fragment.bytes, 0, whole, before + fragment.from, length);
      }
    }
    whole[head.nextHeaderIndex] = (byte) head.protocol;
    if (whole[0] >> 4 == 4) {
      put16(whole, 2, whole.length);
      put16(whole, 6, 0);
    } else {
      put16(whole, 4, whole.length - 40);
    }
    return whole;
  }

  /** What is written later stays: so the fragment that is to count comes last. */
  private List<Fragment> inOrderOfWriting() {
    var order = new ArrayList<>(fragments);
    if (policy != OverlapPolicy.LAST) {
      Collections.reverse(order);
    }
    if (policy == OverlapPolicy.BSD) {
      order.sort(Comparator.comparingInt((Fragment f) -> f.from).reversed());
    }
    return order;
  }

  /** 0 stands for "as long as it is", should it be longer than the field can say. */
  private static void put16(byte[] bytes, int at, int value) {
    var said = value > PAYLOAD_BYTES_MAX ? 0 : value;
    bytes[at] = (byte) (said >>> Byte.SIZE);
    bytes[at + 1] = (byte) said;
  }
}
