package dev.cloister.tracing.flow;

import dev.cloister.tracing.packet.Packet;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Puts IP datagrams of both versions together from their fragments, in bounded memory. Overlapping
 * fragments of IPv4 are decided by a policy; a datagram of IPv6 with any is dropped, as RFC 5722
 * has it, unless the policy is asked for. Not safe for use by many threads. Sources: RFC 791, RFC
 * 8200, RFC 5722.
 */
public final class Defragmenter {
  /** How many incomplete datagrams wait at most. */
  public static final int DATAGRAMS_MAX = 4096;

  /** How much they hold at most, in bytes. */
  public static final long BYTES_MAX = 32L << 20;

  /** How long an incomplete datagram waits, by the packets' clock: RFC 8200, section 4.5. */
  public static final Duration TIMEOUT = Duration.ofSeconds(60);

  private final OverlapPolicy policy;
  private final boolean ipv6Overlaps;
  private final Map<DatagramKey, Datagram> waiting = new LinkedHashMap<>();
  private long bytes;
  private long reassembled;
  private long overlapping;
  private long empty;
  private long oversized;
  private long evicted;
  private long expired;
  private byte[] whole = {};
  private int wholeLength;

  /**
   * Makes a defragmenter.
   *
   * @param policy which copy of a byte counts
   * @param ipv6Overlaps whether the policy decides for IPv6 too, instead of the datagram being
   *     dropped
   */
  public Defragmenter(OverlapPolicy policy, boolean ipv6Overlaps) {
    this.policy = policy;
    this.ipv6Overlaps = ipv6Overlaps;
  }

  /**
   * Takes a fragment.
   *
   * @param packet one for which {@link Packet#isFragment()} is true
   * @return whether it completed a datagram that is not dropped, which {@link #datagram()} then
   *     holds
   */
  public boolean accept(Packet packet) {
    expire(packet.timeNanos());
    if (packet.payloadLength() == 0) {
      // Nothing of a datagram; kept, any number of them would find room in one.
      empty++;
      return false;
    }
    if (packet.fragmentOffset() + packet.payloadLength() > Datagram.PAYLOAD_BYTES_MAX) {
      // Longer than any datagram: no receiver should put it together.
      oversized++;
      return false;
    }
    var key = DatagramKey.of(packet);
    var datagram = waiting.get(key);
    if (datagram == null) {
      datagram = new Datagram(packet.timeNanos(), policy, packet.version() == 4 || ipv6Overlaps);
      waiting.put(key, datagram);
      bytes += datagram.sizeBytes();
    }
    var before = datagram.sizeBytes();
    var isDroppedBefore = datagram.isDropped();
    datagram.add(packet);
    bytes += datagram.sizeBytes() - before;
    if (datagram.isDropped() && !isDroppedBefore) {
      overlapping++;
    }
    if (!datagram.isComplete()) {
      keepWithinBounds();
      return false;
    }
    forget(key, datagram);
    reassembled++;
    if (datagram.isDropped()) {
      return false;
    }
    whole = datagram.join();
    wholeLength = whole.length;
    return true;
  }

  private void expire(long now) {
    while (!waiting.isEmpty()) {
      var oldest = waiting.entrySet().iterator().next();
      if (now - oldest.getValue().since() <= TIMEOUT.toNanos()) {
        return;
      }
      expired++;
      forget(oldest.getKey(), oldest.getValue());
    }
  }

  private void keepWithinBounds() {
    while (waiting.size() > DATAGRAMS_MAX || bytes > BYTES_MAX) {
      var oldest = waiting.entrySet().iterator().next();
      evicted++;
      forget(oldest.getKey(), oldest.getValue());
    }
  }

  private void forget(DatagramKey key, Datagram datagram) {
    waiting.remove(key);
    bytes -= datagram.sizeBytes();
  }

  /**
   * Returns the datagram that was completed last, from its IP header on.
   *
   * @return holds it from index 0; {@link #datagramLength()} bytes
   */
  public byte[] datagram() {
    return whole;
  }

  /**
   * Returns how long the datagram is that was completed last.
   *
   * @return bytes
   */
  public int datagramLength() {
    return wholeLength;
  }

  /**
   * Tells of how many datagrams every piece came.
   *
   * @return datagrams, those among them that were dropped because their pieces overlap
   */
  public long reassembled() {
    return reassembled;
  }

  /**
   * Tells how many datagrams were dropped because their pieces overlap.
   *
   * @return datagrams
   */
  public long overlapping() {
    return overlapping;
  }

  /**
   * Tells how many fragments reached behind the end of the largest datagram, and were not taken.
   *
   * @return fragments
   */
  public long oversized() {
    return oversized;
  }

  /**
   * Tells how many fragments had nothing in them, and were not taken.
   *
   * @return fragments
   */
  public long empty() {
    return empty;
  }

  /**
   * Tells how many incomplete datagrams were given up to make room.
   *
   * @return datagrams
   */
  public long evicted() {
    return evicted;
  }

  /**
   * Tells how many incomplete datagrams were given up because their time was over.
   *
   * @return datagrams
   */
  public long expired() {
    return expired;
  }
}
