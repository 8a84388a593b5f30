package dev.cloister.core.testing;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import dev.cloister.core.gate.Declaration;
import dev.cloister.core.gate.Exchange;
import java.io.IOException;
import java.time.Duration;
import java.util.Locale;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The contract, and what the fake alone can do; the annex answers by the same script. */
final class LoopbackExchangeTest extends ExchangeContract {
  private static final Duration SECOND = Duration.ofSeconds(1);

  private final LooseContext context = LooseContext.create();

  @Override
  protected Declaration<? extends Exchange> echoing() {
    return LoopbackExchange.named("echo", UnaryOperator.identity());
  }

  @Override
  protected Declaration<? extends Exchange> silent() {
    return LoopbackExchange.named("silent", UnaryOperator.identity()).taking(Duration.ofDays(1));
  }

  @AfterEach
  void destroyTheKeysOfThisTest() {
    context.close();
  }

  private static byte[] upperCase(byte[] text) {
    return new String(text, UTF_8).toUpperCase(Locale.ROOT).getBytes(UTF_8);
  }

  @Test
  void theFunctionOfTheTestAnswersAndEveryRequestIsKept() throws IOException {
    var exchange =
        context.open(LoopbackExchange.named("shout", LoopbackExchangeTest::upperCase).failingAt(2));
    assertThat(exchange.exchange("a".getBytes(UTF_8), SECOND)).isEqualTo("A".getBytes(UTF_8));
    assertThatIOException()
        .isThrownBy(() -> exchange.exchange("b".getBytes(UTF_8), SECOND))
        .withMessage("\"shout\" fails at request 2, as the test asked");
    exchange.stop();
    assertThatIOException().isThrownBy(() -> exchange.exchange("c".getBytes(UTF_8), SECOND));
    assertThat(exchange.requests()).containsExactly("a".getBytes(UTF_8), "b".getBytes(UTF_8));
  }

  @Test
  void anAnswerIsLateByItsDeclaredTimeAndNobodyWaits() throws IOException {
    var exchange =
        context.open(LoopbackExchange.named("slow", UnaryOperator.identity()).taking(SECOND));
    assertThat(exchange.exchange(new byte[] {7}, SECOND)).isEqualTo(new byte[] {7});
    assertThatIOException()
        .isThrownBy(() -> exchange.exchange(new byte[] {7}, Duration.ofMillis(999)))
        .withMessage("\"slow\" was late: an answer takes PT1S, allowed were PT0.999S");
  }

  @Test
  void anAnnexAnswersFailsAndIsLateAsItsScriptSays() throws IOException {
    var annex =
        context.open(
            FakeAnnex.named("helper", LoopbackExchangeTest::upperCase).taking(SECOND).failingAt(2));
    assertThat(annex.ask("spam".getBytes(UTF_8), SECOND)).isEqualTo("SPAM".getBytes(UTF_8));
    assertThatIOException().isThrownBy(() -> annex.ask(new byte[1], SECOND));
    assertThatIOException().isThrownBy(() -> annex.ask(new byte[1], Duration.ofMillis(1)));
    annex.close();
    assertThatIOException()
        .isThrownBy(() -> annex.ask(new byte[1], SECOND))
        .withMessage("\"helper\" takes no more requests");
    assertThat(annex.questions()).hasSize(3).first().isEqualTo("spam".getBytes(UTF_8));
  }
}
