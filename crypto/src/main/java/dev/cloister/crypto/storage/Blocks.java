package dev.cloister.crypto.storage;

import dev.cloister.core.ledger.Ledger;
import dev.cloister.crypto.storage.Block.State;
import dev.cloister.crypto.storage.SpillStore.Accounting;
import dev.cloister.crypto.storage.SpillStore.Room;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Which blocks there are, where each is, and what became of its records. Everything is under one
 * lock, under which nothing is read, written, encrypted or waited for; it is taken once a block,
 * not once a record.
 */
final class Blocks {
  private final SpillPlan plan;
  private final Ledger ledger;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition queuedOrStopped = lock.newCondition();
  private final Condition readableOrStopped = lock.newCondition();

  /** Blocks that are not released, by their first record. */
  private final TreeMap<Long, Block> live = new TreeMap<>();

  private final Deque<Block> queue = new ArrayDeque<>();
  private final Deque<byte[]> spare = new ArrayDeque<>();
  private final Map<Loss, Long> losses = new EnumMap<>(Loss.class);
  private @Nullable Segment current;
  private long segments;
  private long nextRecord;
  private long firstKept;
  private long memoryUsed;
  private long stagingUsed;
  private long diskUsed;
  private long spilledBytes;
  private long readOfReleased;
  private int passes;
  private boolean finished;
  private boolean closed;
  private volatile boolean stopped;

  /** Makes a segment's file and key. */
  interface SegmentOpener {
    Segment open(long number) throws IOException;
  }

  Blocks(SpillPlan plan, Ledger ledger) {
    this.plan = plan;
    this.ledger = ledger;
    for (var loss : Loss.values()) {
      losses.put(loss, 0L);
    }
  }

  boolean isStopped() {
    return stopped;
  }

  // The writer.

  /** Ends the block that was being filled and begins another; null when there is no room. */
  @Nullable Block next(@Nullable Block filled) {
    lock.lock();
    try {
      end(filled);
      if (stopped || finished) {
        count(Loss.STOPPED, 1);
        return null;
      }
      var spills = memoryUsed >= plan.memoryBlocks();
      if (spills && !mayStage()) {
        count(Loss.NO_ROOM, 1);
        return null;
      }
      var block = new Block(nextRecord, spills, takeSpare());
      if (spills) {
        stagingUsed++;
        diskUsed++;
      } else {
        memoryUsed++;
      }
      live.put(block.firstRecord, block);
      gauge();
      return block;
    } finally {
      lock.unlock();
    }
  }

  private boolean mayStage() {
    return stagingUsed < SpillPlan.STAGING_BLOCKS && diskUsed < plan.diskBlocks();
  }

  private byte[] takeSpare() {
    var array = spare.pollLast();
    return array != null ? array : new byte[plan.blockBytes() - BlockCodec.OVERHEAD_BYTES];
  }

  private void end(@Nullable Block filled) {
    if (filled == null || filled.state != State.FILLING) {
      return;
    }
    nextRecord = filled.endRecord();
    filled.state = filled.spills ? State.QUEUED : State.MEMORY;
    filled.full = true;
    if (filled.spills) {
      queue.addLast(filled);
      queuedOrStopped.signalAll();
    }
    readableOrStopped.signalAll();
  }

  Room room() {
    lock.lock();
    try {
      if (stopped || finished) {
        return Room.NEVER;
      }
      if (memoryUsed < plan.memoryBlocks() || mayStage()) {
        return Room.NOW;
      }
      return diskUsed < plan.diskBlocks() ? Room.AFTER_DRAIN : Room.AFTER_RELEASE;
    } finally {
      lock.unlock();
    }
  }

  void refuse(Loss loss) {
    lock.lock();
    try {
      count(loss, 1);
    } finally {
      lock.unlock();
    }
  }

  void finish(@Nullable Block filled) {
    lock.lock();
    try {
      end(filled);
      finished = true;
      queuedOrStopped.signalAll();
      readableOrStopped.signalAll();
    } finally {
      lock.unlock();
    }
  }

  // Whoever drains.

  @Nullable Block takeQueued() {
    lock.lock();
    try {
      for (var block = queue.pollFirst(); block != null; block = queue.pollFirst()) {
        if (block.state == State.QUEUED) {
          block.state = State.WRITING;
          return block;
        }
      }
      return null;
    } finally {
      lock.unlock();
    }
  }

