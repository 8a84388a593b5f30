package dev.cloister.sandbox.runtime.wasm;

import dev.cloister.sandbox.guest.DirectCalls;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Where a guest's thread lays its calls, and the thread that runs the guest takes them: so that no
 * code of the host is ever run on a stack that a guest has filled.
 */
final class Desk {
  /** How deep {@link #needRoom} goes: some kilobytes of stack, more than laying a call takes. */
  private static final int ROOM = 64;

  /** What the thread that runs the guest does for it. */
  @FunctionalInterface
  interface Call<T> {
    T carry(DirectCalls calls) throws InterruptedException;
  }

  /** A call, and what came of it. */
  static final class Question<T> {
    private final Call<T> call;
    private @Nullable T answer;

    private Question(Call<T> call) {
      this.call = call;
    }

    void carry(DirectCalls calls) throws InterruptedException {
      answer = call.carry(calls);
    }
  }

  private @Nullable Question<?> question;
  private boolean isAnswered;
  private boolean left;

  /** Lays a call, and waits for what comes of it; an interrupt takes back one that nobody took. */
  <T> T ask(Call<T> call) throws InterruptedException {
    needRoom(ROOM);
    return laid(new Question<>(call));
  }

  /** Lets a stack that is nearly full overflow here, where nothing is half done. */
  private static int needRoom(int depth) {
    return depth == 0 ? 0 : 1 + needRoom(depth - 1);
  }

  private synchronized <T> T laid(Question<T> asked) throws InterruptedException {
    isAnswered = false;
    question = asked;
    notifyAll();
    try {
      while (!isAnswered) {
        wait();
      }
    } finally {
      question = null;
    }
    return Objects.requireNonNull(asked.answer);
  }

  /**
   * Waits for the next call, and takes it: one that was cut off is not carried again. Empty when
   * the guest's thread comes to its end.
   */
  synchronized Optional<Question<?>> next() throws InterruptedException {
    while (question == null && !left) {
      wait();
    }
    var taken = question;
    question = null;
    return left ? Optional.empty() : Optional.ofNullable(taken);
  }

  /** Says that the call that {@link #next} gave last was carried. */
  synchronized void answered() {
    isAnswered = true;
    notifyAll();
  }

  /** Says that no call comes any more. */
  synchronized void leave() {
    left = true;
    notifyAll();
  }
}
