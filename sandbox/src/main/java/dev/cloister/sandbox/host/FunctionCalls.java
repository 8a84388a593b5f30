package dev.cloister.sandbox.host;

import dev.cloister.core.ContextId;
import dev.cloister.core.Denied;
import dev.cloister.core.token.InvocationToken;
import dev.cloister.core.token.Token;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Carries calls from function to function. The caller shows a token and gets one answer, the callee
 * gets a message as from any client: neither learns who the other is. A function waits for one call
 * at a time, so that a circle of them is seen before it closes; one that leads over another host is
 * ended by the deadline. Safe for use by many threads.
 */
final class FunctionCalls {
  private final Function<Shown, Cell> cells;
  private final Callees elsewhere;
  private final Duration deadline;
  private final Consumer<HostCounter> counted;

  /** Whose answer each caller waits for. Guarded by itself. */
  private final Map<ContextId, ContextId> waits = new HashMap<>();

  /**
   * Makes the way between functions.
   *
   * @param cells finds a living cell by a token that may invoke it, or throws {@link Denied}
   * @param elsewhere finds those of other hosts
   * @param deadline how long a caller waits at most
   */
  FunctionCalls(
      Function<Shown, Cell> cells,
      Callees elsewhere,
      Duration deadline,
      Consumer<HostCounter> counted) {
    this.cells = cells;
    this.elsewhere = elsewhere;
    this.deadline = deadline;
    this.counted = counted;
  }

  /**
   * Calls a function, and waits for its answer.
   *
   * @throws Denied when the grant is not good, or the callee waits for the caller
   * @throws IOException when the callee does not answer, for whatever reason of its own
   */
  byte[] call(ContextId caller, byte[] grant, byte[] message) throws IOException {
    if (grant.length != Token.BYTES) {
      var callee = elsewhere.reach(grant.clone()).orElseThrow(CellHost::refused);
      return answered(() -> callee.exchange(message, deadline));
    }
    var callee = cells.apply(Shown.now(InvocationToken.of(grant.clone())));
    beginWaiting(caller, callee.id());
    try {
      return answered(() -> callee.exchange(message, deadline));
    } finally {
      synchronized (waits) {
        waits.remove(caller);
      }
    }
  }

  /** One exchange with a callee. */
  @FunctionalInterface
  private interface Conversation {
    byte[] run() throws IOException;
  }

  /** What the callee was denied is its own matter; the caller has reached no limit. */
  private byte[] answered(Conversation conversation) throws IOException {
    try {
      var answer = conversation.run();
      counted.accept(HostCounter.CALLED);
      return answer;
    } catch (Denied e) {
      counted.accept(HostCounter.UNANSWERED);
      throw new IOException("the called function is over: " + e.rule(), e);
    } catch (IOException e) {
      counted.accept(HostCounter.UNANSWERED);
      throw e;
    }
  }

  private void beginWaiting(ContextId caller, ContextId callee) {
    synchronized (waits) {
      for (var at = callee; at != null; at = waits.get(at)) {
        if (at.equals(caller)) {
          counted.accept(HostCounter.IN_CIRCLE);
          throw new Denied("call.circle", "the called function waits for its caller");
        }
      }
      waits.put(caller, callee);
    }
  }
}
