package dev.cloister.sandbox.guest;

import dev.cloister.core.internal.Deadline;
import dev.cloister.sandbox.guest.FrameReader.Frame;
import dev.cloister.sandbox.runtime.Turn;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/**
 * The guest of a channel while it waits for a message, and what its borrower left to be done. One
 * that borrows it never gets stuck: he writes no more than the pipe has room for, and reads only
 * what is there.
 */
final class Lent implements Turn {
  /** How long a borrower may take to see that he is recalled, or was interrupted. */
  private static final Duration SLICE = Duration.ofMillis(20);

  /** The longest answer to the sending of a message: that it was refused. */
  private static final int ANSWER_BYTES = GuestChannel.HEAD_BYTES + Answer.TEXT_BYTES;

  private final GuestChannel channel;
  private final Pipes pipes;
  private boolean taken;
  private volatile boolean recalled;
  private Optional<Frame> left = Optional.empty();
  private Optional<Ended> end = Optional.empty();

  /** Whether the guest takes no answer any more: what it said last is waited for by the lender. */
  private boolean unheard;

  Lent(GuestChannel channel, Pipes pipes) {
    this.channel = channel;
    this.pipes = pipes;
  }

  /** Makes ready to be borrowed once. */
  void begin() {
    taken = false;
    recalled = false;
  }

  boolean wasTaken() {
    return taken;
  }

  /** The frame that the borrower read and left to the lender, or the end that he saw. */
  Optional<Frame> takeLeft() throws Ended {
    if (end.isPresent()) {
      throw end.get();
    }
    if (unheard) {
      unheard = false;
      throw channel.unheard();
    }
    var frame = left;
    left = Optional.empty();
    return frame;
  }

  @Override
  public boolean fits(int bytes) {
    return pipes.haveRoom(GuestChannel.HEAD_BYTES + bytes);
  }

  @Override
  public void take(byte[] message, Duration atMost) throws InterruptedException {
    taken = true;
    try {
      channel.write(Answer.ok(message));
      serve(Deadline.in(atMost));
    } catch (IOException _) {
      unheard = true;
    } catch (Ended e) {
      end = Optional.of(e);
    }
  }

  private void serve(Deadline deadline) throws Ended, IOException, InterruptedException {
    while (left.isEmpty() && !recalled && !deadline.hasPassed()) {
      var frame = channel.more(() -> pipes.haveOutput(slice(deadline)));
      if (frame.isPresent()) {
        if (!GuestChannel.isMessage(frame.get()) || !pipes.haveRoom(ANSWER_BYTES)) {
          left = frame;
        } else {
          carry(frame.get());
          return;
        }
      }
      if (Thread.interrupted()) {
        throw new InterruptedException("interrupted while the function was at work");
      }
    }
  }

  private static Duration slice(Deadline deadline) {
    return Duration.ofNanos(Math.clamp(deadline.nanosLeft(), 0, SLICE.toNanos()));
  }

  /** A message is taken at once: there is room for one as long as nobody has sent any. */
  private void carry(Frame message) throws Ended, IOException {
    try {
      channel.write(channel.carried(message));
    } catch (InterruptedException _) {
      // Not this thread: the cell is ending.
      throw new Ended(new GuestEnd.Stopped());
    }
  }

  @Override
  public void recall() {
    recalled = true;
  }
}
