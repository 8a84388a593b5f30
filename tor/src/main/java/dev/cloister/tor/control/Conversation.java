package dev.cloister.tor.control;

import dev.cloister.core.internal.Deadline;
import java.io.EOFException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Commands, their answers in the order of the commands, and events between them, on one link.
 * Nothing is read unless somebody waits: of those who do, one reads for all. An answer that comes
 * after its command has stopped waiting is dropped, and the next is still the next one's. Safe for
 * use by many threads.
 */
final class Conversation {
  /** How many commands wait for their answers; further ones are refused. */
  static final int WAITING_MOST = 256;

  private static final int READ_BYTES = 1 << 14;

  private final ControlLink link;
  private final ControlLimits limits;
  private final Consumer<Reply> events;
  private final ReplyReader reader;
  private final ByteBuffer chunk = ByteBuffer.allocate(READ_BYTES);

  /** Held while a command is written, so that commands and their answers have one order. */
  private final ReentrantLock writing = new ReentrantLock(true);

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  /** Guarded by the lock, as are the next two: commands without an answer. */
  private final Deque<Pending> pending = new ArrayDeque<>();

  private boolean isReading;
  private @Nullable IOException ended;

  /** A command that waits; guarded by the lock. */
  private static final class Pending {
    private @Nullable Reply reply;
  }

  /**
   * Begins a conversation.
   *
   * @param events takes each event, with the lock held; must not block
   */
  Conversation(ControlLink link, ControlLimits limits, Consumer<Reply> events) {
    this.link = link;
    this.limits = limits;
    this.events = events;
    this.reader = new ReplyReader(limits, this::take);
  }

  /** Sends a command and waits for its answer, whatever it is; wipes the command. */
  Reply ask(Command command) throws IOException {
    var deadline = Deadline.in(limits.answerIn());
    var waiting = send(command, deadline);
    return await(() -> Optional.ofNullable(waiting.reply), deadline)
        .orElseThrow(() ->
            new SocketTimeoutException(
                "tor gave no answer to %s within %s".formatted(command.verb(), limits.answerIn())));
  }

  private Pending send(Command command, Deadline deadline) throws IOException {
    writing.lock();
    try {
      var waiting = enqueue();
      try {
        link.write(command.bytes(), Math.max(1, deadline.nanosLeft()));
      } catch (IOException e) {
        end(e);
        throw e;
      }
      return waiting;
    } finally {
      command.wipe();
      writing.unlock();
    }
  }

  private Pending enqueue() throws IOException {
    lock.lock();
    try {
      throwIfEnded();
      if (pending.size() >= WAITING_MOST) {
        throw new IOException(
            "%d commands wait for tor's answers already: it is dead or slow"
                .formatted(WAITING_MOST));
      }
      var waiting = new Pending();
      pending.add(waiting);
      return waiting;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits for something, and reads meanwhile if nobody else does; looks once even when the deadline
   * has passed.
   *
   * @param what asked with the lock held
   * @return it; empty when it did not come before the deadline
   * @throws IOException when the conversation has ended without it
   */
  <T> Optional<T> await(Supplier<Optional<T>> what, Deadline deadline) throws IOException {
    lock.lock();
    try {
      var found = what.get();
      for (var isLast = false; found.isEmpty() && !isLast; found = what.get()) {
        throwIfEnded();
        isLast = deadline.hasPassed();
        if (isReading) {
          awaitReader(deadline);
        } else {
          readOnce(deadline);
        }
      }
      return found;
    } finally {
      lock.unlock();
    }
  }

  /** Waits once; the loop is the caller's. */
  @SuppressWarnings("WaitNotInLoop")
  private void awaitReader(Deadline deadline) throws InterruptedIOException {
    try {
      var _ = changed.awaitNanos(deadline.nanosLeft());
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while waiting for tor");
    }
  }

  /** Lets the lock go while it reads; what came is given out with the lock held again. */
  private void readOnce(Deadline deadline) throws IOException {
    isReading = true;
    var count = 0;
    try {
      lock.unlock();
      try {
        count = link.read(chunk.clear(), Math.max(0, deadline.nanosLeft()));
      } finally {
        lock.lock();
      }
      if (count < 0) {
        throw new EOFException(
            "tor closed the control connection"
                + (reader.isInside() ? " in the middle of an answer" : ""));
      }
      reader.read(chunk.flip());
    } catch (InterruptedIOException e) {
      throw e;
    } catch (IOException e) {
      end(e);
    } finally {
      isReading = false;
      changed.signalAll();
    }
  }

  /** Gives a reply to whom it belongs; the lock is held. */
  private void take(Reply reply) {
    if (reply.isEvent()) {
      events.accept(reply);
      return;
    }
    var waiting = pending.poll();
    if (waiting == null) {
      end(new ControlViolation("an answer that nobody asked for"));
    } else {
      waiting.reply = reply;
    }
  }

  private void throwIfEnded() throws IOException {
    if (ended != null) {
      throw new IOException(ended.getMessage(), ended);
    }
  }

  /** Ends the conversation for the reason given, unless it has ended already. */
  void end(IOException reason) {
    lock.lock();
    try {
      if (ended == null) {
        ended = reason;
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    try {
      link.close();
    } catch (IOException e) {
      reason.addSuppressed(e);
    }
  }

  boolean hasEnded() {
    lock.lock();
    try {
      return ended != null;
    } finally {
      lock.unlock();
    }
  }

  /** Looks at something that events change; they are given out with the same lock held. */
  <T> T locked(Supplier<T> look) {
    lock.lock();
    try {
      return look.get();
    } finally {
      lock.unlock();
    }
  }
}
