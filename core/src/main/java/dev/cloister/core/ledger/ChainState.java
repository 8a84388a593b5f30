package dev.cloister.core.ledger;

import dev.cloister.core.ledger.Heartbeat.Birth;
import dev.cloister.core.ledger.HeartbeatVerifier.Word;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** How far a reader has followed a chain; each line is judged against those before it. */
final class ChainState {
  private final Optional<String> expectedKey;
  private final SignatureCheck check;
  private @Nullable String key;
  private @Nullable Heartbeat last;
  private String lastDigest = Heartbeat.NO_PREVIOUS;

  /**
   * What a line turned out to be.
   *
   * @param bad what is wrong, or null when the chain goes on
   * @param why what is wrong in words, empty when nothing is
   */
  record Step(@Nullable Word bad, String why) {
    static final Step GOOD = new Step(null, "");
  }

  ChainState(Optional<String> expectedKey, SignatureCheck check) {
    this.expectedKey = expectedKey;
    this.check = check;
  }

  /** Returns the last good heartbeat; there must have been one. */
  Heartbeat last() {
    if (last == null) {
      throw new IllegalStateException("no heartbeat was accepted yet");
    }
    return last;
  }

  /** Tells whether the last heartbeat was accepted. */
  boolean ended() {
    return last != null && last.closes();
  }

  /** Returns where the next heartbeat stands, counted from 1. */
  long nextLine() {
    return last == null ? 1 : last.sequence() + 2;
  }

  Step accept(String text) {
    var line = new SignedHeartbeat(text);
    var parts = line.parts();
    var beat = parts.flatMap(p -> Heartbeat.parse(p.payload));
    if (parts.isEmpty() || beat.isEmpty()) {
      return new Step(Word.FORGED, "not a heartbeat");
    }
    var step = judge(parts.get(), beat.get());
    if (step.bad() != null) {
      return step;
    }
    if (!SignedHeartbeat.of(parts.get().payload, parts.get().signature).equals(line)) {
      // No later line has the digest of the last: only its form shows that it was touched.
      return new Step(Word.FORGED, "it is not written as a context writes it");
    }
    last = beat.get();
    lastDigest = line.digest();
    return step;
  }

  private Step judge(SignedHeartbeat.Parts parts, Heartbeat beat) {
    var own = beat.birth().map(Birth::publicKey);
    var trusted = key != null ? key : expectedKey.or(() -> own).orElse(null);
    if (trusted == null) {
      return beat.sequence() > 0
          ? new Step(Word.GAP, "the chain begins with heartbeat " + beat.sequence())
          : new Step(Word.FORGED, "the first heartbeat has no key");
    }
    if (!check.verifies(trusted, parts.payload, parts.signature)) {
      var another =
          own.filter(k -> !k.equals(trusted))
              .filter(k -> check.verifies(k, parts.payload, parts.signature));
      return another.isPresent()
          ? new Step(Word.RESTART, "another key signed it: " + another.get())
          : new Step(Word.FORGED, "the signature does not verify");
    }
    key = trusted;
    return order(beat);
  }

  private Step order(Heartbeat beat) {
    var expected = last == null ? 0 : last.sequence() + 1;
    if (beat.sequence() < expected) {
      return new Step(
          Word.REPLAY, "heartbeat %d stands where %d should".formatted(beat.sequence(), expected));
    }
    if (beat.sequence() > expected) {
      return new Step(
          Word.GAP, "heartbeat %d stands where %d should".formatted(beat.sequence(), expected));
    }
    if (!beat.previous().equals(lastDigest)) {
      return new Step(Word.ROLLBACK, "it follows another heartbeat than the one before it");
    }
    if (ended()) {
      return new Step(Word.REPLAY, "it came after the last");
    }
    return Step.GOOD;
  }
}
