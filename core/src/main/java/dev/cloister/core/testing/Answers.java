package dev.cloister.core.testing;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * The far side of an exchange or an annex, as a test scripts it. Lateness is told, not waited for:
 * an answer that takes longer than the deadline fails at once. Safe for use by many threads.
 */
final class Answers {
  private final Script script;

  /** Guarded by this. */
  private final List<byte[]> asked = new ArrayList<>();

  /** Guarded by this. */
  private boolean stopped;

  /** What is answered, and what goes wrong. */
  static final class Script {
    final String name;
    private final UnaryOperator<byte[]> answer;
    private final Duration taking;
    private final int failingAt;

    private Script(String name, UnaryOperator<byte[]> answer, Duration taking, int failingAt) {
      this.name = name;
      this.answer = answer;
      this.taking = taking;
      this.failingAt = failingAt;
    }

    static Script of(String name, UnaryOperator<byte[]> answer) {
      return new Script(name, answer, Duration.ZERO, 0);
    }

    Script taking(Duration time) {
      return new Script(name, answer, time, failingAt);
    }

    Script failingAt(int number) {
      return new Script(name, answer, taking, fromOne(number));
    }
  }

  Answers(Script script) {
    this.script = script;
  }

  static int fromOne(int number) {
    if (number < 1) {
      throw new IllegalArgumentException("number " + number + ": the first is 1");
    }
    return number;
  }

  byte[] to(byte[] question, Duration deadline) throws IOException {
    var number = note(question);
    if (number == script.failingAt) {
      throw new IOException(
          "\"%s\" fails at request %d, as the test asked".formatted(script.name, number));
    }
    if (script.taking.compareTo(deadline) > 0) {
      throw new IOException(
          "\"%s\" was late: an answer takes %s, allowed were %s"
              .formatted(script.name, script.taking, deadline));
    }
    return script.answer.apply(question.clone()).clone();
  }

  private synchronized int note(byte[] question) throws IOException {
    if (stopped) {
      throw new IOException("\"" + script.name + "\" takes no more requests");
    }
    asked.add(question.clone());
    return asked.size();
  }

  synchronized List<byte[]> asked() {
    return asked.stream().map(byte[]::clone).toList();
  }

  synchronized void stop() {
    stopped = true;
  }
}
