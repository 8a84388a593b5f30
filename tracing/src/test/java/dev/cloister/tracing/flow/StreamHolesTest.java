package dev.cloister.tracing.flow;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * A hole is waited for until its receiver had it, until too much waits behind it, or until the end;
 * then it is told, counted, and what stands behind it is given.
 */
final class StreamHolesTest {
  private static final int PATIENCE = Limits.tracing().acknowledgedPackets();

  private final Heard heard = new Heard();
  private final Link link = Link.tracedBy(heard);
  private final Sender client = link.client();

  @BeforeEach
  void open() {
    client.open();
  }

  /** The receiver says a number of times how far it is. */
  private void acknowledge(long position, int times) {
    for (var i = 0; i < times; i++) {
      client.peer().ack(position);
    }
  }

  @Test
  void aHoleThatNobodyAcknowledgesIsWaitedFor() {
    client.data(0, "ab").data(5, "fg");
    acknowledge(2, 100);
    assertThat(heard.lines).containsExactly("0 > data 0 ab");
    assertThat(link.counts().holeBytes()).isZero();
  }

  @Test
  void aHoleThatItsReceiverAcknowledgedIsGivenUpAFewPacketsLater() {
    client.data(0, "ab").data(5, "fg");
    acknowledge(7, PATIENCE - 1);
    assertThat(heard.lines).containsExactly("0 > data 0 ab");
    acknowledge(7, 1);
    assertThat(heard.lines).containsExactly("0 > data 0 ab", "0 > gap 2+3", "0 > data 5 fg");
    assertThat(link.counts().holeBytes()).isEqualTo(3);
  }

  @Test
  void whatComesWhileAnAcknowledgedHoleIsWaitedForFillsIt() {
    client.data(0, "ab").data(5, "fg");
    acknowledge(7, PATIENCE - 1);
    client.data(2, "cde");
    acknowledge(7, PATIENCE);
    assertThat(heard.fromClient(0)).isEqualTo("abcdefg");
    assertThat(heard.linesOf("gap")).isEmpty();
  }

  @Test
  void anAcknowledgementUpToTheHoleTakesThePatienceBack() {
    client.data(0, "ab").data(5, "fg");
    acknowledge(7, PATIENCE - 1);
    acknowledge(2, 1);
    acknowledge(7, PATIENCE - 1);
    assertThat(heard.linesOf("gap")).isEmpty();
  }

  @Test
  void holesAreGivenUpOneAfterTheOther() {
    client.data(0, "a").data(2, "c").data(4, "e");
    acknowledge(5, PATIENCE);
    assertThat(heard.lines).containsExactly("0 > data 0 a", "0 > gap 1+1", "0 > data 2 c");
    acknowledge(5, PATIENCE);
    assertThat(heard.linesOf("gap")).containsExactly("0 > gap 1+1", "0 > gap 3+1");
  }

  @Test
  void aMissingBeginningIsAHole() {
    client.data(3, "def");
    acknowledge(6, PATIENCE);
    assertThat(heard.lines).containsExactly("0 > gap 0+3", "0 > data 3 def");
  }

  @Test
  void whatTheCaptureCutOffIsAHole() {
    client.cut(0, "abcdef", 2).data(6, "gh");
    acknowledge(8, PATIENCE);
    assertThat(heard.lines).containsExactly("0 > data 0 ab", "0 > gap 2+4", "0 > data 6 gh");
  }

  @Test
  void holesAreToldAtTheEndOfTheCapture() {
    client.data(1, "b").data(4, "e");
    link.end();
    assertThat(heard.lines)
        .containsExactly(
            "0 > gap 0+1", "0 > data 1 b", "0 > gap 2+2", "0 > data 4 e", "0 end CAPTURE_ENDED");
    assertThat(link.counts().holeBytes()).isEqualTo(3);
    assertThat(link.reassembler.heldBytes()).isZero();
  }

  @Test
  void whatIsMissingAtTheVeryEndIsNoHole() {
    client.data(0, "abc").fin(9);
    client.peer().fin(0);
    link.end();
    assertThat(heard.linesOf("gap")).isEmpty();
    assertThat(link.counts().holeBytes()).isZero();
  }

  @Test
  void whatFillsAHoleTooLateIsCountedAndNotGiven() {
    client.data(0, "ab").data(5, "fg");
    acknowledge(7, PATIENCE);
    client.data(2, "cde").data(7, "h");
    assertThat(heard.fromClient(0)).isEqualTo("abfgh");
    assertThat(link.counts().lateBytes()).isEqualTo(3);
    assertThat(link.counts().holeBytes()).isZero();
    assertThat(link.counts().duplicateBytes()).isZero();
  }

  @Test
  void whatComesLateTwiceIsADuplicateThatCannotBeCompared() {
    client.data(0, "ab").data(5, "fg");
    acknowledge(7, PATIENCE);
    client.data(2, "cde").data(2, "xxx");
    assertThat(link.counts().lateBytes()).isEqualTo(3);
    assertThat(link.counts().duplicateBytes()).isEqualTo(3);
    assertThat(link.counts().uncomparedBytes()).isEqualTo(3);
    assertThat(link.counts().conflictingBytes()).isZero();
  }

  @Test
  void aLatePartLeavesTheRestOfItsHoleMissing() {
    client.data(0, "ab").data(9, "jk");
    acknowledge(11, PATIENCE);
    client.data(4, "ef");
    assertThat(link.counts().holeBytes()).isEqualTo(5);
    client.data(1, "bcd");
    assertThat(link.counts().lateBytes()).isEqualTo(4);
    assertThat(link.counts().holeBytes()).isEqualTo(3);
    client.data(6, "ghi");
    assertThat(link.counts().holeBytes()).isZero();
  }

  @Test
  void bytesBehindAHoleAreComparedAsThoseBefore() {
    client.data(0, "ab").data(5, "fg");
    acknowledge(7, PATIENCE);
    client.data(5, "fX");
    assertThat(link.counts().conflictingBytes()).isEqualTo(1);
    client.data(0, "XX");
    assertThat(link.counts().uncomparedBytes()).as("the past begins behind a hole").isEqualTo(2);
  }

  @Test
  void aSegmentFarAheadWaitsWhileTheStreamFlowsOn() {
    client.data(0, "abc").data(1 << 30, "far").data(3, "def");
    acknowledge(6, 100);
    client.data(6, "ghi");
    assertThat(heard.fromClient(0)).isEqualTo("abcdefghi");
    assertThat(heard.linesOf("gap")).isEmpty();
    link.end();
    assertThat(link.counts().holeBytes()).isEqualTo((1 << 30) - 9);
  }

  @Test
  void aSegmentFarBehindIsOutsideTheStream() {
    client.data(0, "abc").data(Integer.MIN_VALUE + 10L, "far").data(3, "def");
    assertThat(heard.fromClient(0)).isEqualTo("abcdef");
    assertThat(link.counts().beforeStartBytes()).isEqualTo(3);
  }
}
