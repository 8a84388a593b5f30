package dev.cloister.tracing.flow;

import dev.cloister.tracing.packet.Packet;
import java.util.LinkedHashSet;
import java.util.SequencedSet;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of the directions: what waits, what was given, what came twice. Two lists bound the
 * memory of all directions together: those with something waiting, and those with a past, each
 * oldest first.
 *
 * <p>Every method changes the state first and tells the listener last, in a loop that starts from
 * the state again; so a listener that throws or never returns leaves nothing half done but its own
 * direction.
 */
final class Streams {
  private final ReassemblyLimits limits;
  private final OverlapPolicy policy;
  private final StreamListener listener;
  private final StreamCounts counts = new StreamCounts();

  private final SequencedSet<Half> waiting = new LinkedHashSet<>();
  private long pendingBytes;

  private final History.Pool pages;

  Streams(ReassemblyLimits limits, OverlapPolicy policy, StreamListener listener) {
    this.limits = limits;
    this.policy = policy;
    this.listener = listener;
    this.pages = new History.Pool(limits.historyBytesTotal());
  }

  StreamCounts counts() {
    return counts;
  }

  long heldBytes() {
    return pendingBytes + pages.lentBytes();
  }

  /**
   * Takes a segment's data, whose first byte stands behind the sequence number by {@code after}.
   */
  void data(Half half, Packet packet, int after) {
    var at = half.position(packet.sequence() + after);
    var bytes = packet.bytes();
    var offset = packet.dataOffset();
    var length = packet.dataLength();
    var now = packet.timeNanos();
    if (at == half.next && !half.holding && !half.isWaiting()) {
      give(half, bytes, bytes, offset, length, now);
      return;
    }
    if (at < half.next && !half.holding) {
      var old = (int) Math.min(length, half.next - at);
      compare(half, at, bytes, offset, old);
      at += old;
      offset += old;
      length -= old;
      if (length == 0) {
        return;
      }
    }
    if (at == half.next && !half.holding && !half.isWaiting()) {
      give(half, bytes, bytes, offset, length, now);
      return;
    }
    keep(half, at, bytes, offset, length);
    flow(half, now);
    enforce(half, now);
  }

  /** Gives bytes that stand at {@code half.next}, and remembers the copy that came first. */
  private void give(Half half, byte[] bytes, byte[] first, int offset, int length, long now) {
    var position = half.next;
    half.advance(length);
    counts.data += length;
    if (!half.isOver) {
      remember(half, position, first, offset, length, now);
    }
    listener.data(
        half.connection, half.direction, position - half.origin, bytes, offset, length, now);
  }

  /** Puts bytes among those that wait; where others wait already, the policy decides. */
  private void keep(Half half, long from, byte[] bytes, int offset, int length) {
    var pending = half.pending;
    if (pending == null) {
      pending = new Pending();
      half.pending = pending;
    }
    if (pending.isEmpty()) {
      waiting.addLast(half);
    }
    var at = from;
    var end = from + length;
    var index = pending.indexBehind(at);
    while (at < end) {
      var piece = index < pending.size() ? pending.get(index) : null;
      var free = piece == null ? end : Math.min(end, piece.at);
      if (at < free) {
        var size = pending.size();
        hold(half, pending.insert(index, at, bytes, offset + (int) (at - from), (int) (free - at)));
        index += pending.size() - size;
        at = free;
      } else if (piece != null) {
        var shared = Math.min(end, piece.end());
        overlap(half, piece, at, bytes, offset + (int) (at - from), (int) (shared - at));
        at = shared;
        index++;
      }
    }
  }

  /** Accounts for what waits more, or less. */
  private void hold(Half half, int bytes) {
    half.pendingBytes += bytes;
    if (!half.isOver) {
      pendingBytes += bytes;
    }
  }

  private void overlap(
      Half half, Pending.Piece piece, long at, byte[] bytes, int offset, int length) {
    counts.duplicates += length;
    var in = (int) (at - piece.at);
    var differing = 0;
    for (var i = 0; i < length; i++) {
      if (piece.first[in + i] != bytes[offset + i]) {
        differing++;
      }
    }
    counts.conflicting += differing;
    if (policy == OverlapPolicy.LAST && (differing > 0 || piece.isReplaced())) {
      hold(half, piece.replace(in, bytes, offset, length));
    }
    listener.overlap(half.connection, half.direction, -1, bytes, offset, length, differing);
  }

