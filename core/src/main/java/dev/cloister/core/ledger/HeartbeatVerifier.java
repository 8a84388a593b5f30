package dev.cloister.core.ledger;

import dev.cloister.core.Ed25519;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Tells whether an output is whole, and of one box, from its heartbeats alone. It cannot tell that
 * what stands in the output is true, nor, without a key and a head kept elsewhere, that the whole
 * of it was not replaced or rolled back.
 *
 * <p>Immutable. Bounded: a line longer than {@link #LINE_BYTES_MAX} is not a heartbeat, and output
 * is hashed as it is read.
 */
public final class HeartbeatVerifier {
  /** The longest line that is taken for a heartbeat. */
  public static final int LINE_BYTES_MAX = 1 << 20;

  private final Optional<String> expectedKey;
  private final Optional<Head> expectedHead;
  private final SignatureCheck check;

  /** What a chain turns out to be. */
  public enum Word {
    /** Whole, signed by one key, closed, and the output is what was bound into it. */
    VALID,
    /** Whole as far as it goes, but without its last heartbeat. */
    UNCLOSED,
    /** A heartbeat is missing inside the chain, or its beginning is. */
    GAP,
    /** A heartbeat stands in the chain again, or after its end. */
    REPLAY,
    /** The chain is shorter than, or another than, the one whose head was kept. */
    ROLLBACK,
    /** Another life with another key: the box was started anew, or replaced. */
    RESTART,
    /** A line that the key did not sign. */
    FORGED,
    /** The output is not the lines that were bound. */
    ALTERED,
    /** No heartbeat came for too long; only a {@link HeartbeatWatch} can tell. */
    STALLED;

    /**
     * Returns the word as it is printed.
     *
     * @return lower case
     */
    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * What was found.
   *
   * @param word the first thing that is wrong, or {@link Word#VALID}
   * @param badLine the first line that is wrong, such as {@code trace.jsonl:7}, or what is missing;
   *     empty when nothing is
   * @param why what is wrong with it; empty when nothing is
   */
  public record Verdict(Word word, String badLine, String why) {}

  private record Head(long sequence, String sha256) {}

  private HeartbeatVerifier(
      Optional<String> expectedKey, Optional<Head> expectedHead, SignatureCheck check) {
    this.expectedKey = expectedKey;
    this.expectedHead = expectedHead;
    this.check = check;
  }

  /**
   * Makes a verifier that trusts the key in the chain's first heartbeat.
   *
   * @return one without expectations
   */
  public static HeartbeatVerifier trustingTheFirst() {
    return checkingWith(Ed25519::verifies);
  }

  static HeartbeatVerifier checkingWith(SignatureCheck check) {
    return new HeartbeatVerifier(Optional.empty(), Optional.empty(), check);
  }

  /**
   * Adds the key that was kept elsewhere.
   *
   * @param publicKeyHex 32 bytes in hex
   * @return a verifier to which any other key is a restart
   */
  public HeartbeatVerifier expectingKey(String publicKeyHex) {
    return new HeartbeatVerifier(Optional.of(key(publicKeyHex)), expectedHead, check);
  }

  /**
   * Adds the head that was kept elsewhere.
   *
   * @param sequence the number of a heartbeat seen before
   * @param sha256 SHA-256 of its line, with or without the line feed, in hex
   * @return a verifier to which a chain without that heartbeat is a rollback
   */
  public HeartbeatVerifier expectingHead(long sequence, String sha256) {
    if (sequence < 0) {
      throw new IllegalArgumentException("head " + sequence + ": heartbeats count from 0");
    }
    return new HeartbeatVerifier(
        expectedKey, Optional.of(new Head(sequence, hex32("head", sha256))), check);
  }

  static String key(String publicKeyHex) {
    return hex32("key", publicKeyHex);
  }

  private static String hex32(String what, String hex) {
    var lower = hex.toLowerCase(Locale.ROOT);
    if (!lower.matches("[0-9a-f]{64}")) {
      throw new IllegalArgumentException(what + " \"" + hex + "\": must be 64 hex digits");
    }
    return lower;
  }

  /**
   * Verifies a chain and the output bound into it.
   *
   * @param heartbeats a file with one heartbeat a line
   * @param output the file with the lines that were bound
   * @return what was found first
   * @throws IOException when a file cannot be read
   */
  public Verdict verify(Path heartbeats, Path output) throws IOException {
    try (var chain = new LineReader(heartbeats);
        var lines = new LineReader(output)) {
      var bad = walk(chain, lines);
      return bad != null ? bad : new Verdict(Word.VALID, "", "");
    }
  }

  private @Nullable Verdict walk(LineReader chain, LineReader output) throws IOException {
    var state = new ChainState(expectedKey, check);
    for (var line = chain.next(LINE_BYTES_MAX); line != null; line = chain.next(LINE_BYTES_MAX)) {
      if (!chain.terminated()) {
        if (state.ended()) {
          return new Verdict(Word.FORGED, chain.place(), "it came after the last heartbeat");
        }
        // Torn by the end of the process: it says nothing, and nothing follows it.
        break;
      }
      var step = state.accept(line);
      if (step.bad() != null) {
        return new Verdict(step.bad(), chain.place(), step.why());
      }
      if (headDiffers(state, line)) {
        return new Verdict(Word.ROLLBACK, chain.place(), "not the heartbeat whose head was kept");
      }
      var altered = compare(state.last(), output);
      if (altered != null) {
        return altered;
      }
    }
    return end(state, chain, output);
  }

  private boolean headDiffers(ChainState state, String line) {
    return expectedHead
        .filter(head -> head.sequence() == state.last().sequence())
        .filter(head -> !sha256(line).equals(head.sha256()))
        .filter(head -> !sha256(line + "\n").equals(head.sha256()))
        .isPresent();
  }

  private static String sha256(String text) {
    return HexFormat.of()
        .formatHex(HeartbeatChain.sha256().digest(text.getBytes(StandardCharsets.UTF_8)));
  }

  /** Hashes the lines that a heartbeat binds. */
  private static @Nullable Verdict compare(Heartbeat beat, LineReader output) throws IOException {
    var bound = beat.output();
    var digest = HeartbeatChain.sha256();
    for (var number = bound.first(); number <= bound.last(); number++) {
      if (!output.nextInto(digest)) {
        return new Verdict(
            Word.ALTERED, output.name() + ":" + number, "the line is missing or torn");
      }
    }
    return HexFormat.of().formatHex(digest.digest()).equals(bound.sha256())
        ? null
        : new Verdict(
            Word.ALTERED,
            output.name() + ":" + bound.first(),
            "lines %d to %d are not those of heartbeat %d"
                .formatted(bound.first(), bound.last(), beat.sequence()));
  }

  private @Nullable Verdict end(ChainState state, LineReader chain, LineReader output)
      throws IOException {
    var missing = chain.name() + ":" + state.nextLine();
    if (expectedHead.isPresent() && state.nextLine() - 1 <= expectedHead.get().sequence()) {
      return new Verdict(
          Word.ROLLBACK,
          missing,
          "heartbeat " + expectedHead.get().sequence() + ", whose head was kept, is missing");
    }
    if (!state.ended()) {
      return output.next(1) != null
          ? new Verdict(Word.UNCLOSED, output.place(), "no heartbeat binds this line")
          : new Verdict(Word.UNCLOSED, missing, "the last heartbeat is missing");
    }
    if (output.next(1) != null) {
      return new Verdict(Word.ALTERED, output.place(), "the line came after the last heartbeat");
    }
    return null;
  }
}
