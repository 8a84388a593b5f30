package dev.cloister.tracing.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.cloister.tracing.flow.Direction;
import dev.cloister.tracing.flow.EndCause;
import dev.cloister.tracing.record.Parser;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/**
 * What every {@link Parser} does, ours and those of users; extend it in a test of yours. It holds
 * for any protocol that reads a stream, however packets cut it; what a parser finds is for its own
 * tests to say, with a {@link ParserHarness}.
 */
public abstract class ParserContract {
  private static final int RANDOM_RUNS = 200;

  /** For subclasses. */
  protected ParserContract() {}

  /**
   * Makes the parser under test.
   *
   * @return a parser; the contract opens many connections with it
   */
  protected abstract Parser parser();

  /**
   * Says something of the protocol from which the parser makes at least one record, in a few
   * hundred bytes; without an end.
   *
   * @param connection takes it
   */
  protected abstract void converse(ParserHarness connection);

  private List<Map<String, String>> records(UnaryOperator<ParserHarness> setup) {
    var connection = setup.apply(ParserHarness.of(parser()));
    converse(connection);
    connection.end(EndCause.FINISHED);
    return connection.records();
  }

  private List<Map<String, String>> records() {
    return records(UnaryOperator.identity());
  }

  @Test
  final void aConversationGivesRecords() {
    var records = records();
    assertFalse(records.isEmpty(), "no record came of the conversation");
    assertFalse(records.stream().anyMatch(Map::isEmpty), "a record is empty");
  }

  @Test
  final void itGivesTheSameEachTime() {
    assertEquals(records(), records());
  }

  @Test
  final void howPacketsCutAStreamMakesNoDifference() {
    var whole = records();
    for (var bytes : new int[] {1, 2, 3, 7, 50}) {
      assertEquals(
          whole, records(c -> c.inPiecesOf(bytes)), () -> "in pieces of " + bytes + " bytes");
    }
  }

  @Test
  final void noViewIsKeptAndNothingIsReadAroundIt() {
    for (var bytes : new int[] {1, 5, 1 << 20}) {
      assertEquals(
          records(c -> c.inPiecesOf(bytes).poison((byte) 'x')),
          records(c -> c.inPiecesOf(bytes).poison((byte) '\n')),
          "what a record says depends on what stood in the view after its call, or around it");
    }
  }

  @Test
  final void connectionsDoNotMix() {
    var parser = parser();
    var first = ParserHarness.of(parser);
    var second = ParserHarness.of(parser);
    converse(first);
    converse(second);
    first.end(EndCause.FINISHED);
    second.end(EndCause.FINISHED);
    assertEquals(records(), first.records());
    assertEquals(records(), second.records());
  }

  @Test
  final void aConnectionMayEndAnywhere() {
    for (var cause : EndCause.values()) {
      ParserHarness.of(parser()).end(cause);
    }
    var pieces = pieces();
    for (var last = 0; last < pieces; last++) {
      var connection = ParserHarness.of(parser()).inPiecesOf(5).onlyPieces(last);
      converse(connection);
      connection.end(EndCause.RESET);
    }
  }

  @Test
  final void anyPieceMayBeMissing() {
    var pieces = pieces();
    for (var missing = 0; missing < pieces; missing++) {
      var lost = missing;
      records(c -> c.inPiecesOf(5).losing(lost));
    }
  }

  private int pieces() {
    var connection = ParserHarness.of(parser()).inPiecesOf(5);
    converse(connection);
    return connection.pieces();
  }

  @Test
  final void oneDirectionAloneIsSurvived() {
    for (var direction : Direction.values()) {
      records(c -> c.only(direction));
    }
  }

  @Test
  final void anyBytesAreSurvived() {
    for (var seed = 0; seed < RANDOM_RUNS; seed++) {
      var random = new Random(seed);
      var connection = ParserHarness.of(parser());
      try {
        for (var i = 0; i < 5; i++) {
          var bytes = new byte[1 + random.nextInt(500)];
          random.nextBytes(bytes);
          connection.data(
              random.nextBoolean() ? Direction.CLIENT_TO_SERVER : Direction.SERVER_TO_CLIENT,
              bytes);
        }
        connection.end(EndCause.FINISHED);
      } catch (RuntimeException | Error e) {
        throw new AssertionError("random bytes of seed " + seed, e);
      }
    }
  }

  @Test
  final void alteredBytesAreSurvived() {
    for (var seed = 0; seed < RANDOM_RUNS; seed++) {
      var random = new Random(seed);
      try {
        records(c -> c.inPiecesOf(50).altering(random));
      } catch (RuntimeException | Error e) {
        throw new AssertionError("alterations of seed " + seed, e);
      }
    }
  }

  @Test
  final void whatThePolicyDoesNotWantNeedNotBeFound() {
    var all = records();
    var none = records(ParserHarness::wantingNothing);
    assertEquals(all.size(), none.size(), "how many records came");
  }
}
