package dev.cloister.core.token;

import static dev.cloister.core.token.Tokens.HOUR;
import static dev.cloister.core.token.Tokens.bytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.cloister.core.Denied;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A token that was made from another is never wider than that one, and ends with it. */
final class DelegationTest {
  private static final Terms ANY = Terms.lasting(HOUR);

  private final Tokens tokens = Tokens.ordinary();

  /** Letters for rights: i, r, d. */
  private static Terms terms(String rights, String uses, int minutes) {
    var set =
        Stream.of(Right.values())
            .filter(right -> rights.indexOf(Character.toLowerCase(right.name().charAt(0))) >= 0)
            .collect(Collectors.toCollection(() -> EnumSet.noneOf(Right.class)));
    var count = uses.equals("*") ? Terms.UNLIMITED : Long.parseLong(uses);
    return new Terms(count, Duration.ofMinutes(minutes), set);
  }

  /** The child is shown once, which takes one use; then what is left is compared. */
  @ParameterizedTest
  @CsvSource({
    // parent        asked for       the child's
    "ird, *, 60,     ird, *, 60,     ird, *, 60",
    "ird, *, 60,     rd,  *, 60,     rd,  *, 60",
    "ird, *, 60,     r,   5, 30,     r,   4, 30",
    "ird, 9, 60,     ird, *, 60,     ird, 8, 60",
    "ird, 3, 60,     ird, 9, 60,     ird, 2, 60",
    "ird, 9, 60,     ird, 3, 60,     ird, 2, 60",
    "ird, *, 20,     ird, *, 60,     ird, *, 20",
    "rd,  *, 60,     ird, *, 60,     rd,  *, 60",
    "rd,  9, 20,     ir,  5, 60,     r,   4, 20",
    "ird, *, 60,     ir,  *, 527040, ir,  *, 60",
  })
  void aChildIsAsWideAsItsParentAtMost(
      String parentRights,
      String parentUses,
      int parentMinutes,
      String askedRights,
      String askedUses,
      int askedMinutes,
      String rights,
      String uses,
      int minutes) {
    var parent = tokens.grant(terms(parentRights, parentUses, parentMinutes)).invocation();
    var child = tokens.child(parent, terms(askedRights, askedUses, askedMinutes));
    var shown = tokens.show(child, Right.READ).orElseThrow();
    var expected = terms(rights, uses, minutes);
    assertThat(shown.rights()).isEqualTo(expected.rights());
    assertThat(shown.usesLeft()).isEqualTo(expected.uses());
    assertThat(shown.timeLeft()).isEqualTo(expected.lifetime());
    tokens.time.advance(expected.lifetime());
    assertThat(tokens.show(child, Right.READ)).isEmpty();
  }

  @Test
  void makingAChildTakesNoUse() {
    var parent = tokens.grant(ANY.uses(1)).invocation();
    assertThat(tokens.invoke(tokens.child(parent, ANY))).isPresent();
  }

  @Test
  void aUseOfAChildIsAUseOfEveryAncestor() {
    var root = tokens.grant(ANY.uses(3)).invocation();
    var child = tokens.child(root, ANY);
    var grandchild = tokens.child(child, ANY.uses(2));
    assertThat(tokens.invoke(grandchild).orElseThrow().usesLeft()).isOne();
    assertThat(tokens.invoke(child).orElseThrow().usesLeft()).isOne();
    assertThat(tokens.invoke(grandchild).orElseThrow().usesLeft()).isZero();
    assertThat(tokens.invoke(root)).isEmpty();
    assertThat(tokens.invoke(child)).isEmpty();
    assertThat(tokens.refusals()).isEqualTo(Map.of("exhausted", 2L));
  }

  @Test
  void aChildThatIsUsedUpLeavesItsParentTheRest() {
    var parent = tokens.grant(ANY.uses(3)).invocation();
    var child = tokens.child(parent, ANY.uses(1));
    tokens.invoke(child);
    assertThat(tokens.invoke(child)).isEmpty();
    assertThat(tokens.invoke(parent).orElseThrow().usesLeft()).isOne();
  }

  @Test
  void onlyATokenThatMayDelegateDoes() {
    var grant = tokens.grant(ANY.undelegable());
    for (var token : Set.of(grant.invocation(), grant.shutdown())) {
      assertThat(tokens.registry.delegate(bytes(token), tokens.freshNonce(), ANY)).isEmpty();
    }
    assertThat(tokens.refusals()).isEqualTo(Map.of("withoutRight", 1L, "mismatched", 1L));
    assertThat(tokens.count(TokenCounter.DELEGATED)).isZero();
  }

