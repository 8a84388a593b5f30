package dev.cloister.core.testing;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cloister.core.ContextDestroyed;
import dev.cloister.core.gate.Declaration;
import dev.cloister.core.gate.Exchange;
import java.io.IOException;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * What every {@link Exchange} does, the fake and the real one; extend it in a test of yours. Its
 * frames are 1 to 1024 bytes long, and no policy of the exchange may refuse them.
 */
public abstract class ExchangeContract {
  private static final Duration LONG_ENOUGH = Duration.ofSeconds(20);

  private final LooseContext context = LooseContext.create();

  /** For subclasses. */
  protected ExchangeContract() {}

  /**
   * Declares an exchange whose other side answers each request with the request's own bytes.
   *
   * @return an exchange that is not open yet
   * @throws IOException when its other side cannot be made
   */
  protected abstract Declaration<? extends Exchange> echoing() throws IOException;

  /**
   * Declares an exchange whose other side takes requests and never answers.
   *
   * @return an exchange that is not open yet
   * @throws IOException when its other side cannot be made
   */
  protected abstract Declaration<? extends Exchange> silent() throws IOException;

  @AfterEach
  final void destroyTheKeys() {
    context.close();
  }

  @Test
  final void everyRequestIsAnsweredByItsOwnResponse() throws IOException {
    var random = new Random(1);
    try (var exchange = context.open(echoing())) {
      for (var sizeBytes : new int[] {1, 2, 255, 256, 1000, 1024, 3}) {
        var request = new byte[sizeBytes];
        random.nextBytes(request);
        assertArrayEquals(request, exchange.exchange(request.clone(), LONG_ENOUGH));
      }
    }
  }

  @Test
  final void theCallerKeepsItsRequestAndItsResponse() throws IOException {
    try (var exchange = context.open(echoing())) {
      var request = new byte[] {1, 2, 3};
      var response = exchange.exchange(request, LONG_ENOUGH);
      assertArrayEquals(new byte[] {1, 2, 3}, request);
      request[0] = 9;
      assertArrayEquals(new byte[] {9, 2, 3}, exchange.exchange(request, LONG_ENOUGH));
      assertArrayEquals(new byte[] {1, 2, 3}, response);
    }
  }

  @Test
  final void anAnswerThatDoesNotComeIsAFailureOnceTheDeadlineHasPassed() throws IOException {
    try (var exchange = context.open(silent())) {
      assertThrows(
          IOException.class, () -> exchange.exchange(new byte[] {1}, Duration.ofMillis(50)));
    }
  }

  @Test
  final void noRequestIsTakenAfterStop() throws IOException {
    try (var exchange = context.open(echoing())) {
      exchange.stop();
      assertEnded(exchange);
    }
  }

  @Test
  final void closingTwiceIsClosingOnce() throws IOException {
    var exchange = context.open(echoing());
    exchange.close();
    exchange.close();
    assertEnded(exchange);
  }

  private static void assertEnded(Exchange exchange) {
    var thrown =
        assertThrows(Exception.class, () -> exchange.exchange(new byte[] {1}, LONG_ENOUGH));
    assertTrue(
        thrown instanceof IOException || thrown instanceof ContextDestroyed, thrown.toString());
  }

  @Test
  final void itsDeclarationSaysTheSameEachTime() throws IOException {
    var declaration = echoing();
    assertEquals(LooseContext.described(declaration), LooseContext.described(declaration));
    assertTrue(declaration.name().matches("[A-Za-z0-9-]+"), declaration.name());
  }
}
