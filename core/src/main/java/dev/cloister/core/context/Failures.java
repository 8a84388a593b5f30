package dev.cloister.core.context;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Runs steps that must all be run, whatever they throw, and keeps that. Used by one thread. */
final class Failures {
  private final List<Throwable> thrown = new ArrayList<>();

  /** A step of closing. */
  interface Step {
    void run() throws IOException;
  }

  void run(Step step) {
    try {
      step.run();
    } catch (IOException | RuntimeException | Error e) {
      thrown.add(e);
    }
  }

  /** Hangs all that failed onto what was the reason for these steps. */
  void suppressIn(Throwable reason) {
    thrown.stream().filter(failure -> !failure.equals(reason)).forEach(reason::addSuppressed);
  }

  /** Throws the first failure, with the others suppressed; returns when nothing failed. */
  void throwFirst() throws IOException {
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