  @Test
  void aChildWithoutAnyRightIsNotMade() {
    var parent = tokens.grant(ANY.readOnly()).invocation();
    var invokeOnly = new Terms(1, HOUR, Set.of(Right.INVOKE));
    assertThat(tokens.registry.delegate(bytes(parent), tokens.freshNonce(), invokeOnly)).isEmpty();
    assertThat(tokens.refusals()).isEqualTo(Map.of("withoutRight", 1L));
  }

  @Test
  void oneNonceMakesOneChild() {
    var parent = bytes(tokens.grant().invocation());
    var nonce = tokens.freshNonce();
    assertThat(tokens.registry.delegate(parent, nonce, ANY)).isPresent();
    assertThat(tokens.registry.delegate(parent, nonce, ANY)).isEmpty();
    assertThat(tokens.registry.present(parent, nonce, Right.INVOKE)).isEmpty();
    assertThat(tokens.refusals()).isEqualTo(Map.of("replayed", 2L));
  }

  @Test
  void surrenderingATokenEndsItAndItsDescendantsAlone() {
    var grant = tokens.grant();
    var child = tokens.child(grant.invocation(), ANY);
    var grandchild = tokens.child(child, ANY);
    var sibling = tokens.child(grant.invocation(), ANY);
    assertThat(tokens.registry.surrender(bytes(child))).isTrue();
    assertThat(tokens.registry.surrender(bytes(child))).isFalse();
    assertThat(tokens.invoke(child)).isEmpty();
    assertThat(tokens.invoke(grandchild)).isEmpty();
    assertThat(tokens.refusals()).isEqualTo(Map.of("unknown", 3L));
    assertThat(tokens.invoke(sibling)).isPresent();
    assertThat(tokens.invoke(grant.invocation())).isPresent();
  }

  @Test
  void aShutdownTokenOutlivesASurrenderedInvocationToken() {
    var grant = tokens.grant();
    assertThat(tokens.registry.surrender(bytes(grant.shutdown()))).isFalse();
    assertThat(tokens.registry.surrender(bytes(grant.invocation()))).isTrue();
    assertThat(tokens.show(grant.shutdown(), Right.SHUTDOWN)).isPresent();
    assertThat(tokens.refusals()).isEqualTo(Map.of("mismatched", 1L));
  }

  @Test
  void tokensAreMadeFromOneAnotherToADepth() {
    var shallow = Tokens.under(TokenLimits.defaults().depth(2));
    var child = shallow.child(shallow.grant().invocation(), ANY);
    var grandchild = shallow.child(child, ANY);
    assertThatExceptionOfType(Denied.class)
        .isThrownBy(() -> shallow.child(grandchild, ANY))
        .withMessage(
            "tokens.depth: a token made from one of depth 2: allowed is depth 2"
                + " (TokenLimits.depth); make it from one nearer to the grant");
    assertThat(shallow.count(TokenCounter.TOO_DEEP)).isOne();
    assertThat(shallow.invoke(grandchild)).isPresent();
  }

  @Test
  void aGrantHasAsManyChildrenAsAreAllowed() {
    var few = Tokens.under(TokenLimits.defaults().childrenPerGrant(2));
    var root = few.grant().invocation();
    var child = few.child(root, ANY);
    var once = few.child(child, ANY.uses(1));
    assertThatExceptionOfType(Denied.class)
        .isThrownBy(() -> few.child(root, ANY))
        .withMessage(
            "tokens.children: token 3 made from a grant: allowed are 2 live ones"
                + " (TokenLimits.childrenPerGrant); surrender one, or wait until one is spent");
    assertThat(few.count(TokenCounter.NO_ROOM_FOR_CHILD)).isOne();
    few.invoke(once);
    assertThat(few.child(root, ANY)).as("one that is used up makes room").isNotNull();
    few.registry.surrender(bytes(child));
    assertThat(few.child(root, ANY)).as("so does one that is surrendered").isNotNull();
  }

  @Test
  void aDenialOfADelegationSpendsNoNonce() {
    var none = Tokens.under(TokenLimits.defaults().depth(0));
    var root = none.grant().invocation();
    assertThatExceptionOfType(Denied.class).isThrownBy(() -> none.child(root, ANY));
    assertThat(none.count(TokenCounter.NONCES)).isZero();
  }
}
