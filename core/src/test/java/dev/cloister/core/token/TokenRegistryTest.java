package dev.cloister.core.token;

import static dev.cloister.core.token.Tokens.HOUR;
import static dev.cloister.core.token.Tokens.bytes;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.cloister.core.Denied;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a grant is good for, until when, and that nothing of it stays. */
final class TokenRegistryTest {
  private final Tokens tokens = Tokens.ordinary();

  @Test
  void anInvocationTokenInvokesAndReadsItsContext() {
    var grant = tokens.grant(Terms.lasting(HOUR).uses(3));
    assertThat(tokens.invoke(grant.invocation()))
        .contains(
            new Presented(
                grant.context(), Set.of(Right.INVOKE, Right.READ, Right.DELEGATE), 2, HOUR));
    assertThat(tokens.show(grant.invocation(), Right.READ)).isPresent();
    assertThat(tokens.count(TokenCounter.ACCEPTED)).isEqualTo(2);
  }

  @Test
  void aShutdownTokenEndsItsContextOnce() {
    var grant = tokens.grant();
    assertThat(tokens.show(grant.shutdown(), Right.SHUTDOWN))
        .contains(new Presented(grant.context(), Set.of(Right.SHUTDOWN), 0, HOUR));
    assertThat(tokens.show(grant.shutdown(), Right.SHUTDOWN)).isEmpty();
    assertThat(tokens.refusals()).isEqualTo(Map.of("exhausted", 1L));
  }

  @Test
  void everyTokenIsRandom() {
    var seen = new HashSet<String>();
    for (var i = 0; i < 200; i++) {
      var grant = tokens.grant();
      seen.add(new String(bytes(grant.invocation()), ISO_8859_1));
      seen.add(new String(bytes(grant.shutdown()), ISO_8859_1));
    }
    assertThat(seen).hasSize(400);
  }

  @Test
  void aContextHasOneGrantAtATime() {
    var grant = tokens.grant();
    assertThatExceptionOfType(Denied.class)
        .isThrownBy(() -> tokens.registry.issue(grant.context(), Terms.lasting(HOUR)))
        .withMessage(
            "tokens.once: %s has a live grant: it is issued once; delegate or revoke it"
                .formatted(grant.context()));
    tokens.registry.revoke(grant.context());
    assertThat(tokens.registry.issue(grant.context(), Terms.lasting(HOUR))).isNotNull();
  }

  @Test
  void usesAreCountedAndTheLastOneIsTheLast() {
    var token = tokens.grant(Terms.lasting(HOUR).uses(2)).invocation();
    assertThat(tokens.invoke(token).orElseThrow().usesLeft()).isOne();
    assertThat(tokens.invoke(token).orElseThrow().usesLeft()).isZero();
    assertThat(tokens.invoke(token)).isEmpty();
    assertThat(tokens.refusals()).isEqualTo(Map.of("exhausted", 1L));
  }

  @Test
  void unlimitedUsesStayUnlimited() {
    var token = tokens.grant().invocation();
    tokens.invoke(token);
    assertThat(tokens.invoke(token).orElseThrow().usesLeft()).isEqualTo(Terms.UNLIMITED);
  }

  @Test
  void aTokenIsGoodUntilTheVeryEndOfItsLifetime() {
    var grant = tokens.grant();
    tokens.time.advance(HOUR.minusNanos(1));
    assertThat(tokens.invoke(grant.invocation()).orElseThrow().timeLeft())
        .isEqualTo(Duration.ofNanos(1));
    tokens.time.advance(Duration.ofNanos(1));
    assertThat(tokens.invoke(grant.invocation())).isEmpty();
    assertThat(tokens.show(grant.shutdown(), Right.SHUTDOWN)).isEmpty();
    assertThat(tokens.refusals()).isEqualTo(Map.of("expired", 2L));
  }

  @Test
  void theTimeOfDayNeitherProlongsNorEndsAToken() {
    var token = tokens.grant().invocation();
    tokens.time.stepTo(Instant.parse("2099-01-01T00:00:00Z"));
    assertThat(tokens.invoke(token)).isPresent();
    tokens.time.stepTo(Instant.EPOCH);
    tokens.time.advance(HOUR);
    assertThat(tokens.invoke(token)).isEmpty();
  }

  @Test
  void whatIsReadOnlyReadsAndDoesNothingElse() {
    var token = tokens.grant(Terms.lasting(HOUR).readOnly().undelegable()).invocation();
    assertThat(tokens.show(token, Right.READ).orElseThrow().isReadOnly()).isTrue();
    for (var other : Set.of(Right.INVOKE, Right.DELEGATE)) {
      assertThat(tokens.show(token, other)).as(other.name()).isEmpty();
    }
    assertThat(tokens.refusals()).isEqualTo(Map.of("withoutRight", 2L));
  }

  @Test
  void whatInvokesIsNotReadOnly() {
    assertThat(tokens.invoke(tokens.grant().invocation()).orElseThrow().isReadOnly()).isFalse();
  }

