package dev.cloister.core.ledger;

import dev.cloister.core.ledger.Heartbeat.Birth;
import dev.cloister.core.ledger.Heartbeat.Output;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * Writes a chain of heartbeats: numbers them, chains each to the line before, and binds into each
 * the lines of output since. Not safe for use by many threads: the context holds a lock around it.
 */
public final class HeartbeatChain {
  private final UnaryOperator<byte[]> signer;
  private final Birth birth;
  private final Instant started;
  private final MessageDigest lines = sha256();
  private long sequence;
  private String previous = Heartbeat.NO_PREVIOUS;
  private long firstLine = 1;
  private long nextLine = 1;

  /**
   * Starts a chain.
   *
   * @param signer makes the Ed25519 signature over what it is given
   * @param birth what the first heartbeat says of the context
   * @param started when the context was sealed
   */
  public HeartbeatChain(UnaryOperator<byte[]> signer, Birth birth, Instant started) {
    this.signer = signer;
    this.birth = birth;
    this.started = started;
  }

  /**
   * Takes note of output.
   *
   * @param bytes whole lines, each with its line feed
   * @param count how many lines they are
   */
  public void output(byte[] bytes, long count) {
    lines.update(bytes);
    nextLine += count;
  }

  /**
   * Signs the next heartbeat.
   *
   * @param event what happened
   * @param now the time of day
   * @param counters the ledger's counters
   * @return a line that binds all output noted so far
   */
  public SignedHeartbeat next(Event event, Instant now, Map<String, Long> counters) {
    var output = new Output(firstLine, nextLine - 1, HexFormat.of().formatHex(lines.digest()));
    var payload =
        new Heartbeat(
                sequence,
                previous,
                started,
                now,
                counters,
                output,
                event.label(),
                sequence == 0 ? Optional.of(birth) : Optional.empty())
            .payload();
    var signed = SignedHeartbeat.of(payload, signer.apply(payload));
    sequence++;
    previous = signed.digest();
    firstLine = nextLine;
    return signed;
  }

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
