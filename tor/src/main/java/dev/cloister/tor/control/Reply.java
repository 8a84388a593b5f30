package dev.cloister.tor.control;

import java.util.List;

/**
 * An answer, or an event, as tor wrote it. Immutable.
 *
 * @param status of its last line: 250 when all is well, 650 for an event (control-spec, section 4)
 * @param lines at least one, in order
 */
public record Reply(int status, List<Line> lines) {

  /**
   * One line of it.
   *
   * @param status three digits
   * @param text what follows on the same line
   * @param data what follows on further lines, each ended by a line feed; empty when there is none
   */
  public record Line(int status, String text, String data) {}

  /** Checks that there is a line. */
  public Reply {
    lines = List.copyOf(lines);
    if (lines.isEmpty()) {
      throw new IllegalArgumentException("reply without a line: must have one");
    }
  }

  boolean isEvent() {
    return status == 650;
  }

  boolean isPositive() {
    return status / 100 == 2;
  }

  /**
   * Returns what it says first.
   *
   * @return the first line's text
   */
  public String text() {
    return lines.getFirst().text();
  }
}
