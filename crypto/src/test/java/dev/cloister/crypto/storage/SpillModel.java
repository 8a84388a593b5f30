package dev.cloister.crypto.storage;

import dev.cloister.crypto.storage.SpillStore.Accounting;
import dev.cloister.crypto.storage.SpillStore.Answer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a spill store does, in plain lists that forget nothing: no threads, files, keys, locks, or
 * memory that is used again.
 */
final class SpillModel {
  private final SpillPlan plan;
  private final List<Entry> entries = new ArrayList<>();
  private final List<Part> parts = new ArrayList<>();
  private final Deque<Part> queue = new ArrayDeque<>();
  private final Map<Loss, Long> losses = new EnumMap<>(Loss.class);
  private @Nullable Part filling;
  private @Nullable Run current;
  private boolean finished;
  private int firstKept;

  /** What became of a record that was taken. */
  private enum Fate {
    RESIDENT,
    READ,
    LOST
  }

  /** A record that was taken. */
  private static final class Entry {
    final byte[] record;
    final Part part;
    Fate fate = Fate.RESIDENT;

    Entry(byte[] record, Part part) {
      this.record = record;
      this.part = part;
    }
  }

  /** A block. */
  private static final class Part {
    final boolean spills;
    int bytes;
    int end;
    boolean inMemory = true;
    boolean gone;
    int readers;
    @Nullable Run run;

    Part(boolean spills) {
      this.spills = spills;
    }

    void leaveMemory() {
      inMemory &= readers > 0 || !(gone || run != null);
    }
  }

  /** A segment. */
  private static final class Run {
    int placed;
    int live;
  }

  /** Where a reader is. */
  static final class Cursor {
    private int next;
    private @Nullable Part inside;
  }

  SpillModel(SpillPlan plan) {
    this.plan = plan;
  }

  Answer append(byte[] record) {
    if (record.length > plan.blockBytes() - 52) {
      return drop(Loss.TOO_LARGE);
    }
    if (finished) {
      return drop(Loss.STOPPED);
    }
    var bytes = 4 + record.length;
    var part = filling;
    if (part == null || part.bytes + bytes > plan.blockBytes() - 48) {
      end();
      if (memoryBlocks() >= plan.memoryBytes() / plan.blockBytes()
          && (stagingBlocks() == 8 || diskBlocks() >= plan.diskBytes() / plan.blockBytes())) {
        return drop(Loss.NO_ROOM);
      }
      part = new Part(memoryBlocks() >= plan.memoryBytes() / plan.blockBytes());
      parts.add(part);
      filling = part;
    }
    part.bytes += bytes;
    entries.add(new Entry(record, part));
    part.end = entries.size();
    return part.spills ? Answer.DISK : Answer.MEMORY;
  }

  private Answer drop(Loss loss) {
    losses.merge(loss, 1L, Long::sum);
    return Answer.DROPPED;
  }

  private void end() {
    var part = filling;
    filling = null;
    if (part != null && part.spills) {
      queue.add(part);
    }
    release(0);
  }

  void finish() {
    end();
    finished = true;
  }

  boolean drain() {
    var part = queue.poll();
    while (part != null && part.gone) {
      part = queue.poll();
    }
    if (part == null) {
      return false;
    }
    var run = current;
    if (run == null || run.live == 0 || run.placed == plan.segmentBlocks()) {
      run = new Run();
      current = run;
    }
    run.placed++;
    run.live++;
    part.run = run;
    part.leaveMemory();
    return true;
  }

  /** Returns the record that a reader is given; -1 when there is none now. */
  int next(Cursor cursor) {
    for (var i = Math.max(cursor.next, firstKept); i < entries.size(); i++) {
      var part = entries.get(i).part;
      if (!part.gone) {
        move(cursor, part);
        cursor.next = i + 1;
        entries.subList(0, i + 1).stream()
            .filter(entry -> entry.part == part && entry.fate == Fate.RESIDENT)
            .forEach(entry -> entry.fate = Fate.READ);
        return i;
      }
    }
    move(cursor, filling);
    return -1;
  }

  boolean isOver(Cursor cursor) {
    return finished
        && entries.stream()
            .skip(Math.max(cursor.next, firstKept))
            .allMatch(entry -> entry.part.gone);
  }

  void seek(Cursor cursor, int record) {
    move(cursor, null);
    cursor.next = record;
  }

  private static void move(Cursor cursor, @Nullable Part to) {
    var from = cursor.inside;
    if (from == to) {
      return;
    }
    if (from != null) {
      from.readers--;
      from.leaveMemory();
    }
    if (to != null) {
      to.readers++;
    }
    cursor.inside = to;
  }

  void release(long upTo) {
    firstKept = (int) Math.max(firstKept, Math.min(upTo, entries.size()));
    for (var entry : entries.subList(0, firstKept)) {
      if (entry.fate == Fate.RESIDENT) {
        entry.fate = Fate.LOST;
        losses.merge(Loss.RELEASED, 1L, Long::sum);
      }
    }
    for (var part : parts) {
      if (!part.gone && part != filling && part.end <= firstKept) {
        part.gone = true;
        part.leaveMemory();
        if (part.run != null) {
          part.run.live--;
        }
      }
    }
  }

  byte[] record(int number) {
    return entries.get(number).record;
  }

  int taken() {
    return entries.size();
  }

  private long count(Loss loss) {
    return losses.getOrDefault(loss, 0L);
  }

  Map<Loss, Long> losses() {
    return losses;
  }

  long memoryBlocks() {
    return parts.stream().filter(part -> part.inMemory && !part.spills).count();
  }

  long stagingBlocks() {
    return parts.stream().filter(part -> part.inMemory && part.spills).count();
  }

  /** Those promised, and all of a segment until its last is gone. */
  long diskBlocks() {
    return parts.stream().filter(part -> part.spills && part.run == null && !part.gone).count()
        + filedBlocks();
  }

  long filedBlocks() {
    return parts.stream()
        .map(part -> part.run)
        .filter(run -> run != null && run.live > 0)
        .distinct()
        .mapToLong(run -> run == null ? 0 : run.placed)
        .sum();
  }

  Accounting accounting() {
    var dropped = count(Loss.NO_ROOM) + count(Loss.TOO_LARGE) + count(Loss.STOPPED);
    return new Accounting(
        entries.size() + dropped, of(Fate.READ), of(Fate.RESIDENT), dropped, of(Fate.LOST));
  }

  private long of(Fate fate) {
    return entries.stream().filter(entry -> entry.fate == fate).count();
  }
}
