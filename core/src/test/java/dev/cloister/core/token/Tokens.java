package dev.cloister.core.token;

import dev.cloister.core.ContextId;
import dev.cloister.core.key.SecretAccess;
import dev.cloister.core.ledger.Ledger;
import dev.cloister.core.testing.FakeTime;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;

/** A registry with its clocks and ledger, and holders who never use a nonce twice. */
final class Tokens {
  static final Duration HOUR = Duration.ofHours(1);

  final FakeTime time = FakeTime.startingAt(Instant.parse("2026-11-01T00:00:00Z"));
  final Ledger ledger = Ledger.of(Arrays.asList(TokenCounter.values()));
  final TokenRegistry registry;
  private final AtomicLong nextNonce = new AtomicLong();

  private Tokens(TokenLimits limits) {
    this.registry = TokenRegistry.open(time, ledger, limits);
  }

  static Tokens under(TokenLimits limits) {
    return new Tokens(limits);
  }

  static Tokens ordinary() {
    return under(TokenLimits.defaults());
  }

  static ContextId someContext() {
    return ContextId.random(new SecureRandom());
  }

  static byte[] bytes(Token token) {
    return token.use(SecretAccess.granted(), byte[]::clone);
  }

  static byte[] nonce(long number) {
    return ByteBuffer.allocate(TokenRegistry.NONCE_BYTES).putLong(8, number).array();
  }

  byte[] freshNonce() {
    return nonce(nextNonce.incrementAndGet());
  }

  Grant grant(Terms terms) {
    return registry.issue(someContext(), terms);
  }

  Grant grant() {
    return grant(Terms.lasting(HOUR));
  }

  Optional<Presented> show(byte[] token, Right right) {
    return registry.present(token, freshNonce(), right);
  }

  Optional<Presented> show(Token token, Right right) {
    return show(bytes(token), right);
  }

  Optional<Presented> invoke(Token token) {
    return show(token, Right.INVOKE);
  }

  InvocationToken child(Token parent, Terms terms) {
    return registry.delegate(bytes(parent), freshNonce(), terms).orElseThrow();
  }

  long count(TokenCounter counter) {
    return ledger.tally(counter).get();
  }

  /** What was refused, by cause. */
  Map<String, Long> refusals() {
    var refused = new TreeMap<String, Long>();
    ledger
        .counters()
        .forEach((label, count) -> {
          if (count > 0 && label.startsWith("tokens.refused.")) {
            refused.put(label.substring("tokens.refused.".length()), count);
          }
        });
    return refused;
  }
}
