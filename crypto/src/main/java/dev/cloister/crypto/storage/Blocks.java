package dev.cloister.crypto.storage;

import dev.cloister.core.ledger.Ledger;
import dev.cloister.crypto.storage.Block.State;
import dev.cloister.crypto.storage.SpillStore.Accounting;
import dev.cloister.crypto.storage.SpillStore.Vacancy;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Which blocks there are, where each is, and what became of its records. Everything is under one
 * lock, this object, which the writer takes once a block, not once a record. Under it nothing is
 * read, written, encrypted, unlinked or zeroed, and no loop is longer than a few blocks, but in
 * {@link #close}. Whoever waits on it is woken when a block has ended or the store has stopped.
 */
final class Blocks {
  /** How many blocks are released before the lock is free for a moment. */
  private static final int RELEASED_AT_ONCE = 64;

  private final SpillPlan plan;
  private final Ledger ledger;

  /** Blocks that are not gone, by their first record; only the last may be filling. */
  private final NavigableMap<Long, Block> live = new TreeMap<>();

  /** Those of them, and of the gone, that readers are inside. */
  private final Set<Block> entered = new HashSet<>();

  private final Deque<Block> queue = new ArrayDeque<>();
  private final Outcomes outcomes;
  private final Room room;
  private final Segments segments;

  /** The number after the last record of the last block that has ended. */
  private long nextRecord;

  private long spilledBytes;
  private int passes;
  private boolean stopped;

  /** Every record below is released; written under the lock. */
  private volatile long firstKept;

  /** What an operation gives back once the lock is free, since unlinking and zeroing take time. */
  private final class Leavings {
    private final List<Segment> ended = new ArrayList<>();
    private final List<byte[]> memory = new ArrayList<>();
    private final List<byte[]> staging = new ArrayList<>();

    void giveBack() {
      for (var segment : ended) {
        segment.close();
      }
      giveBack(memory, false);
      giveBack(staging, true);
    }

    private void giveBack(List<byte[]> payloads, boolean spilled) {
      for (var payload : payloads) {
        Arrays.fill(payload, (byte) 0);
        synchronized (Blocks.this) {
          room.giveMemory(spilled, payload);
        }
      }
    }
  }

  Blocks(SpillPlan plan, Ledger ledger) {
    this.plan = plan;
    this.ledger = ledger;
    this.outcomes = new Outcomes(ledger);
    this.room = new Room(plan, ledger);
    this.segments = new Segments(plan.segmentBlocks());
  }

  // The writer.

  /** Begins another block, when the one before has ended; null, and counted, when none may be. */
  synchronized @Nullable Block next() {
    var block = stopped ? null : room.take(nextRecord);
    if (block == null) {
      outcomes.refuse(stopped ? Loss.STOPPED : Loss.NO_ROOM);
    } else {
      live.put(nextRecord, block);
    }
    return block;
  }

  synchronized Vacancy vacancy() {
    return stopped ? Vacancy.NEVER : room.vacancy();
  }

  synchronized void refuse(Loss loss) {
    outcomes.refuse(loss);
  }

  /** Ends the block that is being filled, if there is one. */
  void end() {
    end(false);
  }

  /** Takes no record any more; from any thread. */
  void stop() {
    end(true);
  }

  private void end(boolean stop) {
    var leavings = new Leavings();
    synchronized (this) {
      stopped |= stop;
      var last = live.lastEntry();
      if (last != null && last.getValue().state == State.FILLING) {
        end(last.getValue());
        // It may have been released to its end while it was being filled. What lies before it is
        // left to whoever releases: the writer unlinks no file.
        if (live.size() == 1) {
          releaseSome(leavings);
        }
      }
      notifyAll();
    }
    leavings.giveBack();
  }

  private void end(Block block) {
    block.end();
    nextRecord = block.endRecord();
    block.state = block.spills ? State.QUEUED : State.MEMORY;
    if (block.spills) {
      queue.addLast(block);
    }
  }

  // Whoever drains.

  synchronized @Nullable Block takeQueued() {
    for (var block = queue.pollFirst(); block != null; block = queue.pollFirst()) {
      if (block.state == State.QUEUED) {
        block.isWritten = true;
        return block;
      }
    }
    return null;
  }

  /** Gives a block its place on disk in a segment of the drainer's; makes files unlocked. */
  Segment place(Block block, int drainer, Segments.Opener opener) throws IOException {
    long number;
    synchronized (this) {
      var segment = segments.place(block, drainer);
      if (segment != null) {
        return segment;
      }
      number = segments.newNumber();
    }
    var opened = opener.open(number);
    synchronized (this) {
      segments.begin(opened, drainer);
      segments.place(block, drainer);
      return opened;
    }
  }

  void written(Block block) {
    var leavings = new Leavings();
    synchronized (this) {
      spilledBytes += plan.blockBytes();
      ledger.tally(SpillCounter.SPILLED_BYTES).set(spilledBytes);
      block.isWritten = false;
      if (block.state == State.QUEUED) {
        block.state = State.DISK;
        leaveMemory(block, leavings);
      } else {
        leave(block, leavings);
      }
    }
    leavings.giveBack();
  }

  void notWritten(Block block, Loss loss) {
    var leavings = new Leavings();
    synchronized (this) {
      // What follows would be written behind a hole.
      segments.abandon(block.segment);
      block.isWritten = false;
      if (block.state == State.QUEUED) {
        live.remove(block.firstRecord);
        outcomes.lose(block, loss);
        block.state = State.GONE;
      }
      leave(block, leavings);
    }
    leavings.giveBack();
  }

  /** Waits until there is a block to drain; false when there is none, and none will be. */
  boolean awaitQueued(long nanos) throws InterruptedException {
    return await(nanos, () -> !queue.isEmpty());
  }

  /** Waits until a condition is met, time is over, or it will never be met: then returns false. */
  private synchronized boolean await(long nanos, BooleanSupplier condition)
      throws InterruptedException {
    var deadline = System.nanoTime() + nanos;
    var left = nanos;
    while (!condition.getAsBoolean() && !stopped && left > 0) {
      TimeUnit.NANOSECONDS.timedWait(this, left);
      left = deadline - System.nanoTime();
    }
    return condition.getAsBoolean() || !stopped;
  }

  // Readers.

  synchronized void countPass() {
    if (passes == plan.passes()) {
      throw new IllegalStateException(
          "the %d declared passes are used up: declare more with passes(n)"
              .formatted(plan.passes()));
    }
    passes++;
  }

  synchronized int passesLeft() {
    return plan.passes() - passes;
  }

  /** Every record below is released. */
  long firstKept() {
    return firstKept;
  }

  /** Enters the block of a record, or of the next there is, whose memory then stays as it is. */
  synchronized @Nullable Block enter(long record) {
    var block = find(record);
    if (block != null) {
      block.readers++;
      entered.add(block);
    }
    return block;
  }

  /** Finds the block of a record, or of the next there is; the one being filled may get there. */
  private @Nullable Block find(long record) {
    var at = live.floorEntry(record);
    if (at != null && (record < at.getValue().endRecord() || !at.getValue().hasEnded())) {
      return at.getValue();
    }
    var after = live.higherEntry(record);
    return after == null ? null : after.getValue();
  }

  /** Returns an entered block's bytes, if they are in memory. */
  synchronized byte @Nullable [] payload(Block block) {
    return block.payload;
  }

  /** Returns an entered block's segment, if it is on disk. */
  synchronized @Nullable Segment segment(Block block) {
    return block.segment;
  }

  /** Returns those of the next blocks after one that lie on disk; where, each says by itself. */
  synchronized List<Block> storedAfter(Block block, int most) {
    return live.tailMap(block.firstRecord, false).values().stream()
        .limit(most)
        .filter(after -> after.state == State.DISK)
        .toList();
  }

  void exit(Block block) {
    var leavings = new Leavings();
    synchronized (this) {
      outcomes.settle(block);
      block.readers--;
      if (block.readers == 0) {
        entered.remove(block);
        if (block.state == State.DISK || block.state == State.GONE) {
          leaveMemory(block, leavings);
        }
      }
    }
    leavings.giveBack();
  }

  void damaged(Block block, Loss loss) {
    var leavings = new Leavings();
    synchronized (this) {
      // Another reader may have found it so, or it may have been released meanwhile.
      if (block.state == State.DISK) {
        live.remove(block.firstRecord);
        outcomes.lose(block, loss);
        block.state = State.GONE;
        leave(block, leavings);
      }
    }
    leavings.giveBack();
  }

  /** Waits until there is a record to read; false when there is none, and none will be. */
  boolean awaitReadable(long record, long nanos) throws InterruptedException {
    return await(nanos, () -> hasFrom(record));
  }

  synchronized boolean isOver(long record) {
    return stopped && !hasFrom(record);
  }

  private boolean hasFrom(long record) {
    var kept = Math.max(record, firstKept);
    var block = find(kept);
    return block != null && kept < block.endRecord();
  }

  // Giving back.

  void release(long upTo) {
    boolean more;
    do {
      var leavings = new Leavings();
      synchronized (this) {
        firstKept = Math.max(firstKept, Math.min(upTo, taken()));
        more = releaseSome(leavings);
      }
      leavings.giveBack();
    } while (more);
  }

  /** Lets some blocks go that lie below the first record kept; returns whether there are more. */
  private boolean releaseSome(Leavings leavings) {
    for (var i = 0; i < RELEASED_AT_ONCE; i++) {
      var first = live.firstEntry();
      if (first == null) {
        return false;
      }
      var block = first.getValue();
      if (!block.hasEnded() || block.endRecord() > firstKept) {
        outcomes.releaseFirst(block, (int) Math.max(0, firstKept - block.firstRecord));
        return false;
      }
      live.pollFirstEntry();
      outcomes.end(block, Loss.RELEASED);
      block.state = State.GONE;
      if (!block.isWritten) { // Or else the drainer finds it gone.
        leave(block, leavings);
      }
    }
    return true;
  }

  /** Gives back all that a gone block takes. */
  private void leave(Block block, Leavings leavings) {
    leaveMemory(block, leavings);
    if (block.spills) {
      room.giveDisk(segments.leave(block, leavings.ended));
    }
  }

  /** Gives the block's memory back, unless someone is inside: then whoever leaves last does. */
  private static void leaveMemory(Block block, Leavings leavings) {
    var payload = block.payload;
    if (payload != null && block.readers == 0 && !block.isWritten) {
      block.payload = null;
      (block.spills ? leavings.staging : leavings.memory).add(payload);
    }
  }

  /** Destroys every key and all memory; when the store has stopped, and no drainer is inside. */
  void close() {
    var leavings = new Leavings();
    synchronized (this) {
      for (var block : live.values()) {
        outcomes.end(block, Loss.CLOSED);
        block.state = State.GONE;
        leave(block, leavings);
      }
      live.clear();
      queue.clear();
    }
    leavings.giveBack();
    synchronized (this) {
      room.forget();
    }
  }

  // Whoever looks.

  synchronized long spilledBytes() {
    return spilledBytes;
  }

  synchronized Accounting accounting() {
    entered.forEach(outcomes::settle);
    return outcomes.accounting(taken());
  }

  private long taken() {
    var last = live.lastEntry();
    return last == null ? nextRecord : Math.max(nextRecord, last.getValue().endRecord());
  }
}
