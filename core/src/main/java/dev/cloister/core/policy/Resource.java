package dev.cloister.core.policy;

import java.math.BigDecimal;
import java.util.Arrays;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What a function can use up, and in which whole units its amounts are counted: seconds and shares
 * of a core in millionths, so that a document may say {@code 0.5} and sums stay exact; all else in
 * ones. Whether a runtime can enforce it, this does not say.
 */
public enum Resource {
  /** Time on a processor, of all its processes together. In microseconds. */
  CPU_SECONDS("cpuSeconds", Resource.MILLIONTHS),
  /** How much of one core it gets at most, over any longer stretch. In millionths of a core. */
  CPU_SHARE("cpuShare", Resource.MILLIONTHS),
  /** Time by the clock on the wall, from its start. In microseconds. */
  WALL_SECONDS("wallSeconds", Resource.MILLIONTHS),
  /** Memory, of all its processes together. */
  MEMORY_BYTES("memoryBytes", 1),
  /** Processes and threads at one time. */
  PROCESSES("processes", 1),
  /** Open file descriptors of one process at one time. */
  OPEN_FILES("openFiles", 1),
  /** Bytes in its files at one time. */
  DISK_BYTES("diskBytes", 1),
  /** Bytes that go in: calls, and what it fetches. */
  BYTES_IN("bytesIn", 1),
  /** Bytes that come out: answers, and what it sends elsewhere. */
  BYTES_OUT("bytesOut", 1);

  /** The largest amount of any resource that a document or a program can ask for: 2^53. */
  public static final long AMOUNT_MAX = 1L << 53;

  private static final long MILLIONTHS = 1_000_000;

  /** Bounded on both sides, so that no number of a document is expensive. */
  private static final Pattern NUMBER = Pattern.compile("\\d{1,16}(\\.\\d{1,6})?");

  private final String label;
  private final long scale;

  Resource(String label, long scale) {
    this.label = label;
    this.scale = scale;
  }

  /**
   * Finds a resource.
   *
   * @param label its name in documents
   * @return the resource, if there is one
   */
  public static Optional<Resource> named(String label) {
    return Arrays.stream(values()).filter(resource -> resource.label.equals(label)).findFirst();
  }

  /**
   * Returns its name in documents.
   *
   * @return such as {@code memoryBytes}
   */
  public String label() {
    return label;
  }

  /**
   * Returns how many units of an amount are one of what the label counts.
   *
   * @return 1,000,000 for seconds and cores, 1 for all else
   */
  public long scale() {
    return scale;
  }

  /**
   * Reads an amount as documents write it, exactly.
   *
   * @param text such as {@code 0.5}, of seconds and cores with up to six decimals
   * @return whole units of this resource
   * @throws IllegalArgumentException when it is no such number, or more than {@link #AMOUNT_MAX}
   *     units
   */
  public long amount(String text) {
    if (NUMBER.matcher(text).matches()) {
      var units = new BigDecimal(text).multiply(BigDecimal.valueOf(scale)).stripTrailingZeros();
      if (units.scale() <= 0 && units.compareTo(BigDecimal.valueOf(AMOUNT_MAX)) <= 0) {
        return units.longValueExact();
      }
    }
    throw new IllegalArgumentException(
        "%s %s: allowed is a number from 0 to %d%s"
            .formatted(
                label,
                Node.shown(text),
                AMOUNT_MAX / scale,
                scale == 1 ? "" : " with up to six decimals"));
  }

  /**
   * Writes an amount as documents do.
   *
   * @param amount whole units of this resource
   * @return such as {@code 0.5}
   */
  public String text(long amount) {
    return BigDecimal.valueOf(amount)
        .divide(BigDecimal.valueOf(scale))
        .stripTrailingZeros()
        .toPlainString();
  }
}