  @Test
  void aRefusalTakesNoUse() {
    var grant = tokens.grant(Terms.lasting(HOUR).uses(1).readOnly());
    tokens.invoke(grant.invocation());
    tokens.registry.present(
        bytes(grant.invocation()), tokens.freshNonce(), Right.READ, Tokens.someContext());
    assertThat(tokens.show(grant.invocation(), Right.READ)).isPresent();
  }

  @Test
  void aTokenIsGoodForItsOwnContextAlone() {
    var grant = tokens.grant();
    var bytes = bytes(grant.invocation());
    var other = tokens.grant().context();
    assertThat(tokens.registry.present(bytes, tokens.freshNonce(), Right.READ, other)).isEmpty();
    assertThat(tokens.registry.present(bytes, tokens.freshNonce(), Right.READ, grant.context()))
        .isPresent();
    assertThat(tokens.refusals()).isEqualTo(Map.of("foreign", 1L));
  }

  @Test
  void revokingAContextForgetsAllItsTokensAndNoOthers() {
    var grant = tokens.grant();
    var child = tokens.child(grant.invocation(), Terms.lasting(HOUR));
    var other = tokens.grant();
    tokens.registry.revoke(grant.context());
    tokens.registry.revoke(grant.context());
    assertThat(tokens.invoke(grant.invocation())).isEmpty();
    assertThat(tokens.show(grant.shutdown(), Right.SHUTDOWN)).isEmpty();
    assertThat(tokens.invoke(child)).isEmpty();
    assertThat(tokens.refusals()).isEqualTo(Map.of("unknown", 3L));
    assertThat(tokens.invoke(other.invocation())).isPresent();
    assertThat(tokens.count(TokenCounter.LIVE)).isEqualTo(2);
    assertThat(tokens.count(TokenCounter.NONCES)).as("the other's").isOne();
  }

  @Test
  void aTickForgetsWhatIsSpentAndSaysWhenTheNextIsDue() {
    assertThat(tokens.registry.tick()).isEqualTo(Long.MAX_VALUE);
    var once = tokens.grant(Terms.lasting(HOUR).uses(1)).invocation();
    tokens.grant(Terms.lasting(HOUR.multipliedBy(2)));
    tokens.invoke(once);
    assertThat(tokens.count(TokenCounter.LIVE)).isEqualTo(4);
    assertThat(tokens.registry.tick()).isEqualTo(HOUR.toNanos());
    assertThat(tokens.count(TokenCounter.LIVE)).as("without the one used up").isEqualTo(3);
    tokens.time.advance(HOUR);
    assertThat(tokens.registry.tick()).isEqualTo(HOUR.toNanos());
    assertThat(tokens.count(TokenCounter.LIVE)).isEqualTo(2);
    tokens.time.advance(HOUR);
    assertThat(tokens.registry.tick()).isEqualTo(Long.MAX_VALUE);
    assertThat(tokens.count(TokenCounter.LIVE)).isZero();
  }

  @Test
  void noMoreGrantsAreIssuedThanAreAllowed() {
    var few = Tokens.under(TokenLimits.defaults().grants(2));
    var first = few.grant();
    few.grant();
    assertThatExceptionOfType(Denied.class)
        .isThrownBy(few::grant)
        .withMessage(
            "tokens.grants: grant 3: allowed are 2 live ones (TokenLimits.grants);"
                + " wait until a context ends");
    assertThat(few.count(TokenCounter.NO_ROOM_FOR_GRANT)).isOne();
    few.registry.revoke(first.context());
    assertThat(few.grant()).isNotNull();
  }

  @Test
  void anExpiredGrantMakesRoomWithoutATick() {
    var few = Tokens.under(TokenLimits.defaults().grants(1));
    few.grant();
    few.time.advance(HOUR);
    assertThat(few.grant()).isNotNull();
    assertThat(few.count(TokenCounter.LIVE)).isEqualTo(2);
  }

  @Test
  void aThousandLivesLeaveNothing() {
    for (var i = 0; i < 1_000; i++) {
      var grant = tokens.grant(Terms.lasting(HOUR));
      tokens.child(grant.invocation(), Terms.lasting(HOUR));
      tokens.invoke(grant.invocation());
      if (i % 2 == 0) {
        tokens.registry.revoke(grant.context());
      }
    }
    tokens.time.advance(HOUR);
    tokens.registry.tick();
    assertThat(tokens.count(TokenCounter.LIVE)).isZero();
    assertThat(tokens.count(TokenCounter.NONCES)).isZero();
    assertThat(tokens.registry).hasToString("TokenRegistry[0 tokens]");
  }

  @ParameterizedTest
  @EnumSource(Right.class)
  void everyRightIsOfOneKindOfTokenAlone(Right right) {
    var grant = tokens.grant();
    var invocation = tokens.show(grant.invocation(), right).isPresent();
    var shutdown = tokens.show(grant.shutdown(), right).isPresent();
    assertThat(invocation).isNotEqualTo(shutdown);
    assertThat(shutdown).isEqualTo(right == Right.SHUTDOWN);
  }
}
