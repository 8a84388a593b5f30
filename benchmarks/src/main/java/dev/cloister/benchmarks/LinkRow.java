package dev.cloister.benchmarks;

import java.util.Locale;

/**
 * What a receiver did at a rate.
 *
 * @param receiver which
 * @param asked frames a second, 0 for as many as the sender can
 * @param rate frames a second that the sender came to
 * @param cpuMicros the receiver's processor time a frame
 * @param lost how many frames it did not get, those of its warm-up among them
 */
record LinkRow(LinkReceiver receiver, int asked, double rate, double cpuMicros, long lost) {
  static final String HEAD =
      "| receiver | frames a second | of the processor, a frame | lost |\n|---|---|---|---|";

  /** What the sender came to, and whether it could no more. */
  String reached() {
    return String.format(Locale.ROOT, "%,.0f%s", rate, asked == 0 ? ", the sender's most" : "");
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT, "| %s | %s | %.2f µs | %,d |", receiver.title(), reached(), cpuMicros, lost);
  }
}
