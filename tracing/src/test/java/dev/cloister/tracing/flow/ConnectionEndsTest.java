package dev.cloister.tracing.flow;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cloister.tracing.testing.Packets;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** A connection ends once, for the reason it had, and by the packets' clock. */
final class ConnectionEndsTest {
  private static final ReassemblyLimits LIMITS = Limits.tracing();
  private static final Duration MOMENT = Duration.ofMillis(1);

  private final Heard heard = new Heard();
  private final Link link = Link.tracedBy(heard);
  private final Sender client = link.client();

  /** Lets time pass, and then something happen elsewhere. */
  private void passWithTraffic(Duration duration) {
    link.pass(duration);
    var elsewhere = link.client(77, 1, 1);
    elsewhere.ack(0).ack(0);
  }

  private void closeBoth() {
    client.open().data(0, "abc").fin(3);
    client.peer().hasReceived(4).fin(0);
    client.hasReceived(1).send(Packets.ACK, 4, "");
  }

  @Test
  void aConnectionThatBothEndsClosedIsFinishedAfterALinger() {
    closeBoth();
    passWithTraffic(LIMITS.linger());
    assertThat(heard.linesOf("end")).isEmpty();
    passWithTraffic(Duration.ofSeconds(1));
    assertThat(heard.linesOf("end")).containsExactly("0 end FINISHED");
  }

  @Test
  void aConnectionThatOneEndClosedGoesOn() {
    client.open().data(0, "abc").fin(3);
    passWithTraffic(LIMITS.linger().multipliedBy(3));
    client.peer().data(0, "xyz");
    assertThat(heard.fromServer(0)).isEqualTo("xyz");
    assertThat(heard.linesOf("end")).isEmpty();
  }

  @Test
  void bothEndsMayCloseAtOnce() {
    client.open().fin(0);
    client.peer().fin(0);
    client.hasReceived(1).send(Packets.ACK, 1, "");
    client.peer().hasReceived(1).send(Packets.ACK, 1, "");
    passWithTraffic(LIMITS.linger().plusSeconds(1));
    assertThat(heard.linesOf("end")).containsExactly("0 end FINISHED");
    assertThat(link.reassembler.flows()).isEqualTo(2);
  }

  @Test
  void aClosedConnectionIsFinishedAlsoWhenTheCaptureEndsBeforeItsLinger() {
    closeBoth();
    link.end();
    assertThat(heard.linesOf("end")).containsExactly("0 end FINISHED");
  }

  @Test
  void aClosedConnectionIsFinishedAlsoWhenItsPortsAreUsedAgain() {
    closeBoth();
    link.client(99_999_999, 5).open();
    assertThat(heard.linesOf("end")).containsExactly("0 end FINISHED");
  }

  @Test
  void aConnectionThatIsStillOpenEndsWithTheCapture() {
    client.open().data(0, "abc");
    link.end();
    assertThat(heard.linesOf("end")).containsExactly("0 end CAPTURE_ENDED");
  }

  @Test
  void whatComesWhileAClosedConnectionLingersIsGiven() {
    client.open().data(3, "def").fin(6);
    client.peer().fin(0);
    passWithTraffic(LIMITS.linger());
    client.data(0, "abc");
    assertThat(heard.fromClient(0)).isEqualTo("abcdef");
  }

  @Test
  void dataBehindAFinAreGivenWhereTheyStand() {
    client.open().data(0, "abc").fin(3).data(4, "e").data(3, "d");
    assertThat(heard.fromClient(0)).isEqualTo("abcde");
  }

  @Test
  void whatComesAfterTheEndIsCountedAndNotGiven() {
    closeBoth();
    passWithTraffic(LIMITS.linger().plusSeconds(1));
    client.data(4, "late").data(0, "abc");
    link.end();
    assertThat(heard.fromClient(0)).isEqualTo("abc");
    assertThat(link.counts().afterEndBytes()).isEqualTo(7);
    assertThat(link.reassembler.flows()).as("its number is still known").isEqualTo(2);
  }

  @Test
  void anEndedConnectionIsForgottenInTheEnd() {
    closeBoth();
    passWithTraffic(LIMITS.linger().plusSeconds(1));
    passWithTraffic(LIMITS.remembered().plusSeconds(1));
    client.data(0, "abc");
    link.end();
    assertThat(link.reassembler.flows()).isEqualTo(3);
  }

