package dev.cloister.tracing.flow;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/**
 * A direction whose beginning was not captured waits a little for what came before its first
 * segment, and begins with the lowest number it got by then.
 */
final class MidstreamTest {
  private static final int PATIENCE = Limits.tracing().midstreamBytes();

  private final Heard heard = new Heard();
  private final Link link = Link.tracedBy(heard);
  private final Sender client = link.client();

  @Test
  void theLowestNumberIsTheBeginning() {
    client.data(103, "def").data(100, "abc").data(106, "ghi");
    client.peer().ack(109);
    assertThat(heard.fromClient(0)).isEqualTo("abcdefghi");
    assertThat(heard.linesOf("gap")).isEmpty();
    assertThat(link.counts().beforeStartBytes()).isZero();
    assertThat(link.counts().duplicateBytes()).isZero();
  }

  @Test
  void whatCameFirstWaitsUntilItIsAcknowledged() {
    client.data(100, "abc");
    client.peer().ack(100);
    assertThat(heard.lines).isEmpty();
    client.peer().ack(103);
    assertThat(heard.lines).containsExactly("0 > data 0 abc");
  }

  @Test
  void oneSidedTrafficFlowsWhenEnoughHasCome() {
    var half = new byte[PATIENCE / 2 + 1];
    client.data(100, half);
    assertThat(heard.lines).isEmpty();
    client.data(100 + half.length, half);
    client.data(100 + 2L * half.length, "abc");
    assertThat(heard.spanFromClient(0)).isEqualTo(2L * half.length + 3);
    assertThat(heard.fromClient(0)).endsWith("abc");
  }

  @Test
  void oneSidedTrafficIsAllThereAtTheEnd() {
    client.data(100, "abc").data(103, "def");
    link.end();
    assertThat(heard.fromClient(0)).isEqualTo("abcdef");
    assertThat(heard.linesOf("gap")).isEmpty();
  }

  @Test
  void whatComesBeforeTheBeginningTooLateIsOutsideTheStream() {
    client.data(100, "def");
    client.peer().ack(103);
    client.data(97, "abc").data(98, "bcdef");
    assertThat(heard.lines).containsExactly("0 > data 0 def", "0 > overlap 0 def 0");
    assertThat(link.counts().beforeStartBytes()).isEqualTo(5);
    assertThat(link.counts().duplicateBytes()).isEqualTo(3);
  }

  @Test
  void aHoleBehindTheBeginningIsAHole() {
    client.data(100, "abc").data(105, "f");
    link.end();
    assertThat(heard.linesOf("gap")).containsExactly("0 > gap 3+2");
  }

  @Test
  void pagesOfThePastMayLieBeforeTheFirstSegmentSeen() {
    var page = new byte[History.PAGE_BYTES];
    client.data(20_000, page).data(19_990, "0123456789").data(19_990 - page.length, page);
    assertThat(heard.spanFromClient(0)).isEqualTo(2L * page.length + 10);
    client.data(19_985 - page.length, page).data(19_985, "\0\0\0\0\0" + "012345678X");
    assertThat(link.counts().conflictingBytes()).isEqualTo(1);
    assertThat(link.counts().beforeStartBytes()).isEqualTo(5);
    assertThat(link.counts().uncomparedBytes()).isZero();
  }

  @Test
  void theDirectionIsGuessedByThePorts() {
    client.peer().data(10, "xyz");
    link.end();
    assertThat(heard.lines).containsExactly("0 < data 0 xyz", "0 end CAPTURE_ENDED");
  }

  @Test
  void aSynThatComesAfterTheDataItBeganWithIsTheSameConnection() {
    client.data(0, "abc").syn().data(3, "def");
    link.end();
    assertThat(heard.fromClient(0)).isEqualTo("abcdef");
    assertThat(link.reassembler.flows()).isEqualTo(1);
  }
}
