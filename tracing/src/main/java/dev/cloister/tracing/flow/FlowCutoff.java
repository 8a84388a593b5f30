package dev.cloister.tracing.flow;

import dev.cloister.tracing.packet.Packet;
import java.security.SecureRandom;
import java.util.Arrays;

/**
 * Tells which packets of TCP lie behind the first bytes of their direction of a connection, so that
 * who keeps packets can do without them: few connections carry most bytes, and what is asked for is
 * mostly at their beginning. What begins and ends a connection never lies behind. It may let more
 * through than it must, never less: a connection that it has forgotten begins anew, and so does one
 * that it did not see begin.
 *
 * <p>An acknowledgement without data lies behind as soon as either direction has got there. Its
 * memory is fixed: 9 MiB for {@link #CONNECTIONS}, of which the one longest unheard of is forgotten
 * for another. Not safe for use by many threads. After: Kornexl et al., "Building a Time Machine
 * for Efficient Recording and Retrieval of High-Volume Network Traffic", IMC 2005.
 */
public final class FlowCutoff {
  /** How many connections it knows at once. */
  public static final int CONNECTIONS = 1 << 17;

  /** A connection has as many places; the hash says which. */
  private static final int WAYS = 8;

  private static final long UNKNOWN = Long.MIN_VALUE;

  private final long limit;
  private final Ends ends;
  private final long[] keys = new long[CONNECTIONS * Ends.NUMBERS];

  /** When each was heard of last, in packets; 0 where there is none. */
  private final long[] heard = new long[CONNECTIONS];

  /** By direction: how far it has got at least, from its beginning, and the number of that byte. */
  private final long[] positions = new long[2 * CONNECTIONS];

  private final int[] sequences = new int[2 * CONNECTIONS];
  private long packets;
  private long forgotten;

  /**
   * Makes one that knows no connection yet.
   *
   * @param bytes how many of each direction do not lie behind, at least 1
   */
  public FlowCutoff(long bytes) {
    if (bytes < 1) {
      throw new IllegalArgumentException("cutoff " + bytes + ": must be at least 1 byte");
    }
    this.limit = bytes;
    this.ends = new Ends(new SecureRandom().nextLong());
  }

  /**
   * Looks at the next packet.
   *
   * @param packet of TCP
   * @return whether all its data lies behind; a packet that only begins before does not
   */
  public boolean isBehind(Packet packet) {
    packets++;
    ends.read(packet);
    var slot = slot();
    heard[slot] = packets;
    var way = 2 * slot + (ends.isSourceLow() ? 0 : 1);
    if ((packet.flags() & Packet.SYN) != 0) {
      begin(way, packet);
      return false;
    }
    var position = advance(way, packet.sequence(), packet.dataLength());
    if ((packet.flags() & (Packet.FIN | Packet.RST)) != 0) {
      return false;
    }
    return position >= limit || (packet.dataLength() == 0 && positions[way ^ 1] >= limit);
  }

  /** Finds the connection's place, or takes that of the one longest unheard of. */
  private int slot() {
    var first = (ends.hash() & (CONNECTIONS / WAYS - 1)) * WAYS;
    var oldest = first;
    for (var slot = first; slot < first + WAYS; slot++) {
      if (heard[slot] != 0 && ends.areAt(keys, slot * Ends.NUMBERS)) {
        return slot;
      }
      if (heard[slot] < heard[oldest]) {
        oldest = slot;
      }
    }
    if (heard[oldest] != 0) {
      forgotten++;
    }
    ends.writeTo(keys, oldest * Ends.NUMBERS);
    Arrays.fill(positions, 2 * oldest, 2 * oldest + 2, UNKNOWN);
    return oldest;
  }

  /** A SYN with the number it had before is the same SYN again. */
  private void begin(int way, Packet packet) {
    var first = packet.sequence() + 1;
    if (positions[way] != UNKNOWN && positions[way] + (first - sequences[way]) == 0) {
      return;
    }
    positions[way] = 0;
    sequences[way] = first;
    if ((packet.flags() & Packet.ACK) == 0) {
      positions[way ^ 1] = UNKNOWN;
    }
  }

  /** Returns where the data begins; numbers are compared to the furthest, since they wrap. */
  private long advance(int way, int sequence, int length) {
    if (positions[way] == UNKNOWN) {
      positions[way] = 0;
      sequences[way] = sequence;
    }
    var position = positions[way] + (sequence - sequences[way]);
    if (position + length > positions[way]) {
      positions[way] = position + length;
      sequences[way] = sequence + length;
    }
    return position;
  }

  /**
   * Tells how many connections were forgotten for others.
   *
   * @return how many, since the beginning
   */
  public long forgotten() {
    return forgotten;
  }
}