  /** Gives a block its place on disk; called by one drainer at a time, and makes files unlocked. */
  Segment place(Block block, SegmentOpener opener) throws IOException {
    while (true) {
      var segment = segmentWithRoom();
      if (segment == null) {
        segment = opener.open(newNumber());
      }
      lock.lock();
      try {
        if (!segment.retired) {
          current = segment;
          block.segment = segment;
          block.index = segment.placed++;
          segment.live++;
          return segment;
        }
      } finally {
        lock.unlock();
      }
    }
  }

  private @Nullable Segment segmentWithRoom() {
    lock.lock();
    try {
      return current != null && current.placed < plan.segmentBlocks() ? current : null;
    } finally {
      lock.unlock();
    }
  }

  private long newNumber() {
    lock.lock();
    try {
      return segments++;
    } finally {
      lock.unlock();
    }
  }

  void written(Block block) {
    var retired = new ArrayList<Segment>();
    lock.lock();
    try {
      spilledBytes += plan.blockBytes();
      ledger.tally(SpillCounter.SPILLED_BYTES).set(spilledBytes);
      if (block.state == State.WRITING) {
        block.state = State.DISK;
        recycle(block);
      } else {
        // Released while it was being written.
        recycle(block);
        leaveSegment(block, retired);
      }
      gauge();
    } finally {
      lock.unlock();
    }
    close(retired);
  }

  void notWritten(Block block, Loss loss) {
    var retired = new ArrayList<Segment>();
    lock.lock();
    try {
      // What follows would be written behind a hole.
      current = null;
      if (block.state == State.WRITING) {
        lose(block, loss, retired);
      } else {
        recycle(block);
        leaveSegment(block, retired);
      }
      gauge();
    } finally {
      lock.unlock();
    }
    close(retired);
  }

