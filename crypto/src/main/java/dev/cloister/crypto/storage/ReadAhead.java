package dev.cloister.crypto.storage;

import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * Reads stored blocks for a reader: the one it asks for, and, where there is an executor, the one
 * after it meanwhile. What it holds is as encrypted as on the disk; it knows no key. What could not
 * be read ahead is read again when it is asked for, and what an executor does not come to, its
 * asker does: nothing waits for a thread that is not reading. For one thread.
 */
final class ReadAhead implements AutoCloseable {
  private final Optional<Executor> executor;
  private DiskBuffer asked;

  /** What is read ahead goes here; the same as the other where nothing is. */
  private DiskBuffer following;

  private @Nullable Ahead ahead;

  /** A block that is being read, or was, unless it could not be. */
  private record Ahead(Segment segment, int index, FutureTask<Boolean> reading) {}

  ReadAhead(int blockBytes, Optional<Executor> executor) {
    this.executor = executor;
    this.asked = new DiskBuffer(blockBytes);
    this.following = executor.isPresent() ? new DiskBuffer(blockBytes) : asked;
  }

  /** Returns a stored block, which is valid until the next call. */
  byte[] read(Segment segment, int index) throws BlockDamaged {
    if (!wasReadAhead(segment, index)) {
      segment.read(index, asked);
    }
    return asked.block;
  }

  private boolean wasReadAhead(Segment segment, int index) {
    var begun = ahead;
    ahead = null;
    if (begun == null || !isRead(begun.reading)) {
      return false;
    }
    var buffer = following;
    following = asked;
    asked = buffer;
    return begun.segment == segment && begun.index == index;
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

  /** Begins to read the block that will be asked for next. */
  void begin(Segment segment, int index) {
    if (executor.isEmpty() || ahead != null) {
      return;
    }
    var buffer = following;
    var reading =
        new FutureTask<>(() -> {
          segment.read(index, buffer);
          return true;
        });
    ahead = new Ahead(segment, index, reading);
    try {
      executor.get().execute(reading);
    } catch (RejectedExecutionException _) {
      // Whoever asks for it reads it.
    }
  }

  /** Reads no more; what is being read is left to itself. */
  @Override
  public void close() {
    if (ahead != null) {
      ahead.reading.cancel(false);
      ahead = null;
    }
  }
}
