package dev.cloister.tracing.flow;

import dev.cloister.tracing.packet.Packet;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Orders the segments of TCP connections into streams, in bounded memory, and gives the same
 * streams for the same packets every time. It does not know what the receivers really took:
 * overlaps are decided by a policy, and every byte that was sent in two versions is counted,
 * whichever wins.
 *
 * <p>A connection is found by its addresses and ports. A SYN with another initial number on ports
 * in use begins a new one. State is changed before the listener is told, and what a packet ends of
 * other connections is told after what it brings to its own; so a listener that never returns
 * leaves all other connections whole. Not safe for use by many threads. Source: RFC 9293.
 */
public final class TcpReassembler {
  /**
   * Lists are kept in order to this much only: moving an entry costs more than being exact is
   * worth.
   */
  private static final long LIST_GRAIN_NANOS = Duration.ofMillis(250).toNanos();

  /**
   * In which order connections are forgotten: the ended, the closing, those without data, others.
   */
  private static final List<Connection.Age> CHEAPEST_FIRST =
      List.of(
          Connection.Age.ENDED,
          Connection.Age.CLOSING,
          Connection.Age.EMBRYONIC,
          Connection.Age.OPEN);

  private final ReassemblyLimits limits;
  private final ConnectionTable table = ConnectionTable.seededAtRandom();
  private final Map<Connection.Age, ConnectionList> ages = new EnumMap<>(Connection.Age.class);

  /** Those that are over and of which the listener has not been told, oldest first. */
  private final Deque<Connection> untold = new ArrayDeque<>();

  private final Streams streams;
  private final StreamListener listener;
  private final long idleNanos;
  private final long embryonicNanos;
  private final long lingerNanos;
  private final long rememberedNanos;
  private long flows;
  private long evictedConnections;
  private long expiredAt;

  /** When the last packet came. */
  private long lastAt = Long.MAX_VALUE;

  /**
   * Makes a reassembler.
   *
   * @param limits what it may use
   * @param policy which copy of a byte counts: {@link OverlapPolicy#FIRST} or {@link
   *     OverlapPolicy#LAST}
   * @param listener hears the streams
   */
  public TcpReassembler(ReassemblyLimits limits, OverlapPolicy policy, StreamListener listener) {
    if (policy == OverlapPolicy.BSD) {
      throw new IllegalArgumentException("policy bsd: allowed for segments are first and last");
    }
    this.limits = limits;
    this.listener = listener;
    this.streams = new Streams(limits, policy, listener);
    this.idleNanos = nanos(limits.idle());
    this.embryonicNanos = nanos(limits.embryonic());
    this.lingerNanos = nanos(limits.linger());
    this.rememberedNanos = nanos(limits.remembered());
    for (var age : Connection.Age.values()) {
      ages.put(age, new ConnectionList());
    }
  }

  private static long nanos(Duration duration) {
    try {
      return duration.toNanos();
    } catch (ArithmeticException _) {
      return Long.MAX_VALUE;
    }
  }

  /**
   * Takes a segment.
   *
   * @param packet a packet for which {@link Packet#isTcp()} is true
   */
  public void accept(Packet packet) {
    var now = packet.timeNanos();
    // A time that two packets agree on: a single one from the future ends nothing.
    var agreed = Math.min(now, lastAt);
    lastAt = now;
    if (Math.abs(agreed - expiredAt) > LIST_GRAIN_NANOS) {
      endSilent(agreed);
    }
    var flags = packet.flags();
    var connection = table.find(packet);
    if (connection != null && opensAnother(connection, packet, flags)) {
      forget(connection, EndCause.REUSED, now);
      connection = null;
    }
    if (connection == null) {
      connection = open(packet, flags, now);
    }
    var direction = connection.direction(table.isSourceLow());
    learn(connection, direction, packet, flags);
    touch(connection, packet.dataLength() > 0, now);
    if (connection.age == Connection.Age.ENDED) {
      counts().afterEnd += packet.dataLength();
    } else {
      flow(connection, direction, packet, flags);
    }
    tell();
  }

