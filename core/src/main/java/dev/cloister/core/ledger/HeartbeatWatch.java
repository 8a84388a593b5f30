package dev.cloister.core.ledger;

import dev.cloister.core.Ed25519;
import dev.cloister.core.TimeSource;
import dev.cloister.core.ledger.HeartbeatVerifier.Verdict;
import dev.cloister.core.ledger.HeartbeatVerifier.Word;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Follows the output of one box as it comes, and tells at once when the chain breaks, or when
 * nothing comes any more. It cannot tell that what a heartbeat says is true, nor, without the box's
 * key, that the box was not replaced before the first heartbeat.
 *
 * <p>It is given whole lines. Where the lines of the output come with the heartbeats, as an egress
 * that pushes sends them, what each heartbeat binds is checked too. After a verdict other than
 * {@link Word#STALLED} and {@link Word#UNCLOSED} the chain is over: what comes then is judged no
 * more. Not safe for use by many threads.
 */
public final class HeartbeatWatch {
  /** How many periods without a heartbeat are too many. */
  public static final int PERIODS_TO_STALL = 3;

  private final ChainState chain;
  private final TimeSource time;
  private final long stallNanos;
  private final boolean withOutput;
  private final MessageDigest lines = HeartbeatChain.sha256();
  private long lineCount;
  private long heartbeats;
  private long lastNanos;
  private boolean isStalled;
  private boolean isOver;

  /**
   * What a line came to.
   *
   * @param verdict what is known now, if this line decided it: valid when it was the chain's last,
   *     or what is wrong
   * @param heartbeat what the line says, where it is a good heartbeat
   * @param resumed whether it is the first after a stall
   */
  public record Sighting(
      Optional<Verdict> verdict, Optional<Heartbeat> heartbeat, boolean resumed) {
    private static final Sighting NOTHING = new Sighting(Optional.empty(), Optional.empty(), false);
  }

  private HeartbeatWatch(
      Optional<String> key, Duration period, boolean withOutput, TimeSource time) {
    this.chain = new ChainState(key, Ed25519::verifies);
    this.time = time;
    this.stallNanos = period.multipliedBy(PERIODS_TO_STALL).toNanos();
    this.withOutput = withOutput;
    this.lastNanos = time.nanoTime();
  }

  /**
   * Follows heartbeats alone, as they stand in a file.
   *
   * @param key the box's public key, 32 bytes in hex; empty: the first heartbeat's is taken
   * @param period from one heartbeat to the next, as the box's plan says; more than nothing
   * @param time tells when three periods are over
   * @return a watch that begins now
   */
  public static HeartbeatWatch ofHeartbeats(
      Optional<String> key, Duration period, TimeSource time) {
    return new HeartbeatWatch(key.map(HeartbeatVerifier::key), positive(period), false, time);
  }

  /**
   * Follows heartbeats and the lines they bind, as they are pushed.
   *
   * @param key the box's public key, 32 bytes in hex; empty: the first heartbeat's is taken
   * @param period from one heartbeat to the next, as the box's plan says; more than nothing
   * @param time tells when three periods are over
   * @return a watch that begins now
   */
  public static HeartbeatWatch ofOutput(Optional<String> key, Duration period, TimeSource time) {
    return new HeartbeatWatch(key.map(HeartbeatVerifier::key), positive(period), true, time);
  }

  private static Duration positive(Duration period) {
    if (!period.isPositive()) {
      throw new IllegalArgumentException("a period of " + period + ": must be more than 0");
    }
    return period;
  }

  /**
   * Takes a line.
   *
   * @param line without its line feed
   * @return what it came to
   */
  public Sighting line(String line) {
    if (isOver) {
      return Sighting.NOTHING;
    }
    if (withOutput && !isHeartbeat(line)) {
      lines.update((line + "\n").getBytes(StandardCharsets.UTF_8));
      lineCount++;
      return Sighting.NOTHING;
    }
    heartbeats++;
    var step = chain.accept(line);
    if (step.bad() != null) {
      return over(step.bad(), step.why());
    }
    var beat = chain.last();
    var altered = withOutput ? altered(beat.output()) : null;
    if (altered != null) {
      return over(Word.ALTERED, altered);
    }
    var resumed = isStalled;
    isStalled = false;
    lastNanos = time.nanoTime();
    isOver = beat.closes();
    return new Sighting(
        isOver ? Optional.of(new Verdict(Word.VALID, "", "")) : Optional.empty(),
        Optional.of(beat),
        resumed);
  }

  /** Heartbeats and the lines of an output are both objects; only the first begin so. */
  private static boolean isHeartbeat(String line) {
    return line.startsWith(SignedHeartbeat.BEGINNING);
  }

  private Sighting over(Word word, String why) {
    isOver = true;
    return new Sighting(
        Optional.of(new Verdict(word, "heartbeat:" + heartbeats, why)), Optional.empty(), false);
  }

  private String next() {
    return "heartbeat:" + (heartbeats + 1);
  }

  /** Compares what came since the heartbeat before with what this one binds. */
  private @Nullable String altered(Heartbeat.Output bound) {
    var count = lineCount;
    lineCount = 0;
    var digest = HexFormat.of().formatHex(lines.digest());
    if (count != bound.last() - bound.first() + 1) {
      return "it binds %d lines, and %d came".formatted(bound.last() - bound.first() + 1, count);
    }
    return digest.equals(bound.sha256())
        ? null
        : "lines %d to %d are not those it binds".formatted(bound.first(), bound.last());
  }

  /**
   * Takes note that the way to the box broke, and with it perhaps a line. The chain may go on over
   * another.
   *
   * @return unclosed, unless the chain was over before
   */
  public Optional<Verdict> broken() {
    return isOver
        ? Optional.empty()
        : Optional.of(new Verdict(Word.UNCLOSED, next(), "the connection ended before it"));
  }

  /**
   * Tells once for each silence that it lasts too long.
   *
   * @return stalled, when three periods are over since the last heartbeat
   */
  public Optional<Verdict> tick() {
    var silent = time.nanoTime() - lastNanos;
    if (isOver || isStalled || silent < stallNanos) {
      return Optional.empty();
    }
    isStalled = true;
    return Optional.of(
        new Verdict(
            Word.STALLED, next(), "%d periods are over without it".formatted(PERIODS_TO_STALL)));
  }
}
