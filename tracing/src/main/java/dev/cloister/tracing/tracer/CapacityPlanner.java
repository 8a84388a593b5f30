package dev.cloister.tracing.tracer;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Tells whether a buffer suffices for a load that repeats itself, when it is emptied at a steady
 * rate, and when it will be full. It cannot know that the load goes on repeating itself: it answers
 * for the rates it was given.
 *
 * <p>What comes in faster than it is analysed waits in the buffer, what is analysed faster makes
 * room; between two steps of the cycle both run evenly. Immutable.
 *
 * <p>Source: Bunker (NSDI 2009), section 6.1, whose buffer of {@code 4Δ + p}, with a weekend that
 * catches up {@code 5Δ}, is the case of five equal weekdays.
 */
public final class CapacityPlanner {
  private static final double NANOS_A_SECOND = 1e9;

  /** What sums of rates and durations are wrong by, at most: relatively, and in bytes. */
  private static final double ROUNDING = 1e-12;

  private static final double NO_BYTE = 0.5;
  private static final double AGES_SECONDS = 1000 * 365.25 * 86_400;

  private final List<Load> cycle;

  /**
   * A step of a cycle.
   *
   * @param duration how long it lasts, more than nothing
   * @param bytesPerSecond how much comes in; 0 or more
   */
  public record Load(Duration duration, double bytesPerSecond) {

    /** Refuses what is no load. */
    public Load {
      if (!duration.isPositive()) {
        throw new IllegalArgumentException("a load for " + duration + ": must be more than 0");
      }
      requireRate("a load", bytesPerSecond);
    }

    private double seconds() {
      return CapacityPlanner.seconds(duration);
    }
  }

  /**
   * How much a buffer holds at a moment; between two levels it rises or falls evenly.
   *
   * @param at since the cycle began
   * @param bytes in the buffer
   */
  public record Level(Duration at, double bytes) {}

  /**
   * What a buffer is worth.
   *
   * @param continuous whether it drains at least once a cycle, and never loses anything
   * @param peakBytes the most that waits at once, in a buffer that is large enough; for a load that
   *     outruns its analysis, in the first cycle
   * @param neededBytes the smallest buffer that never loses anything; empty when none is, because
   *     more comes in during a cycle than can be analysed
   * @param fullAt when the buffer, empty at first, is full and begins to lose; empty when it never
   *     is
   * @param levels how this buffer fills in a cycle that follows another
   */
  public record CapacityPlan(
      boolean continuous,
      long peakBytes,
      OptionalLong neededBytes,
      Optional<Duration> fullAt,
      List<Level> levels) {

    /** Keeps a copy. */
    public CapacityPlan {
      levels = List.copyOf(levels);
    }
  }

  private CapacityPlanner(List<Load> cycle) {
    this.cycle = List.copyOf(cycle);
    if (this.cycle.isEmpty()) {
      throw new IllegalArgumentException("a cycle of no loads: give one at least");
    }
  }

  /**
   * Takes a load that repeats itself.
   *
   * @param cycle its steps in order, such as the 168 hours of a week
   * @return a planner for it
   */
  public static CapacityPlanner repeating(List<Load> cycle) {
    return new CapacityPlanner(cycle);
  }

  /**
   * Takes a load that stays as it is.
   *
   * @param bytesPerSecond how much comes in
   * @return a planner for it
   */
  public static CapacityPlanner steady(double bytesPerSecond) {
    return repeating(List.of(new Load(Duration.ofDays(1), bytesPerSecond)));
  }

  /**
   * Plans.
   *
   * @param drainBytesPerSecond how fast the analysis empties the buffer; 0 or more
   * @param bufferBytes how much the buffer holds
   * @return what it is worth
   */
  public CapacityPlan plan(double drainBytesPerSecond, long bufferBytes) {
    requireRate("a drain", drainBytesPerSecond);
    if (bufferBytes < 0) {
      throw new IllegalArgumentException("a buffer of " + bufferBytes + " bytes: 0 or more");
    }
    // What is left after one cycle is what is left after every later one, where any cycle drains.
    var first = new Fill(drainBytesPerSecond, 0, Double.MAX_VALUE);
    var second = new Fill(drainBytesPerSecond, first.end(), Double.MAX_VALUE);
    var keepsUp = excess(drainBytesPerSecond) <= 0;
    var peak = whole(keepsUp ? second.peak() : first.peak());
    var needed = keepsUp ? OptionalLong.of(peak) : OptionalLong.empty();
    var bounded = new Fill(drainBytesPerSecond, 0, bufferBytes);
    return new CapacityPlan(
        keepsUp && peak <= bufferBytes,
        peak,
        needed,
        untilFull(Duration.ZERO, 0, drainBytesPerSecond, bufferBytes),
        new Fill(drainBytesPerSecond, bounded.end(), bufferBytes).levels());
  }