  @Test
  void aResetEndsAConnection() {
    client.open().data(0, "abc");
    client.peer().rst(0);
    passWithTraffic(LIMITS.linger().plusSeconds(1));
    assertThat(heard.linesOf("end")).containsExactly("0 end RESET");
  }

  @Test
  void aRefusedConnectionIsReset() {
    client.syn();
    client.peer().send(Packets.RST | Packets.ACK, -70_000_001L, "");
    link.end();
    assertThat(heard.lines).containsExactly("0 end RESET");
    assertThat(link.reassembler.flows()).isEqualTo(1);
  }

  @Test
  void aConnectionThatGoesOnAfterAForgedResetLosesNothing() {
    client.open().data(0, "abc");
    client.peer().rst(1 << 20);
    for (var i = 1; i <= 100; i++) {
      passWithTraffic(LIMITS.linger().dividedBy(2));
      client.data(3L * i, "def");
    }
    assertThat(heard.fromClient(0)).hasSize(303);
    assertThat(heard.linesOf("end")).isEmpty();
    link.end();
    assertThat(heard.linesOf("end")).contains("0 end RESET");
  }

  @Test
  void aResetSaysWhyWhateverEndsTheConnection() {
    client.open().data(0, "abc").rst(3);
    link.client(99_999_999, 5).open();
    assertThat(heard.linesOf("end")).containsExactly("0 end RESET");
  }

  @Test
  void aConnectionIsIdleAfterALongSilence() {
    client.open().data(0, "abc");
    passWithTraffic(LIMITS.idle());
    assertThat(heard.linesOf("end")).isEmpty();
    passWithTraffic(LIMITS.embryonic().minusSeconds(1));
    assertThat(heard.linesOf("end")).containsExactly("0 end IDLE");
  }

  @Test
  void aConnectionWithoutDataIsIdleSooner() {
    client.open();
    passWithTraffic(LIMITS.embryonic());
    assertThat(heard.linesOf("end")).isEmpty();
    passWithTraffic(Duration.ofSeconds(1));
    assertThat(heard.linesOf("end")).containsExactly("0 end IDLE");
  }

  @Test
  void anyPacketOfAConnectionIsASignOfLife() {
    client.open().data(0, "abc");
    for (var i = 0; i < 5; i++) {
      passWithTraffic(LIMITS.idle().dividedBy(2));
      client.ack(0);
    }
    assertThat(heard.linesOf("end")).doesNotContain("0 end IDLE");
  }

  @Test
  void aSinglePacketFromTheFutureEndsNothing() {
    client.open().data(0, "abc");
    var before = link.now();
    for (var time : new long[] {Long.MAX_VALUE, before + LIMITS.idle().multipliedBy(9).toNanos()}) {
      link.setTime(time);
      link.client(5, 1, 1).syn();
      link.setTime(before);
      client.ack(0);
    }
    client.data(3, "def");
    assertThat(heard.fromClient(0)).isEqualTo("abcdef");
    assertThat(heard.linesOf("end")).isEmpty();
  }

  @Test
  void aPacketFromTheFutureKeepsNothingAlive() {
    client.open().data(0, "abc");
    var before = link.now();
    link.setTime(Long.MAX_VALUE);
    client.ack(0);
    link.setTime(before);
    passWithTraffic(Duration.ofSeconds(1));
    passWithTraffic(LIMITS.idle().plusSeconds(1));
    assertThat(heard.linesOf("end")).contains("0 end IDLE");
  }

  @Test
  void timeThatRunsBackwardsEndsNothing() {
    client.open().data(0, "abc");
    for (var i = 0; i < 10; i++) {
      passWithTraffic(LIMITS.idle().negated());
    }
    client.data(3, "def");
    assertThat(heard.fromClient(0)).isEqualTo("abcdef");
    assertThat(heard.linesOf("end")).isEmpty();
  }

  @Test
  void timesAtTheEdgesOfTheNumbersEndNothingWrongly() {
    for (var time : new long[] {Long.MIN_VALUE, 0, Long.MAX_VALUE, -1, Long.MIN_VALUE + 1}) {
      link.setTime(time);
      client.data(0, "abc");
      link.pass(MOMENT);
      client.data(3, "def");
    }
    link.end();
    assertThat(heard.fromClient(0)).startsWith("abcdef");
  }
}
