package dev.cloister.core.testing;

import dev.cloister.core.Description;
import dev.cloister.core.gate.Annex;
import dev.cloister.core.gate.Declaration;
import dev.cloister.core.gate.Opening;
import dev.cloister.core.testing.Answers.Script;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * A helper that is a function of the test. It keeps every question, takes none once it is stopped,
 * and waits for nothing: an answer that is declared to take longer than the deadline fails at once.
 * Safe for use by many threads as far as the function is.
 */
public final class FakeAnnex implements Annex {
  private final Answers answers;

  /** A helper that is not open yet. Immutable. */
  public static final class Declared implements Declaration<FakeAnnex> {
    private final Script script;

    private Declared(Script script) {
      this.script = script;
    }

    /**
     * Makes every answer take time.
     *
     * @param time how long; a question whose deadline is shorter fails
     * @return one that otherwise is as this
     */
    public Declared taking(Duration time) {
      return new Declared(script.taking(time));
    }

    /**
     * Makes one question fail, as a helper that crashed would.
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
      into.put("helper", "a function of the test");
    }

    @Override
    public FakeAnnex open(Opening opening) {
      return new FakeAnnex(new Answers(script));
    }
  }

  private FakeAnnex(Answers answers) {
    this.answers = answers;
  }

  /**
   * Declares one; the test finds it, open, with {@code context.part(FakeAnnex.class)}.
   *
   * @param name letters, digits and dashes
   * @param answer makes the answer to a question
   * @return one that answers at once and never fails
   */
  public static Declared named(String name, UnaryOperator<byte[]> answer) {
    return new Declared(Script.of(name, answer));
  }

  @Override
  public byte[] ask(byte[] question, Duration deadline) throws IOException {
    return answers.to(question, deadline);
  }

  /**
   * Returns the questions that were asked, those that failed among them.
   *
   * @return copies, oldest first
   */
  public List<byte[]> questions() {
    return answers.asked();
  }

  @Override
  public void stop() {
    answers.stop();
  }

  /** Takes no more questions; those it took can still be read. A second call does nothing. */
  @Override
  public void close() {
    answers.stop();
  }
}
