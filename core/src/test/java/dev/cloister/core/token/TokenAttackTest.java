package dev.cloister.core.token;

import static dev.cloister.core.token.Tokens.HOUR;
import static dev.cloister.core.token.Tokens.bytes;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What is tried with tokens that are no good, and that it is all one answer. */
final class TokenAttackTest {
  private final Tokens tokens = Tokens.ordinary();
  private final Grant grant = tokens.grant();
  private final byte[] invocation = bytes(grant.invocation());
  private final byte[] shutdown = bytes(grant.shutdown());

  private static byte[] joined(byte[] first, byte[] second) {
    var joined = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, joined, first.length, second.length);
    return joined;
  }

  private static Arguments forgery(
      String name, String cause, BiFunction<byte[], byte[], byte[]> forge) {
    return Arguments.of(name, cause, forge);
  }

  /** Each is made of a good invocation token and the shutdown token that came with it. */
  static Stream<Arguments> forgeries() {
    return Stream.of(
        forgery("nothing", "malformed", (_, _) -> new byte[0]),
        forgery("zeroes", "unknown", (_, _) -> new byte[Token.BYTES]),
        forgery("the identifier alone", "malformed", (i, _) -> Arrays.copyOf(i, 16)),
        forgery("the secret alone", "malformed", (i, _) -> Arrays.copyOfRange(i, 16, 48)),
        forgery("truncated", "malformed", (i, _) -> Arrays.copyOf(i, 47)),
        forgery("extended", "malformed", (i, _) -> Arrays.copyOf(i, 49)),
        forgery("both joined", "malformed", TokenAttackTest::joined),
        forgery("twice", "malformed", (i, _) -> joined(i, i)),
        forgery(
            "the secret wiped", "mismatched", (i, _) -> Arrays.copyOf(Arrays.copyOf(i, 16), 48)),
        forgery(
            "another's secret",
            "mismatched",
            (i, s) -> joined(Arrays.copyOf(i, 16), Arrays.copyOfRange(s, 16, 48))),
        forgery(
            "its hash for a secret",
            "mismatched",
            (i, _) -> joined(Arrays.copyOf(i, 16), TokenKind.INVOCATION.hash(i))),
        forgery(
            "shifted",
            "unknown",
            (i, _) -> joined(Arrays.copyOfRange(i, 1, 48), Arrays.copyOf(i, 1))),
        forgery("the shutdown token", "mismatched", (_, s) -> s));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("forgeries")
  void aForgeryInvokesNothing(String name, String cause, BiFunction<byte[], byte[], byte[]> forge) {
    assertThat(tokens.show(forge.apply(invocation, shutdown), Right.INVOKE)).as(name).isEmpty();
    assertThat(tokens.refusals()).isEqualTo(Map.of(cause, 1L));
    assertThat(tokens.show(invocation, Right.INVOKE)).as("the real one").isPresent();
  }

  @Test
  void anInvocationTokenShutsNothingDown() {
    assertThat(tokens.show(invocation, Right.SHUTDOWN)).isEmpty();
    assertThat(tokens.refusals()).isEqualTo(Map.of("mismatched", 1L));
  }

  @ParameterizedTest
  @EnumSource(Right.class)
  void everySingleBitThatIsFlippedIsRefused(Right right) {
    var good = right == Right.SHUTDOWN ? shutdown : invocation;
    for (var bit = 0; bit < 8 * Token.BYTES; bit++) {
      var flipped = good.clone();
      flipped[bit / 8] ^= (byte) (1 << bit % 8);
      assertThat(tokens.show(flipped, right)).as("bit %d", bit).isEmpty();
    }
    assertThat(tokens.refusals()).isEqualTo(Map.of("unknown", 128L, "mismatched", 256L));
    assertThat(tokens.show(good, right)).as("the real one").isPresent();
  }

  @Test
  void anyBytesGetARefusalAndNoException() {
    var random = new Random(31);
    var expected = 0L;
    for (var length = 0; length <= 200; length++) {
      for (var right : Right.values()) {
        var token = new byte[length];
        random.nextBytes(token);
        if (random.nextBoolean()) {
          System.arraycopy(invocation, 0, token, 0, Math.min(length, 16));
        }
        var nonce = new byte[random.nextInt(4) == 0 ? random.nextInt(40) : 16];
        random.nextBytes(nonce);
        assertThat(tokens.registry.present(token, nonce, right))
            .as("seed 31, length %d, %s", length, right)
            .isEmpty();
        assertThat(tokens.registry.delegate(token, nonce, Terms.lasting(HOUR))).isEmpty();
        assertThat(tokens.registry.surrender(token)).isFalse();
        expected += 3;
      }
    }
    var counted = tokens.refusals().values().stream().mapToLong(Long::longValue).sum();
    assertThat(counted).isEqualTo(expected);
    assertThat(tokens.count(TokenCounter.LIVE)).isEqualTo(2);
    assertThat(tokens.count(TokenCounter.NONCES)).isZero();
  }

  @Test
  void aNonceOfAnotherLengthIsRefused() {
    for (var length : new int[] {0, 15, 17, 48}) {
      assertThat(tokens.registry.present(invocation, new byte[length], Right.INVOKE)).isEmpty();
    }
    assertThat(tokens.refusals()).isEqualTo(Map.of("malformed", 4L));
  }

  @Test
  void theTokenOfAnotherRegistryIsUnknown() {
    var other = Tokens.ordinary();
    var theirs = other.registry.issue(grant.context(), Terms.lasting(HOUR));
    assertThat(tokens.invoke(theirs.invocation())).isEmpty();
    assertThat(tokens.show(theirs.shutdown(), Right.SHUTDOWN)).isEmpty();
    assertThat(tokens.refusals()).isEqualTo(Map.of("unknown", 2L));
  }

  @Test
  void aChildEndsWithItsGrant() {
    var child = tokens.child(grant.invocation(), Terms.lasting(HOUR));
    assertThat(tokens.invoke(child)).isPresent();
    tokens.registry.revoke(grant.context());
    assertThat(tokens.invoke(child)).isEmpty();
    assertThat(tokens.registry.delegate(bytes(child), tokens.freshNonce(), Terms.lasting(HOUR)))
        .isEmpty();
  }

  @Test
  void aNewGrantOfTheSameContextDoesNotReviveTheOld() {
    tokens.registry.revoke(grant.context());
    tokens.registry.issue(grant.context(), Terms.lasting(HOUR));
    assertThat(tokens.show(invocation, Right.INVOKE)).isEmpty();
    assertThat(tokens.show(shutdown, Right.SHUTDOWN)).isEmpty();
  }

  @Test
  void aDeepChildNeverGetsBackWhatAnAncestorGaveUp() {
    var readOnly = tokens.child(grant.invocation(), Terms.lasting(HOUR).readOnly());
    var greedy = tokens.child(readOnly, Terms.lasting(HOUR));
    assertThat(tokens.invoke(greedy)).isEmpty();
    assertThat(tokens.show(greedy, Right.READ).orElseThrow().isReadOnly()).isTrue();
  }

  /** Every cause there is, brought about for one token at a time. */
  @Test
  void everyRefusalIsTheSameAnswer() {
    var small = Tokens.under(TokenLimits.defaults().noncesPerGrant(1));
    var once = bytes(small.grant(Terms.lasting(HOUR).uses(1)).invocation());
    var readOnly = bytes(small.grant(Terms.lasting(HOUR).readOnly()).invocation());
    var full = bytes(small.grant(Terms.lasting(HOUR)).invocation());
    var brief = bytes(small.grant(Terms.lasting(HOUR.dividedBy(2))).invocation());
    small.show(once, Right.INVOKE);
    var nonce = small.freshNonce();
    small.registry.present(full, nonce, Right.INVOKE);
    small.time.advance(HOUR.dividedBy(2));
    var answers =
        Stream.<Optional<Presented>>of(
                small.show(new byte[3], Right.INVOKE),
                small.show(invocation, Right.INVOKE),
                small.show(full, Right.SHUTDOWN),
                small.registry.present(full, small.freshNonce(), Right.READ, grant.context()),
                small.show(brief, Right.INVOKE),
                small.show(readOnly, Right.INVOKE),
                small.registry.present(full, nonce, Right.INVOKE),
                small.show(once, Right.INVOKE),
                small.show(full, Right.INVOKE))
            .toList();
    assertThat(answers)
        .hasSize(9)
        .allSatisfy(answer -> assertThat(answer).isSameAs(answers.getFirst()));
    assertThat(small.refusals().keySet())
        .containsExactlyInAnyOrder(
            "malformed",
            "unknown",
            "mismatched",
            "foreign",
            "expired",
            "withoutRight",
            "replayed",
            "exhausted",
            "noRoomForNonce");
  }
}