  /** Takes what a segment says of the streams of its connection. */
  private void flow(Connection connection, Direction direction, Packet packet, int flags) {
    if ((flags & Packet.ACK) != 0) {
      var other = connection.half(direction.opposite());
      if (other != null && (other.holding || other.isWaiting())) {
        streams.acknowledged(other, packet.acknowledgement(), packet.timeNanos());
      }
    }
    if (packet.dataLength() > 0) {
      var half = connection.half(direction);
      if (half == null) {
        half = begin(connection, direction, packet, flags);
      }
      streams.data(half, packet, (flags & Packet.SYN) != 0 ? 1 : 0);
    }
    if (connection.age == Connection.Age.CLOSING
        && !connection.isClosedTold
        && connection.isFinished()) {
      connection.isClosedTold = true;
      listener.closed(connection, packet.timeNanos());
    }
  }

  /** Tells whether a segment begins another connection between the ends of one that is known. */
  private boolean opensAnother(Connection connection, Packet packet, int flags) {
    if ((flags & (Packet.SYN | Packet.ACK)) != Packet.SYN) {
      return false;
    }
    var direction = connection.direction(table.isSourceLow());
    return connection.isBaseKnown(direction) && connection.base(direction) != packet.sequence();
  }

  private Connection open(Packet packet, int flags, long now) {
    while (table.size() >= limits.connections()) {
      evict(now);
    }
    var connection = table.add(flows, table.isSourceLow() == isFromClient(packet, flags));
    flows++;
    of(connection.age).addLast(connection, now);
    return connection;
  }

  /** Guesses, where no SYN tells, that a server has the lower port. */
  private static boolean isFromClient(Packet packet, int flags) {
    return (flags & Packet.SYN) != 0
        ? (flags & Packet.ACK) == 0
        : packet.sourcePort() >= packet.destinationPort();
  }

  private static void learn(Connection connection, Direction direction, Packet packet, int flags) {
    var isSyn = (flags & Packet.SYN) != 0;
    if (!connection.isBaseKnown(direction)) {
      connection.base(direction, isSyn ? packet.sequence() : packet.sequence() - 1);
    }
    if (isSyn && connection.base(direction) == packet.sequence()) {
      connection.synSeen(direction);
    }
    var other = direction.opposite();
    if ((flags & Packet.ACK) != 0 && !connection.isBaseKnown(other)) {
      connection.base(other, packet.acknowledgement() - 1);
    }
    if ((flags & Packet.FIN) != 0) {
      connection.finSeen(direction, packet.sequence() + (isSyn ? 1 : 0) + packet.dataLength());
    }
    if ((flags & Packet.RST) != 0) {
      connection.rstSeen(direction);
    }
  }

  private static Half begin(Connection connection, Direction direction, Packet packet, int flags) {
    var isFromSyn = connection.isSynSeen(direction);
    var first =
        isFromSyn
            ? connection.base(direction) + 1
            : packet.sequence() + ((flags & Packet.SYN) != 0 ? 1 : 0);
    var half = new Half(connection, direction, isFromSyn, first);
    connection.half(direction, half);
    return half;
  }

  /** Moves a connection to where its age and its last packet put it. */
  private void touch(Connection connection, boolean hasData, long now) {
    var age = connection.age;
    if (age == Connection.Age.EMBRYONIC && hasData) {
      age = Connection.Age.OPEN;
    }
    if (age != Connection.Age.ENDED && connection.isClosed()) {
      age = Connection.Age.CLOSING;
    }
    if (age != connection.age || now - connection.listedAt > LIST_GRAIN_NANOS) {
      list(connection, age, now);
    }
  }

  private void list(Connection connection, Connection.Age age, long now) {
    of(connection.age).remove(connection);
    connection.age = age;
    of(age).addLast(connection, now);
  }

  private ConnectionList of(Connection.Age age) {
    return Objects.requireNonNull(ages.get(age));
  }

  /**
   * Does what is due by a time: ends connections that were silent for too long.
   *
   * @param nowNanos the packets' clock
   */
  public void expire(long nowNanos) {
    endSilent(nowNanos);
    tell();
  }

