package dev.cloister.sandbox.runtime.wasm;

import dev.cloister.sandbox.guest.DirectCalls.Reply;
import dev.cloister.sandbox.guest.Request;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Where a guest's thread lays its calls, and the thread that runs the guest takes them: so that no
 * code of the host is ever run on a stack that a guest has filled.
 */
final class Desk {
  /** How deep {@link #needRoom} goes: some kilobytes of stack, more than laying a call takes. */
  private static final int ROOM = 64;

  /** A call. */
  static final class Question {
    final Request request;
    final byte[] body;

    Question(Request request, byte[] body) {
      this.request = request;
      this.body = body;
    }
  }

  private @Nullable Question question;
  private @Nullable Reply reply;
  private boolean left;

  /** Lays a call, and waits for what comes of it. */
  Reply ask(Request request, byte[] body) throws InterruptedException {
    needRoom(ROOM);
    return laid(new Question(request, body));
  }

  /** Lets a stack that is nearly full overflow here, where nothing is half done. */
  private static int needRoom(int depth) {
    return depth == 0 ? 0 : 1 + needRoom(depth - 1);
  }

  private synchronized Reply laid(Question asked) throws InterruptedException {
    reply = null;
    question = asked;
    notifyAll();
    while (reply == null) {
      wait();
    }
    return reply;
  }

  /**
   * Waits for the next call, and takes it: one that was cut off is not carried again. Empty when
   * the guest's thread comes to its end.
   */
  synchronized Optional<Question> next() throws InterruptedException {
    while (question == null && !left) {
      wait();
    }
    var taken = question;
    question = null;
    return left ? Optional.empty() : Optional.ofNullable(taken);
  }

  /** Answers the call that {@link #next} gave last. */
  synchronized void answer(Reply given) {
    reply = given;
    notifyAll();
  }

  /** Says that no call comes any more. */
  synchronized void leave() {
    left = true;
    notifyAll();
  }
}