  boolean awaitQueued(long nanos) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      var left = nanos;
      while (queue.isEmpty() && !stopped && !finished && left > 0) {
        left = queuedOrStopped.awaitNanos(left);
      }
      return !queue.isEmpty() || !(stopped || finished);
    } finally {
      lock.unlock();
    }
  }

  // Readers.

  void countPass() {
    lock.lock();
    try {
      if (passes == plan.passes()) {
        throw new IllegalStateException(
            "the %d declared passes are used up: declare more with passes(n)"
                .formatted(plan.passes()));
      }
      passes++;
    } finally {
      lock.unlock();
    }
  }

  /** Finds the block that holds a record, or the next there is, and keeps its memory from reuse. */
  @Nullable Block pin(long record) {
    lock.lock();
    try {
      var entry = live.floorEntry(record);
      var block = entry == null ? null : entry.getValue();
      if (block == null || (block.full && record >= block.endRecord())) {
        var after = live.higherEntry(record);
        block = after == null ? null : after.getValue();
      }
      while (block != null && block.state == State.LOST) {
        var after = live.higherEntry(block.firstRecord);
        block = after == null ? null : after.getValue();
      }
      if (block != null) {
        block.pins++;
      }
      return block;
    } finally {
      lock.unlock();
    }
  }

  /** Returns a pinned block's bytes, if they are in memory: then they stay there. */
  byte @Nullable [] payload(Block block) {
    lock.lock();
    try {
      return block.state == State.RELEASED || block.state == State.LOST ? null : block.payload;
    } finally {
      lock.unlock();
    }
  }

  @Nullable Segment segment(Block block) {
    lock.lock();
    try {
      return block.state == State.DISK ? block.segment : null;
    } finally {
      lock.unlock();
    }
  }

  void unpin(Block block) {
    lock.lock();
    try {
      block.pins--;
      if (block.state == State.DISK || block.state == State.RELEASED || block.state == State.LOST) {
        recycle(block);
      }
    } finally {
      lock.unlock();
    }
  }

  void damaged(Block block, Loss loss) {
    var retired = new ArrayList<Segment>();
    lock.lock();
    try {
      if (block.state == State.DISK) {
        lose(block, loss, retired);
        gauge();
      }
    } finally {
      lock.unlock();
    }
    close(retired);
  }

  boolean awaitReadable(long record, long nanos) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      var left = nanos;
      while (record >= nextRecord && !stopped && !finished && left > 0) {
        left = readableOrStopped.awaitNanos(left);
      }
      return !isOver(record);
    } finally {
      lock.unlock();
    }
  }

  boolean isOver(long record) {
    lock.lock();
    try {
      return closed || ((finished || stopped) && record >= taken());
    } finally {
      lock.unlock();
    }
  }

  private long taken() {
    var last = live.lastEntry();
    return last == null ? nextRecord : Math.max(nextRecord, last.getValue().endRecord());
  }

  // Giving back.

  void release(long upTo) {
    var retired = new ArrayList<Segment>();
    lock.lock();
    try {
      firstKept = Math.max(firstKept, upTo);
      while (!live.isEmpty()) {
        var block = live.firstEntry().getValue();
        if (!block.full || block.endRecord() > firstKept) {
          break;
        }
        live.pollFirstEntry();
        give(block, retired);
      }
      gauge();
    } finally {
      lock.unlock();
    }
    close(retired);
  }

  private void give(Block block, List<Segment> retired) {
    var before = block.state;
    if (before != State.LOST) {
      readOfReleased += block.read();
      count(Loss.RELEASED, block.records() - block.read());
    }
    block.state = State.RELEASED;
    switch (before) {
      case MEMORY -> recycle(block);
      case QUEUED -> {
        diskUsed--;
        recycle(block);
      }
      case DISK -> {
        recycle(block);
        leaveSegment(block, retired);
      }
      case LOST -> {}
      // Whoever writes it finds it released.
      case WRITING -> {}
      case FILLING, RELEASED -> throw new IllegalStateException("released in state " + before);
    }
  }

  private void lose(Block block, Loss loss, List<Segment> retired) {
    block.state = State.LOST;
    readOfReleased += block.read();
    count(loss, block.records() - block.read());
    recycle(block);
    leaveSegment(block, retired);
  }

  private void leaveSegment(Block block, List<Segment> retired) {
    var segment = block.segment;
    if (segment == null) {
      diskUsed--;
      return;
    }
    block.segment = null;
    segment.live--;
    if (segment.live == 0) {
      diskUsed -= segment.placed;
      if (segment == current) {
        current = null;
      }
      retire(segment, retired);
    }
  }

  private static void retire(Segment segment, List<Segment> retired) {
    segment.retired = true;
    retired.add(segment);
  }

  /** Gives the block's memory back, unless a reader is inside: then that reader does. */
  private void recycle(Block block) {
    var payload = block.payload;
    if (payload == null || block.pins > 0) {
      return;
    }
    block.payload = null;
    Arrays.fill(payload, (byte) 0);
    if (block.spills) {
      stagingUsed--;
    } else {
      memoryUsed--;
    }
    spare.addLast(payload);
  }

  private static void close(List<Segment> retired) {
    for (var segment : retired) {
      try {
        segment.close();
      } catch (IOException _) {
        // Its key is destroyed; the file is removed with the directory.
      }
    }
  }

  private void count(Loss loss, long records) {
    if (records > 0) {
      var total = losses.merge(loss, records, Long::sum);
      ledger.tally(loss).set(total);
    }
  }

  private void gauge() {
    ledger.tally(SpillCounter.MEMORY_BYTES).set((memoryUsed + stagingUsed) * plan.blockBytes());
    ledger.tally(SpillCounter.DISK_BYTES).set(diskUsed * plan.blockBytes());
  }

  long spilledBytes() {
    lock.lock();
    try {
      return spilledBytes;
    } finally {
      lock.unlock();
    }
  }

  Accounting accounting(long offered) {
    lock.lock();
    try {
      var read = readOfReleased;
      var resident = 0L;
      for (var block : live.values()) {
        if (block.state != State.LOST) {
          var given = block.read();
          read += given;
          resident += block.records() - given;
        }
      }
      return new Accounting(offered, read, resident, losses(true), losses(false));
    } finally {
      lock.unlock();
    }
  }

  private long losses(boolean refusals) {
    var sum = 0L;
    for (var loss : losses.entrySet()) {
      if (loss.getKey().isRefusal() == refusals) {
        sum += loss.getValue();
      }
    }
    return sum;
  }

  // The end.

  void stop() {
    lock.lock();
    try {
      stopped = true;
      queuedOrStopped.signalAll();
      readableOrStopped.signalAll();
    } finally {
      lock.unlock();
    }
  }

  void close() {
    var retired = new ArrayList<Segment>();
    lock.lock();
    try {
      closed = true;
      for (var block : live.values()) {
        if (block.segment != null && !block.segment.retired) {
          retire(block.segment, retired);
        }
        if (block.state != State.LOST) {
          readOfReleased += block.read();
          count(Loss.CLOSED, block.records() - block.read());
        }
        if (block.payload != null) {
          Arrays.fill(block.payload, (byte) 0);
          block.payload = null;
        }
      }
      live.clear();
      queue.clear();
      spare.clear();
      memoryUsed = 0;
      stagingUsed = 0;
      diskUsed = 0;
      gauge();
    } finally {
      lock.unlock();
    }
    close(retired);
  }
}