  private void endSilent(long nowNanos) {
    expiredAt = nowNanos;
    for (var age : CHEAPEST_FIRST) {
      correct(age, nowNanos);
    }
    var ended = of(Connection.Age.ENDED).first();
    while (ended != null && nowNanos - ended.listedAt > rememberedNanos) {
      drop(ended);
      ended = of(Connection.Age.ENDED).first();
    }
    var closing = of(Connection.Age.CLOSING).first();
    while (closing != null && nowNanos - closing.listedAt > lingerNanos) {
      finish(closing, nowNanos);
      closing = of(Connection.Age.CLOSING).first();
    }
    expire(Connection.Age.EMBRYONIC, embryonicNanos, nowNanos);
    expire(Connection.Age.OPEN, idleNanos, nowNanos);
  }

  /** Lets no connection with a time from the future stand before others for ever. */
  private void correct(Connection.Age age, long now) {
    var first = of(age).first();
    if (first != null && first.listedAt - now > LIST_GRAIN_NANOS) {
      list(first, age, now);
    }
  }

  private void expire(Connection.Age age, long silentNanos, long now) {
    var silent = of(age).first();
    while (silent != null && now - silent.listedAt > silentNanos) {
      forget(silent, EndCause.IDLE, now);
      silent = of(age).first();
    }
  }

  /** Ends a connection that its ends have closed, and keeps its number in mind. */
  private void finish(Connection connection, long now) {
    list(connection, Connection.Age.ENDED, now);
    end(connection, EndCause.FINISHED, now);
  }

  /** Forgets one connection: of those that are cheapest to forget, the longest silent. */
  private void evict(long now) {
    for (var age : CHEAPEST_FIRST) {
      var oldest = of(age).first();
      if (oldest != null) {
        if (age != Connection.Age.ENDED) {
          evictedConnections++;
        }
        forget(oldest, EndCause.EVICTED, now);
        return;
      }
    }
  }

  private void forget(Connection connection, EndCause cause, long now) {
    var isEnded = connection.age == Connection.Age.ENDED;
    drop(connection);
    if (!isEnded) {
      connection.age = Connection.Age.ENDED;
      end(connection, connection.isClosed() ? EndCause.FINISHED : cause, now);
    }
  }

  private void drop(Connection connection) {
    of(connection.age).remove(connection);
    table.remove(connection);
  }

  private void end(Connection connection, EndCause cause, long now) {
    connection.endCause = connection.isReset() ? EndCause.RESET : cause;
    connection.endedAt = now;
    untold.addLast(connection);
  }

  /** Tells the listener which connections are over; goes on where it was left before. */
  private void tell() {
    for (var ended = untold.pollFirst(); ended != null; ended = untold.pollFirst()) {
      streams.end(ended, ended.endedAt);
      listener.end(ended, ended.endCause, ended.endedAt);
      ended.strip();
    }
  }

  /**
   * Ends every connection, those closed first and the longest silent before the others: the capture
   * is over.
   *
   * @param nowNanos the packets' clock
   */
  public void finish(long nowNanos) {
    for (var age : CHEAPEST_FIRST) {
      var list = of(age);
      for (var oldest = list.first(); oldest != null; oldest = list.first()) {
        forget(oldest, EndCause.CAPTURE_ENDED, nowNanos);
        tell();
      }
    }
    tell();
  }

  /**
   * Tells how many connections there were.
   *
   * @return connections with at least one segment
   */
  public long flows() {
    return flows;
  }

  /**
   * Tells how many connections were forgotten to make room.
   *
   * @return those that were not yet over
   */
  public long evictedConnections() {
    return evictedConnections;
  }

  /** Tells how much of the streams it holds now: what waits, with what that costs, and the past. */
  long heldBytes() {
    return streams.heldBytes();
  }

  /**
   * Tells what became of the streams' bytes.
   *
   * @return counts that go on
   */
  public StreamCounts counts() {
    return streams.counts();
  }
}
