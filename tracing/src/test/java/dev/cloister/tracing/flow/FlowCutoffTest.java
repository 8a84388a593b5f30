package dev.cloister.tracing.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.cloister.tracing.capture.Frame;
import dev.cloister.tracing.packet.PacketDecoder;
import dev.cloister.tracing.testing.Endpoint;
import dev.cloister.tracing.testing.Packets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What lies behind the first thousand bytes of its direction. */
final class FlowCutoffTest {
  private static final Endpoint CLIENT = Endpoint.of("10.0.0.1", 4000);
  private static final Endpoint SERVER = Endpoint.of("192.0.2.1", 80);
  private static final int ETHERNET = 1;

  private final FlowCutoff cutoff = new FlowCutoff(1000);
  private final PacketDecoder decoder =
      new PacketDecoder(packet -> this.isBehind = cutoff.isBehind(packet));
  private boolean isBehind;

  private boolean behind(byte[] frame) {
    decoder.decode(new Frame().set(frame, 0, frame.length, frame.length, ETHERNET, 0));
    return isBehind;
  }

  private boolean client(int sequence, int flags, int length) {
    return behind(Packets.tcp(CLIENT, SERVER, sequence, 0, flags, new byte[length]));
  }

  private boolean server(int sequence, int flags, int length) {
    return behind(Packets.tcp(SERVER, CLIENT, sequence, 0, flags, new byte[length]));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 5000, -1, -900, Integer.MAX_VALUE - 500})
  void aPacketThatBeginsBehindLiesBehindWhereverTheNumbersBegin(int first) {
    assertThat(client(first - 1, Packets.SYN, 0)).isFalse();
    assertThat(client(first, Packets.ACK, 999)).isFalse();
    assertThat(client(first + 999, Packets.ACK, 500)).isFalse();
    assertThat(client(first + 1499, Packets.ACK, 500)).isTrue();
    // Sent again, and come late.
    assertThat(client(first, Packets.ACK, 999)).isFalse();
    assertThat(client(first + 1000, Packets.ACK, 1)).isTrue();
  }

  @Test
  void eachDirectionHasItsOwnBytes() {
    assertThat(client(0, Packets.ACK, 5000)).isFalse();
    assertThat(client(5000, Packets.ACK, 1)).isTrue();
    assertThat(server(77, Packets.ACK, 1)).isFalse();
  }

  @Test
  void anAcknowledgementLiesBehindAsSoonAsEitherDirectionDoes() {
    assertThat(client(0, Packets.ACK, 0)).isFalse();
    assertThat(server(0, Packets.ACK, 1000)).isFalse();
    assertThat(client(0, Packets.ACK, 0)).isTrue();
    assertThat(client(0, Packets.ACK, 10)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(ints = {Packets.FIN, Packets.RST, Packets.SYN})
  void whatBeginsOrEndsAConnectionNeverLiesBehind(int flag) {
    client(0, Packets.ACK, 5000);
    assertThat(client(5000, flag | Packets.ACK, 0)).isFalse();
  }

  @Test
  void numbersThatComeRoundAgainLieBehindStill() {
    client(-1, Packets.SYN, 0);
    for (var i = 1L; i <= 16; i++) {
      assertThat(client((int) (i << 29), Packets.ACK, 10)).as("at %d", i << 29).isTrue();
    }
  }

  @Test
  void aNewConnectionOfTheSameEndsBeginsAnew() {
    client(99, Packets.SYN, 0);
    server(499, Packets.SYN | Packets.ACK, 0);
    client(100, Packets.ACK, 2000);
    server(500, Packets.ACK, 2000);
    assertThat(client(2100, Packets.ACK, 1)).isTrue();
    // The same one, sent again.
    client(99, Packets.SYN, 0);
    assertThat(client(2100, Packets.ACK, 1)).isTrue();
    client(2099, Packets.SYN, 0);
    assertThat(client(2100, Packets.ACK, 1)).isFalse();
    assertThat(server(90_000, Packets.ACK, 1)).isFalse();
  }

  @Test
  void connectionsInTheMiddleAreCountedFromWhereTheyAreFirstSeen() {
    assertThat(server(70_000, Packets.ACK, 1000)).isFalse();
    assertThat(server(71_000, Packets.ACK, 1)).isTrue();
    assertThat(server(69_000, Packets.ACK, 1000)).isFalse();
  }

  @Test
  void moreConnectionsThanItKnowsAreForgottenAndCounted() {
    var frame = Packets.tcp(CLIENT, SERVER, 0, 0, Packets.ACK, new byte[2000]);
    for (var i = 0; i < 2 * FlowCutoff.CONNECTIONS; i++) {
      // The address of the sender; checksums are nobody's business here.
      frame[27] = (byte) (i >> 16);
      frame[28] = (byte) (i >> 8);
      frame[29] = (byte) i;
      assertThat(behind(frame)).isFalse();
    }
    assertThat(cutoff.forgotten()).isGreaterThanOrEqualTo(FlowCutoff.CONNECTIONS);
    // The latest is known: its number is 1000 now.
    frame[40] = 1000 >> 8;
    frame[41] = (byte) 1000;
    assertThat(behind(frame)).isTrue();
  }

  @Test
  void nothingAtAllIsNoCutoff() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new FlowCutoff(0))
        .withMessage("cutoff 0: must be at least 1 byte");
  }
}
