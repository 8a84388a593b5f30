package dev.cloister.core.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Which terms and limits make sense. */
final class TermsTest {
  private static final Terms HOUR = Terms.lasting(Duration.ofHours(1));
  private static final TokenLimits LIMITS = TokenLimits.defaults();

  private static Arguments refused(String message, Supplier<?> attempt) {
    return Arguments.of(message, attempt);
  }

  static Stream<Arguments> senseless() {
    return Stream.of(
        refused("uses 0: must be at least 1", () -> HOUR.uses(0)),
        refused(
            "lifetime PT0S: allowed above zero, up to PT8784H", () -> Terms.lasting(Duration.ZERO)),
        refused(
            "lifetime PT8784H0.000000001S: allowed above zero, up to PT8784H",
            () -> Terms.lasting(Terms.LONGEST.plusNanos(1))),
        refused(
            "rights []: allowed are some of INVOKE, READ, DELEGATE",
            () -> new Terms(1, Terms.LONGEST, Set.of())),
        refused(
            "rights [SHUTDOWN]: allowed are some of INVOKE, READ, DELEGATE",
            () -> new Terms(1, Terms.LONGEST, Set.of(Right.SHUTDOWN))),
        refused("grants 0: must be at least 1", () -> LIMITS.grants(0)),
        refused("childrenPerGrant -1: must be at least 0", () -> LIMITS.childrenPerGrant(-1)),
        refused("depth -1: must be at least 0", () -> LIMITS.depth(-1)),
        refused("nonces 0: must be at least 1", () -> LIMITS.nonces(0)),
        refused("noncesPerGrant 0: must be at least 1", () -> LIMITS.noncesPerGrant(0)),
        refused("replayWindow PT0S: must be above zero", () -> LIMITS.replayWindow(Duration.ZERO)),
        refused("token of 47 bytes: must be exactly 48", () -> InvocationToken.of(new byte[47])));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("senseless")
  void whatMakesNoSenseIsRefusedWithWhatIsAllowed(String message, Supplier<?> attempt) {
    assertThatIllegalArgumentException().isThrownBy(attempt::get).withMessage(message);
  }

  @Test
  void eachLimitIsSetAlone() {
    var all =
        LIMITS
            .grants(1)
            .childrenPerGrant(2)
            .depth(3)
            .nonces(4)
            .noncesPerGrant(5)
            .replayWindow(Duration.ofSeconds(6));
    assertThat(all).isEqualTo(new TokenLimits(1, 2, 3, 4, 5, Duration.ofSeconds(6)));
  }

  @Test
  void termsDoNotChangeWithTheSetTheyWereMadeOf() {
    var rights = EnumSet.of(Right.READ);
    var terms = new Terms(1, Terms.LONGEST, rights);
    rights.add(Right.INVOKE);
    assertThat(terms.rights()).containsExactly(Right.READ);
  }
}
