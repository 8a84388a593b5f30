package dev.cloister.benchmarks;

import java.io.IOException;

/** A way to start a program that says one byte. */
@FunctionalInterface
interface FirstByte {

  /** Starts it and waits for its byte; what it leaves is cleared away after the clock is read. */
  long nanos() throws IOException, InterruptedException;
}
