package dev.cloister.tracing.flow;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cloister.tracing.testing.Endpoint;
import dev.cloister.tracing.testing.Packets;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A connection is known by its ends; a SYN with another number between them begins another. */
final class ConnectionBeginsTest {
  private final Heard heard = new Heard();
  private final Link link = Link.tracedBy(heard);
  private final Sender client = link.client();

  @Test
  void aHandshakeIsOneConnectionAndNoData() {
    client.open();
    assertThat(link.reassembler.flows()).isEqualTo(1);
    assertThat(heard.lines).isEmpty();
  }

  @Test
  void aRetransmittedSynIsTheSameConnection() {
    client.syn().syn();
    client.peer().send(Packets.SYN | Packets.ACK, -1, "");
    client.peer().send(Packets.SYN | Packets.ACK, -1, "");
    client.ack(0).data(0, "abc").syn().data(3, "def");
    assertThat(heard.fromClient(0)).isEqualTo("abcdef");
    assertThat(link.reassembler.flows()).isEqualTo(1);
  }

  @Test
  void aSynWithAnotherNumberEndsTheConnectionAndBeginsAnother() {
    client.open().data(0, "abc").data(5, "fgh");
    var again = link.client(Link.CLIENT_INITIAL + 1000, 5).open();
    assertThat(heard.lines)
        .containsExactly("0 > data 0 abc", "0 > gap 3+2", "0 > data 5 fgh", "0 end REUSED");
    again.data(0, "xyz");
    assertThat(heard.fromClient(1)).isEqualTo("xyz");
    assertThat(link.reassembler.flows()).isEqualTo(2);
  }

  @Test
  void portsMayBeUsedAgainAnyNumberOfTimes() {
    for (var i = 0; i < 1000; i++) {
      link.client(i * 1000, i).open().data(0, "abc");
      assertThat(heard.fromClient(i)).isEqualTo("abc");
    }
    assertThat(link.reassembler.flows()).isEqualTo(1000);
    assertThat(heard.linesOf("end")).hasSize(999).allMatch(line -> line.endsWith("REUSED"));
  }

  @Test
  void aSynThatFollowsACaptureFromTheMiddleBeginsAnother() {
    client.data(700, "abc");
    link.client(1, 1).open().data(0, "xyz");
    assertThat(heard.lines).containsExactly("0 > data 0 abc", "0 end REUSED", "1 > data 0 xyz");
  }

  @Test
  void bothEndsMayBeginAtOnce() {
    client.syn();
    client.peer().syn();
    client.send(Packets.SYN | Packets.ACK, -1, "");
    client.peer().send(Packets.SYN | Packets.ACK, -1, "");
    client.data(0, "abc");
    client.peer().data(0, "xyz");
    assertThat(heard.lines).containsExactly("0 > data 0 abc", "0 < data 0 xyz");
    assertThat(link.reassembler.flows()).isEqualTo(1);
  }

  @Test
  void theServerIsWhoAnswersTheSynWhateverThePorts() {
    var low = Endpoint.of("10.0.0.9", 20);
    var high = Endpoint.of("10.0.0.10", 50_000);
    Sender.pair(link, low, high, 1, 2).open().data(0, "abc");
    Sender.pair(link, high, Endpoint.of("10.0.0.9", 21), 1, 2)
        .peer()
        .send(Packets.SYN | Packets.ACK, -1, "")
        .data(0, "xyz");
    assertThat(heard.lines).containsExactly("0 > data 0 abc", "1 < data 0 xyz");
  }

  @Test
  void anAnswerToALostSynTellsWhereTheClientBegins() {
    client.peer().send(Packets.SYN | Packets.ACK, -1, "");
    client.syn().data(0, "abc");
    assertThat(heard.fromClient(0)).isEqualTo("abc");
    assertThat(link.reassembler.flows()).isEqualTo(1);
  }

  @Test
  void theFlowTellsItsEnds() {
    var flows = new ArrayList<String>();
    var six = Endpoint.of("2001:db8::1", 5000);
    var other = Link.tracedBy(new EndsOf(flows));
    other.client().open().data(0, "abc");
    Sender.pair(other, six, Endpoint.of("2001:db8::2", 80), 1, 2).open().peer().data(0, "xyz");
    assertThat(flows)
        .containsExactly(
            "10.0.0.1 40000 to 192.0.2.80 80 from the beginning",
            "2001:db8:0:0:0:0:0:2 80 to 2001:db8:0:0:0:0:0:1 5000 from the beginning");
  }

  /** Writes down between whom data went. */
  private static final class EndsOf extends Deaf {
    private final List<String> flows;

    EndsOf(List<String> flows) {
      this.flows = flows;
    }

    @Override
    public void data(
        Flow flow,
        Direction direction,
        long position,
        byte[] bytes,
        int offset,
        int length,
        long timeNanos) {
      flows.add(
          end(flow, direction)
              + " to "
              + end(flow, direction.opposite())
              + (flow.isFromTheBeginning() ? " from the beginning" : ""));
    }

    private static String end(Flow flow, Direction direction) {
      var address = new byte[flow.addressBytes()];
      flow.sourceAddress(direction, address, 0);
      try {
        return InetAddress.getByAddress(address).getHostAddress()
            + " "
            + flow.sourcePort(direction);
      } catch (UnknownHostException e) {
        throw new AssertionError(e);
      }
    }
  }
}