  /** Compares bytes with what was given at their place. */
  private void compare(Half half, long from, byte[] bytes, int offset, int length) {
    var at = from;
    var end = from + length;
    var start = half.isFromSyn ? 0 : half.origin;
    if (at < start) {
      counts.beforeStart += Math.min(end, start) - at;
      at = Math.min(end, start);
    }
    var filled = half.fillGaps(at, end);
    if (filled > 0) {
      counts.late += filled;
      counts.holes -= filled;
      // Part of it was never given: what else there is cannot be told apart from it any more.
      counts.duplicates += end - at - filled;
      counts.uncompared += end - at - filled;
      return;
    }
    if (at == end) {
      return;
    }
    counts.duplicates += end - at;
    var history = half.history;
    var comparable = history == null ? end : Math.clamp(history.start(), at, end);
    counts.uncompared += comparable - at;
    var differing = 0;
    if (history != null && comparable < end) {
      var in = offset + (int) (comparable - from);
      differing = history.differing(comparable, bytes, in, (int) (end - comparable));
      counts.conflicting += differing;
    }
    listener.overlap(
        half.connection,
        half.direction,
        at - half.origin,
        bytes,
        offset + (int) (at - from),
        (int) (end - at),
        differing);
  }

  /** Gives what waits no longer behind a hole. */
  private void flow(Half half, long now) {
    var pending = half.pending;
    while (pending != null
        && !half.holding
        && !pending.isEmpty()
        && pending.peek().at == half.next) {
      var piece = poll(half, pending);
      half.acknowledgedFor = 0;
      give(half, piece.winner(), piece.first, 0, piece.length, now);
    }
  }

  private Pending.Piece poll(Half half, Pending pending) {
    var piece = pending.poll();
    hold(half, -piece.cost());
    if (pending.isEmpty()) {
      waiting.remove(half);
    }
    return piece;
  }

  /** Gives up the first hole of a direction, or its wait for a beginning. */
  private void giveUp(Half half, long now) {
    var pending = half.pending;
    if (pending == null || pending.isEmpty()) {
      half.holding = false;
      return;
    }
    var first = pending.peek().at;
    if (half.holding) {
      half.holding = false;
      half.origin = first;
      half.advance(first - half.next);
    } else if (first > half.next) {
      var position = half.next;
      var length = first - position;
      half.advance(length);
      half.addGap(position, first);
      if (half.history != null) {
        half.history.skipTo(first);
      }
      counts.holes += length;
      listener.gap(half.connection, half.direction, position - half.origin, length, now);
    }
    flow(half, now);
  }

  /** Holds a direction, and then all of them, to their bounds. */
  private void enforce(Half half, long now) {
    if (half.holding && half.pendingBytes > limits.midstreamBytes()) {
      giveUp(half, now);
    }
    while (half.isWaiting() && half.pendingBytes > limits.reorderBytes()) {
      counts.evictedReordering++;
      giveUp(half, now);
    }
    while (pendingBytes > limits.reorderBytesTotal() && !waiting.isEmpty()) {
      counts.evictedBuffers++;
      var oldest = waiting.getFirst();
      while (oldest.isWaiting()) {
        giveUp(oldest, now);
      }
    }
  }

  /**
   * Takes note of what the receiver of a direction has. What it acknowledged behind a hole, it has
   * seen; so the capture missed it, unless it only comes out of order: a few packets are waited
   * for.
   */
  void acknowledged(Half half, int number, long now) {
    var pending = half.pending;
    if (pending == null || pending.isEmpty()) {
      return;
    }
    var first = pending.peek();
    var position = half.position(number);
    if (position <= first.at) {
      half.acknowledgedFor = 0;
      return;
    }
    half.acknowledgedFor++;
    if ((half.holding && limits.acknowledgedPackets() < Integer.MAX_VALUE)
        || half.acknowledgedFor >= limits.acknowledgedPackets()) {
      half.acknowledgedFor = 0;
      giveUp(half, now);
    }
  }

  /** Gives everything that still waits, and forgets both directions. */
  void end(Connection connection, long now) {
    var one = connection.half(Direction.CLIENT_TO_SERVER);
    var other = connection.half(Direction.SERVER_TO_CLIENT);
    release(one);
    release(other);
    giveAll(one, now);
    giveAll(other, now);
  }

  /** Takes a direction out of all accounts. */
  private void release(@Nullable Half half) {
    if (half != null) {
      pendingBytes -= half.pendingBytes;
      waiting.remove(half);
      forgetHistory(half);
      half.isOver = true;
    }
  }

  private void giveAll(@Nullable Half half, long now) {
    while (half != null && half.isWaiting()) {
      giveUp(half, now);
    }
  }

  // The past.

  private void remember(Half half, long position, byte[] bytes, int offset, int length, long now) {
    var history = half.history;
    if (history == null) {
      history = new History(half, pages, now);
      half.history = history;
    } else {
      history.touch(now);
    }
    history.append(position, bytes, offset, length, limits.historyBytes());
    for (var oldest = pages.oldest();
        oldest != null && pages.isOverdrawn();
        oldest = pages.oldest()) {
      forgetHistory(oldest.half);
    }
  }

  private void forgetHistory(Half half) {
    if (half.history != null) {
      half.history.end();
      half.history = null;
    }
  }
}
