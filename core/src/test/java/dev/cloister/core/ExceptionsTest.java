package dev.cloister.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.security.SecureRandom;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the one family of exceptions tells, and what it does not; and the name of a context. */
final class ExceptionsTest {

  private static String printed(Throwable thrown) {
    var text = new StringWriter();
    thrown.printStackTrace(new PrintWriter(text));
    return text.toString();
  }

  @Test
  void whatFailsInsideASealedContextTellsNothingOfTheContent() {
    var original =
        new IllegalStateException("GET /secret", new IllegalArgumentException("password"));
    original.addSuppressed(new IllegalStateException("cookie"));
    var crossing = SealedFailure.of(Mode.SEALED, "release", 7, original);
    assertThat(crossing)
        .hasMessage("release failed at 7: java.lang.IllegalStateException")
        .hasNoCause()
        .hasNoSuppressedExceptions();
    assertThat(printed(crossing)).doesNotContain("secret", "password", "cookie");
  }

  @Test
  void aLabKeepsTheOriginalWhole() {
    var original = new IllegalStateException("GET /secret");
    assertThat(SealedFailure.of(Mode.LAB, "release", 7, original))
        .hasMessage("release failed at 7: java.lang.IllegalStateException")
        .hasCause(original);
  }

  @Test
  void aRefusedCallIsNamedWithItsErrno() {
    var known = new NativeCallException("mlock", 12);
    assertThat(known).hasMessage("mlock failed: ENOMEM");
    assertThat(known.call()).isEqualTo("mlock");
    assertThat(known.errno()).isEqualTo(12);
    assertThat(known.errnoName()).isEqualTo("ENOMEM");
    assertThat(new NativeCallException("mlock", 95)).hasMessage("mlock failed: errno 95");
  }

  @Test
  void everyLackStandsOnALineOfItsOwn() {
    var refused = new SealRefused(List.of("one", "two"));
    assertThat(refused).hasMessage("one" + System.lineSeparator() + "two");
    assertThat(refused.lacks()).containsExactly("one", "two");
  }

  @Test
  void aRejectionBeginsWithItsPlace() {
    var rejected = new PolicyRejected("http.yaml:7 fields", "\"x\": allowed is a mapping");
    assertThat(rejected).hasMessage("http.yaml:7 fields: \"x\": allowed is a mapping");
    assertThat(rejected.location()).isEqualTo("http.yaml:7 fields");
  }

  @Test
  void aDenialBeginsWithItsRule() {
    var denied = new Denied("network.rules[2]", "port 25 is not allowed");
    assertThat(denied).hasMessage("network.rules[2]: port 25 is not allowed");
    assertThat(denied.rule()).isEqualTo("network.rules[2]");
  }

  @Test
  void aContextIdIs128RandomBitsInHex() {
    var random = new SecureRandom();
    assertThat(ContextId.random(random).hex()).matches("[0-9a-f]{32}");
    assertThat(ContextId.random(random)).isNotEqualTo(ContextId.random(random));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "0", "0123456789ABCDEF0123456789ABCDEF", "0123456789abcdef0123456789abcdef0"})
  void anythingElseIsNoContextId(String hex) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new ContextId(hex))
        .withMessage("context id \"" + hex + "\": must be 32 lower-case hex digits");
  }
}
