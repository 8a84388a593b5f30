package dev.cloister.core.testing;

import dev.cloister.core.Description;
import dev.cloister.core.gate.Declaration;
import dev.cloister.core.gate.Exchange;
import dev.cloister.core.gate.Opening;
import dev.cloister.core.testing.Answers.Script;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * An exchange whose other side is a function of the test. It keeps every request, takes none once
 * it is stopped, and waits for nothing: an answer that is declared to take longer than the deadline
 * fails at once. Safe for use by many threads as far as the function is.
 */
public final class LoopbackExchange implements Exchange {
  private final Answers answers;

  /** An exchange that is not open yet. Immutable. */
  public static final class Declared implements Declaration<LoopbackExchange> {
    private final Script script;

    private Declared(Script script) {
      this.script = script;
    }

    /**
     * Makes every answer take time.
     *
     * @param time how long; a request whose deadline is shorter fails
     * @return one that otherwise is as this
     */
    public Declared taking(Duration time) {
      return new Declared(script.taking(time));
    }

    /**
     * Makes one request fail, as a broken connection would.
     *
     * @param number which, from 1
     * @return one that otherwise is as this
     */
    public Declared failingAt(int number) {
      return new Declared(script.failingAt(number));
    }

    @Override
    public String name() {
      return script.name;
    }

    @Override
    public void describe(Description into) {
      into.put("with", "a function of the test");
    }

    @Override
    public LoopbackExchange open(Opening opening) {
      return new LoopbackExchange(new Answers(script));
    }
  }

  private LoopbackExchange(Answers answers) {
    this.answers = answers;
  }

  /**
   * Declares one; the test finds it, open, with {@code context.part(LoopbackExchange.class)}.
   *
   * @param name letters, digits and dashes
   * @param answer makes the response of a request
   * @return one that answers at once and never fails
   */
  public static Declared named(String name, UnaryOperator<byte[]> answer) {
    return new Declared(Script.of(name, answer));
  }

  @Override
  public byte[] exchange(byte[] request, Duration deadline) throws IOException {
    return answers.to(request, deadline);
  }

  /**
   * Returns the requests that were sent, those that failed among them.
   *
   * @return copies, oldest first
   */
  public List<byte[]> requests() {
    return answers.asked();
  }

  @Override
  public void stop() {
    answers.stop();
  }

  /** Takes no more requests; those it took can still be read. A second call does nothing. */
  @Override
  public void close() {
    answers.stop();
  }
}