  /**
   * Tells how long a buffer lasts from here.
   *
   * @param into how far the cycle has gone, 0 or more
   * @param heldBytes what is in the buffer
   * @param drainBytesPerSecond how fast the analysis empties the buffer
   * @param bufferBytes how much the buffer holds
   * @return until it begins to lose; empty when it never does, or not in a thousand years
   */
  public Optional<Duration> untilFull(
      Duration into, double heldBytes, double drainBytesPerSecond, long bufferBytes) {
    requireRate("a drain", drainBytesPerSecond);
    var rest = rotated(into);
    var first = rest.new Fill(drainBytesPerSecond, heldBytes, bufferBytes);
    if (first.overflow().isPresent()) {
      return first.overflow();
    }
    var second = rest.new Fill(drainBytesPerSecond, first.end(), bufferBytes);
    if (second.overflow().isPresent()) {
      return second.overflow().map(at -> at.plus(length()));
    }
    var excess = excess(drainBytesPerSecond);
    if (excess <= 0) {
      return Optional.empty();
    }
    // From the second cycle on it never drains: each begins where the last did, and the excess.
    var more = 1 + Math.floor((bufferBytes - second.peak()) / excess);
    var before = (1 + more) * seconds(length());
    if (before > AGES_SECONDS) {
      return Optional.empty();
    }
    var last = rest.new Fill(drainBytesPerSecond, first.end() + more * excess, bufferBytes);
    var within = last.overflow().orElse(length());
    return Optional.of(duration(before).plus(within));
  }

  /** The same cycle, from a later beginning. */
  private CapacityPlanner rotated(Duration into) {
    if (into.isNegative()) {
      throw new IllegalArgumentException(into + " into a cycle: must be 0 or more");
    }
    var left = Duration.ofNanos(into.toNanos() % length().toNanos());
    var before = new ArrayList<Load>();
    var after = new ArrayList<Load>();
    for (var load : cycle) {
      if (left.compareTo(load.duration()) >= 0) {
        left = left.minus(load.duration());
        before.add(load);
      } else if (after.isEmpty() && left.isPositive()) {
        before.add(new Load(left, load.bytesPerSecond()));
        after.add(new Load(load.duration().minus(left), load.bytesPerSecond()));
        left = Duration.ZERO;
      } else {
        after.add(load);
      }
    }
    after.addAll(before);
    return new CapacityPlanner(after);
  }

  private Duration length() {
    return cycle.stream().map(Load::duration).reduce(Duration.ZERO, Duration::plus);
  }

  /** How much more comes in during a cycle than is analysed; an error of arithmetic is nothing. */
  private double excess(double drain) {
    var in = cycle.stream().mapToDouble(load -> load.bytesPerSecond() * load.seconds()).sum();
    var out = drain * seconds(length());
    return Math.abs(in - out) < ROUNDING * in ? 0 : in - out;
  }

  private static void requireRate(String what, double bytesPerSecond) {
    if (!(bytesPerSecond >= 0 && bytesPerSecond < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "%s of %s bytes a second: must be a number, 0 or more".formatted(what, bytesPerSecond));
    }
  }

  private static double seconds(Duration duration) {
    return duration.toSeconds() + duration.toNanosPart() / NANOS_A_SECOND;
  }

  private static Duration duration(double seconds) {
    var whole = Math.floor(seconds);
    return Duration.ofSeconds((long) whole, (long) ((seconds - whole) * NANOS_A_SECOND));
  }

  private static long whole(double bytes) {
    return (long) Math.ceil(bytes - NO_BYTE);
  }

  /** One cycle with a buffer. */
  private final class Fill {
    private final double drain;
    private final double capacity;
    private final List<Level> levels = new ArrayList<>();
    private double seconds;
    private double held;
    private double peak;
    private Optional<Duration> overflow = Optional.empty();

    Fill(double drain, double heldBytes, double capacity) {
      this.drain = drain;
      this.capacity = capacity;
      held = heldBytes;
      peak = heldBytes;
      mark();
      cycle.forEach(this::step);
    }

    private void step(Load load) {
      var rate = load.bytesPerSecond() - drain;
      var left = load.seconds();
      var end = held + rate * left;
      if (end < 0) {
        left -= turn(held / -rate, 0);
      } else if (end > capacity + NO_BYTE) {
        left -= turn((capacity - held) / rate, capacity);
        overflow = overflow.or(() -> Optional.of(duration(seconds)));
      }
      seconds += left;
      held = Math.clamp(end, 0, capacity);
      peak = Math.max(peak, held);
      mark();
    }

    /** The buffer runs empty, or full, within a step. */
    private double turn(double after, double at) {
      seconds += after;
      held = at;
      mark();
      return after;
    }

    private void mark() {
      levels.add(new Level(duration(seconds), held));
    }

    double end() {
      return held;
    }

    double peak() {
      return peak;
    }

    Optional<Duration> overflow() {
      return overflow;
    }

    List<Level> levels() {
      return levels;
    }
  }
}
