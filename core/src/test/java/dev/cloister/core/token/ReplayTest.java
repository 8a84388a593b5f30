package dev.cloister.core.token;

import static dev.cloister.core.token.Tokens.HOUR;
import static dev.cloister.core.token.Tokens.bytes;
import static dev.cloister.core.token.Tokens.nonce;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** One nonce, one presentation; and what happens where no more can be remembered. */
final class ReplayTest {
  private static final Duration MINUTE = Duration.ofMinutes(1);

  private static boolean present(Tokens tokens, Token token, long nonce) {
    return tokens.registry.present(bytes(token), nonce(nonce), Right.INVOKE).isPresent();
  }

  @Test
  void theSameNonceIsRefusedForTheWholeLifeOfTheToken() {
    var tokens = Tokens.ordinary();
    var token = tokens.grant(Terms.lasting(Terms.LONGEST)).invocation();
    assertThat(present(tokens, token, 1)).isTrue();
    tokens.time.advance(Terms.LONGEST.minusNanos(1));
    tokens.registry.tick();
    assertThat(present(tokens, token, 1)).isFalse();
    assertThat(present(tokens, token, 2)).isTrue();
    assertThat(tokens.refusals()).isEqualTo(Map.of("replayed", 1L));
  }

  @Test
  void aReplayTakesNoUse() {
    var tokens = Tokens.ordinary();
    var token = tokens.grant(Terms.lasting(HOUR).uses(2)).invocation();
    present(tokens, token, 1);
    present(tokens, token, 1);
    assertThat(present(tokens, token, 2)).isTrue();
  }

  @Test
  void anotherTokenMayComeWithTheSameNonce() {
    var tokens = Tokens.ordinary();
    var parent = tokens.grant().invocation();
    var child = tokens.child(parent, Terms.lasting(HOUR));
    assertThat(present(tokens, parent, 7)).isTrue();
    assertThat(present(tokens, child, 7)).isTrue();
    assertThat(present(tokens, tokens.grant().invocation(), 7)).isTrue();
  }

  @Test
  void atTheBoundOfAGrantItsTokensAreRefusedAndTakeNoUseAndOthersAreNot() {
    var tokens = Tokens.under(TokenLimits.defaults().noncesPerGrant(3));
    var token = tokens.grant(Terms.lasting(HOUR).uses(5)).invocation();
    for (var i = 1; i <= 3; i++) {
      assertThat(present(tokens, token, i)).isTrue();
    }
    assertThat(present(tokens, token, 4)).isFalse();
    assertThat(tokens.refusals()).isEqualTo(Map.of("noRoomForNonce", 1L));
    assertThat(present(tokens, token, 1)).as("nothing was forgotten for it").isFalse();
    assertThat(tokens.refusals()).containsEntry("replayed", 1L);
    assertThat(present(tokens, tokens.grant().invocation(), 1)).isTrue();
    assertThat(tokens.count(TokenCounter.NONCES)).isEqualTo(4);
  }

  @Test
  void atTheBoundOfAllEveryTokenIsRefusedUntilOneEnds() {
    var tokens = Tokens.under(TokenLimits.defaults().nonces(2));
    var first = tokens.grant();
    var second = tokens.grant();
    assertThat(present(tokens, first.invocation(), 1)).isTrue();
    assertThat(present(tokens, second.invocation(), 1)).isTrue();
    assertThat(present(tokens, second.invocation(), 2)).isFalse();
    tokens.registry.revoke(first.context());
    assertThat(present(tokens, second.invocation(), 2)).isTrue();
    assertThat(present(tokens, second.invocation(), 1)).isFalse();
  }

  @Test
  void atTheBoundWhatHasOneUseLeftStillWorks() {
    var tokens = Tokens.under(TokenLimits.defaults().noncesPerGrant(2));
    var grant = tokens.grant();
    var once = tokens.child(grant.invocation(), Terms.lasting(HOUR).uses(1));
    assertThat(present(tokens, grant.invocation(), 100)).isTrue();
    assertThat(present(tokens, grant.invocation(), 101)).isFalse();
    assertThat(present(tokens, once, 102)).isTrue();
    assertThat(tokens.show(grant.shutdown(), Right.SHUTDOWN)).isPresent();
  }

  @Test
  void atTheBoundNoChildIsMade() {
    var tokens = Tokens.under(TokenLimits.defaults().noncesPerGrant(1));
    var parent = bytes(tokens.grant().invocation());
    tokens.registry.present(parent, nonce(1), Right.READ);
    assertThat(tokens.registry.delegate(parent, nonce(2), Terms.lasting(HOUR))).isEmpty();
    assertThat(tokens.count(TokenCounter.LIVE)).isEqualTo(2);
  }

  @Test
  void aSurrenderedChildGivesItsRoomBack() {
    var tokens = Tokens.under(TokenLimits.defaults().noncesPerGrant(3));
    var parent = tokens.grant().invocation();
    for (var round = 0; round < 2; round++) {
      var child = tokens.child(parent, Terms.lasting(HOUR));
      assertThat(present(tokens, child, 1)).isTrue();
      tokens.registry.surrender(bytes(child));
    }
    assertThat(tokens.count(TokenCounter.NONCES)).as("the two delegations").isEqualTo(2);
  }

  @Test
  void aNonceOlderThanTheWindowIsForgottenAndNotSooner() {
    var tokens = Tokens.under(TokenLimits.defaults().replayWindow(MINUTE));
    var token = tokens.grant().invocation();
    assertThat(present(tokens, token, 1)).isTrue();
    tokens.time.advance(MINUTE.minusNanos(1));
    assertThat(present(tokens, token, 1)).isFalse();
    tokens.time.advance(Duration.ofNanos(1));
    assertThat(present(tokens, token, 1)).isTrue();
  }

  @Test
  void aFullGrantHasRoomAgainWhenTheWindowHasPassedWithoutATick() {
    var tokens = Tokens.under(TokenLimits.defaults().replayWindow(MINUTE).noncesPerGrant(1));
    var parent = tokens.grant().invocation();
    assertThat(present(tokens, parent, 1)).isTrue();
    assertThat(present(tokens, parent, 2)).isFalse();
    tokens.time.advance(MINUTE);
    assertThat(present(tokens, parent, 2)).isTrue();
    assertThat(tokens.count(TokenCounter.NONCES)).isOne();
  }

  @Test
  void aTickForgetsOldNoncesAndSaysWhenTheNextAreDue() {
    var tokens = Tokens.under(TokenLimits.defaults().replayWindow(MINUTE));
    present(tokens, tokens.grant().invocation(), 1);
    assertThat(tokens.registry.tick()).isEqualTo(MINUTE.toNanos());
    tokens.time.advance(MINUTE);
    assertThat(tokens.registry.tick()).isEqualTo(HOUR.minus(MINUTE).toNanos());
    assertThat(tokens.count(TokenCounter.NONCES)).isZero();
  }

  @Test
  void roomIsCountedExactlyOverManyNoncesAndWindows() {
    var tokens = Tokens.under(TokenLimits.defaults().replayWindow(MINUTE));
    var token = tokens.grant().invocation();
    var accepted = 0;
    for (var i = 0; i < 5_000; i++) {
      tokens.time.advance(Duration.ofMillis(100));
      accepted += present(tokens, token, i % 700) ? 1 : 0;
    }
    tokens.registry.tick();
    assertThat(accepted).as("a nonce comes again after 70 seconds").isEqualTo(5_000);
    assertThat(tokens.count(TokenCounter.NONCES)).as("of the last minute").isEqualTo(600);
  }
}
