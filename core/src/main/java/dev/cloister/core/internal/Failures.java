package dev.cloister.core.internal;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Runs steps that must all be run, whatever they throw, and keeps that. Used by one thread. */
public final class Failures {
  private final List<Throwable> thrown = new ArrayList<>();

  /** A step of closing. */
  @FunctionalInterface
  public interface Step {

    /**
     * Takes the step.
     *
     * @throws IOException when it fails
     */
    void run() throws IOException;
  }

  /** Starts with none. */
  public Failures() {}

  /**
   * Takes one step back because of a failure, which keeps what the step throws.
   *
   * @param reason what was thrown before, and is to be thrown on
   * @param step what undoes the rest
   */
  public static void undo(Throwable reason, Step step) {
    var failures = new Failures();
    failures.run(step);
    failures.suppressIn(reason);
  }

  /**
   * Takes a step, whatever it throws.
   *
   * @param step what to do
   */
  public void run(Step step) {
    try {
      step.run();
    } catch (IOException | RuntimeException | Error e) {
      thrown.add(e);
    }
  }

  /**
   * Hangs all that failed onto what was the reason for these steps.
   *
   * @param reason what was thrown before
   */
  public void suppressIn(Throwable reason) {
    thrown.stream().filter(failure -> !failure.equals(reason)).forEach(reason::addSuppressed);
  }

  /**
   * Throws the first failure, with the others suppressed; returns when nothing failed.
   *
   * @throws IOException when that is the first
   */
  public void throwFirst() throws IOException {
    if (thrown.isEmpty()) {
      return;
    }
    var first = thrown.getFirst();
    suppressIn(first);
    switch (first) {
      case IOException e -> throw e;
      case RuntimeException e -> throw e;
      default -> throw (Error) first;
    }
  }
}
