package dev.cloister.sandbox.session;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.cloister.core.ContextDestroyed;
import dev.cloister.core.PolicyRejected;
import dev.cloister.core.key.SecretAccess;
import dev.cloister.core.token.InvocationToken;
import dev.cloister.core.token.ShutdownToken;
import dev.cloister.core.token.Token;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A grant can be written and read again, says nothing by itself, and ends. */
final class RemoteGrantTest {
  private static final String TOKEN = Base64.getUrlEncoder().encodeToString(bytes(7));
  private static final String TEXT =
      "cloister grant 1\nnode here:1\ninvocation " + TOKEN + "\nlast 41\n";

  private static byte[] bytes(int fill) {
    var bytes = new byte[Token.BYTES];
    Arrays.fill(bytes, (byte) fill);
    return bytes;
  }

  private static RemoteGrant parse(String text) {
    return RemoteGrant.parse(text.getBytes(UTF_8));
  }

  private static RemoteGrant grant(boolean withShutdown) {
    return RemoteGrant.of(
        "here:1",
        InvocationToken.of(bytes(1)),
        withShutdown ? Optional.of(ShutdownToken.of(bytes(2))) : Optional.empty(),
        41);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void whatIsWrittenIsRead(boolean withShutdown) {
    try (var grant = grant(withShutdown);
        var read = RemoteGrant.parse(grant.bytes(SecretAccess.granted()))) {
      assertThat(read.node()).isEqualTo("here:1");
      assertThat(read.last()).isEqualTo(41);
      assertThat(read.canShutDown()).isEqualTo(withShutdown);
      assertThat(read.bytes(SecretAccess.granted())).isEqualTo(grant.bytes(SecretAccess.granted()));
    }
  }

  @Test
  void theLongestGrantFits() {
    try (var grant =
        RemoteGrant.of(
            "n".repeat(RemoteGrant.NODE_CHARACTERS_MAX),
            InvocationToken.of(bytes(1)),
            Optional.of(ShutdownToken.of(bytes(2))),
            999_999_999_999_999_999L)) {
      assertThat(RemoteGrant.parse(grant.bytes(SecretAccess.granted())).last())
          .isEqualTo(999_999_999_999_999_999L);
    }
  }

  /** What is 48 bytes long is a token of the host itself. */
  @Test
  void noGrantIsAsLongAsAToken() {
    try (var grant = RemoteGrant.of("n", InvocationToken.of(bytes(1)), Optional.empty(), 0)) {
      assertThat(grant.bytes(SecretAccess.granted())).hasSizeGreaterThan(Token.BYTES);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "cloister grant 1 | cloister grant 2 | grant:1",
        "node here:1 | node | grant:1",
        "node here:1 | node here 1 | grant:2",
        "node here:1 | node hére | grant:2",
        "invocation | invitation | grant:2",
        "invocation B | invocation -B | grant:3",
        "invocation B | invocation * | grant:3",
        "last 41 | last -2 | grant:4",
        "last 41 | last 041 | grant:4",
        "last 41 | last 9999999999999999999 | grant:4",
        "last 41 | first 41 | grant:3",
      })
  void whatIsNoGrantIsRefusedWithTheLineAndNothingOfIt(String good, String bad, String place) {
    assertThatExceptionOfType(PolicyRejected.class)
        .isThrownBy(() -> parse(TEXT.replace(good, bad)))
        .satisfies(e -> assertThat(e.location()).isEqualTo(place))
        .satisfies(e -> assertThat(e.getMessage()).doesNotContain(TOKEN.substring(1)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "\n", "cloister grant 1", "cloister grant 1\n"})
  void norIsWhatIsCutShort(String text) {
    assertThatExceptionOfType(PolicyRejected.class).isThrownBy(() -> parse(text));
    assertThatExceptionOfType(PolicyRejected.class).isThrownBy(() -> parse(TEXT + " "));
    assertThatExceptionOfType(PolicyRejected.class)
        .isThrownBy(() -> parse(TEXT.substring(0, TEXT.length() - 1)));
  }

  @Test
  void aClosedGrantIsGone() {
    var grant = grant(true);
    grant.close();
    assertThatExceptionOfType(ContextDestroyed.class)
        .isThrownBy(() -> grant.bytes(SecretAccess.granted()));
  }

  @Test
  void itSaysWhereAndNothingOfItsTokens() {
    try (var grant = parse(TEXT)) {
      assertThat(grant).hasToString("RemoteGrant[here:1, last 41]");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a b", "a\nb", "é"})
  void aNodeIsPrintableAscii(String node) {
    assertThatExceptionOfType(IllegalArgumentException.class)
        .isThrownBy(() -> RemoteGrant.of(node, InvocationToken.of(bytes(1)), Optional.empty(), 0));
  }
}
