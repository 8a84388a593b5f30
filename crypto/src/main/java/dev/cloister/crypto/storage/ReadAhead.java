package dev.cloister.crypto.storage;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;

/**
 * Reads stored blocks for a reader: the one it asks for, and, where there is an executor, those
 * after it meanwhile, two at once, so that the disk has work while one is handed over. What it
 * holds is as encrypted as on the disk; it knows no key. What could not be read ahead is read again
 * when it is asked for, and what an executor does not come to, its asker does: nothing waits for a
 * thread that is not reading. For one thread.
 */
final class ReadAhead implements AutoCloseable {
  /** How many blocks are read ahead. */
  static final int DEPTH = 2;

  private final Optional<Executor> executor;
  private DiskBuffer asked;

  /** What was begun, the first to be asked for first. */
  private final Deque<Ahead> ahead = new ArrayDeque<>();

  private final Deque<DiskBuffer> idle = new ArrayDeque<>();

  /** A block that is being read, or was, unless it could not be. */
  private record Ahead(Segment segment, int index, DiskBuffer buffer, FutureTask<Boolean> reading) {
    boolean is(Segment other, int place) {
      return segment == other && index == place;
    }
  }

  ReadAhead(int blockBytes, Optional<Executor> executor) {
    this.executor = executor;
    this.asked = new DiskBuffer(blockBytes);
    for (var i = 0; i < DEPTH && executor.isPresent(); i++) {
      idle.add(new DiskBuffer(blockBytes));
    }
  }

  /** Returns a stored block, which is valid until the next call. */
  byte[] read(Segment segment, int index) throws BlockDamaged {
    if (!wasReadAhead(segment, index)) {
      segment.read(index, asked);
    }
    return asked.block;
  }

  private boolean wasReadAhead(Segment segment, int index) {
    for (var begun = ahead.poll(); begun != null; begun = ahead.poll()) {
      if (isRead(begun.reading) && begun.is(segment, index)) {
        idle.add(asked);
        asked = begun.buffer;
        return true;
      }
      idle.add(begun.buffer);
      if (begun.is(segment, index)) {
        return false;
      }
    }
    return false;
  }

  /** Waits for what was begun, and does it where nobody has begun it. */
  private static boolean isRead(FutureTask<Boolean> reading) {
    reading.run();
    var interrupted = false;
    try {
      while (true) {
        try {
          return reading.get();
        } catch (InterruptedException _) {
          interrupted = true;
        }
      }
    } catch (ExecutionException _) {
      return false;
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Tells whether another block can be begun. */
  boolean hasRoom() {
    return !idle.isEmpty();
  }

  /** Begins to read a block that will be asked for after those begun before, if there is room. */
  void begin(Segment segment, int index) {
    var isBegun = ahead.stream().anyMatch(begun -> begun.is(segment, index));
    var buffer = isBegun ? null : idle.poll();
    if (buffer == null) {
      return;
    }
    var reading =
        new FutureTask<>(() -> {
          segment.read(index, buffer);
          return true;
        });
    ahead.add(new Ahead(segment, index, buffer, reading));
    try {
      executor.ifPresent(threads -> threads.execute(reading));
    } catch (RejectedExecutionException _) {
      // Whoever asks for it reads it.
    }
  }

  /** Reads no more; what is being read is left to itself. */
  @Override
  public void close() {
    ahead.forEach(begun -> begun.reading.cancel(false));
    ahead.clear();
  }
}
