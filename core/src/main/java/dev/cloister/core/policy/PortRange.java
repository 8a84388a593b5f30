package dev.cloister.core.policy;

/**
 * Ports from one to another, both included.
 *
 * @param first from 1
 * @param last from the first to 65,535
 */
public record PortRange(int first, int last) {
  /** The highest port. */
  public static final int PORT_MAX = 65_535;

  /** Every port. */
  public static final PortRange ALL = new PortRange(1, PORT_MAX);

  /** Checks the bounds. */
  public PortRange {
    if (first < 1 || last > PORT_MAX || first > last) {
      throw new IllegalArgumentException(
          "ports %d-%d: allowed are 1-%d, the lower first".formatted(first, last, PORT_MAX));
    }
  }

  /**
   * Writes the ports as Tor's rules do.
   *
   * @return {@code *}, one port, or two with a dash
   */
  @Override
  public String toString() {
    if (equals(ALL)) {
      return "*";
    }
    return first == last ? Integer.toString(first) : first + "-" + last;
  }
}
