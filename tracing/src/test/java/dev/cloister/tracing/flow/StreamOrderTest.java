package dev.cloister.tracing.flow;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cloister.tracing.testing.Packets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every byte of a stream is given once and in order, however its segments came. */
final class StreamOrderTest {
  private final Heard heard = new Heard();
  private final Link link = Link.tracedBy(heard);
  private final Sender client = link.client();

  @BeforeEach
  void open() {
    client.open();
  }

  @Test
  void segmentsInOrderAreGivenAtOnce() {
    client.data(0, "abc").data(3, "def");
    assertThat(heard.lines).containsExactly("0 > data 0 abc", "0 > data 3 def");
    assertThat(link.counts().dataBytes()).isEqualTo(6);
    assertThat(link.counts().duplicateBytes()).isZero();
  }

  @Test
  void theDirectionsOfAConnectionAreTwoStreams() {
    client.data(0, "abc");
    client.peer().data(0, "xyz");
    client.data(3, "def");
    assertThat(heard.lines).containsExactly("0 > data 0 abc", "0 < data 0 xyz", "0 > data 3 def");
  }

  @Test
  void aSegmentBehindAHoleWaitsForWhatIsMissing() {
    client.data(3, "def");
    assertThat(heard.lines).isEmpty();
    client.data(0, "abc");
    assertThat(heard.lines).containsExactly("0 > data 0 abc", "0 > data 3 def");
    assertThat(link.reassembler.heldBytes()).isLessThanOrEqualTo(2L * History.PAGE_BYTES);
  }

  @Test
  void aRetransmissionIsGivenOnceAndCounted() {
    client.data(0, "abc").data(0, "abc").data(3, "def").data(0, "abc");
    assertThat(heard.fromClient(0)).isEqualTo("abcdef");
    assertThat(heard.linesOf("overlap"))
        .containsExactly("0 > overlap 0 abc 0", "0 > overlap 0 abc 0");
    assertThat(link.counts().duplicateBytes()).isEqualTo(6);
    assertThat(link.counts().conflictingBytes()).isZero();
    assertThat(link.counts().uncomparedBytes()).isZero();
  }

  @Test
  void aRetransmissionOfWhatWaitsIsKeptOnceAndCounted() {
    client.data(3, "def").data(3, "def").data(4, "ef");
    assertThat(heard.lines).containsExactly("0 > overlap -1 def 0", "0 > overlap -1 ef 0");
    client.data(0, "abc");
    assertThat(heard.fromClient(0)).isEqualTo("abcdef");
    assertThat(link.counts().duplicateBytes()).isEqualTo(5);
  }

  @Test
  void theNewPartOfARetransmissionIsGiven() {
    client.data(0, "abc").data(1, "bcde");
    assertThat(heard.lines)
        .containsExactly("0 > data 0 abc", "0 > overlap 1 bc 0", "0 > data 3 de");
    assertThat(link.counts().duplicateBytes()).isEqualTo(2);
  }

  @Test
  void aSegmentThatSpansAllOthersGivesWhatTheyLack() {
    client.data(2, "c").data(4, "e").data(0, "abcdef");
    assertThat(heard.fromClient(0)).isEqualTo("abcdef");
    assertThat(link.counts().duplicateBytes()).isEqualTo(2);
    assertThat(link.counts().dataBytes()).isEqualTo(6);
  }

  @Test
  void aKeepAliveByteIsADuplicate() {
    client.data(0, "abc").data(2, "c").data(2, "\0");
    assertThat(heard.fromClient(0)).isEqualTo("abc");
    assertThat(link.counts().duplicateBytes()).isEqualTo(2);
    assertThat(link.counts().conflictingBytes())
        .as("many senders put a zero there, and a capture cannot tell why")
        .isEqualTo(1);
  }

  @Test
  void aKeepAliveByteBeforeTheFirstByteIsOutsideTheStream() {
    client.data(-1, "\0").data(0, "abc");
    assertThat(heard.lines).containsExactly("0 > data 0 abc");
    assertThat(link.counts().beforeStartBytes()).isEqualTo(1);
    assertThat(link.counts().duplicateBytes()).isZero();
  }

  @Test
  void aZeroWindowProbeIsTheFirstByteOfWhatFollows() {
    client.data(0, "abc").data(3, "d").data(3, "d").data(3, "def");
    assertThat(heard.fromClient(0)).isEqualTo("abcdef");
    assertThat(link.counts().duplicateBytes()).isEqualTo(2);
    assertThat(link.counts().conflictingBytes()).isZero();
  }

  @Test
  void segmentsWithoutDataChangeNothing() {
    client.ack(0).data(0, "abc").send(Packets.ACK, 700, "").send(Packets.PSH, -700, "");
    client.data(3, "def");
    assertThat(heard.lines).containsExactly("0 > data 0 abc", "0 > data 3 def");
  }

  @Test
  void urgentDataStandWhereTheirNumbersSay() {
    var urgent = client.segment(Packets.ACK | 0x20, 3, new byte[] {'d', 'e'});
    urgent[14 + 20 + 19] = 2;
    client.data(0, "abc");
    link.carry(urgent);
    client.data(5, "f");
    assertThat(heard.fromClient(0)).isEqualTo("abcdef");
  }

  @Test
  void dataOfASynAreTheFirstOfTheStream() {
    var other = link.client(5, 77, 88);
    other.send(Packets.SYN, -1, "abc");
    other.send(Packets.SYN, -1, "abc").data(3, "def");
    assertThat(heard.lines)
        .containsExactly("1 > data 0 abc", "1 > overlap 0 abc 0", "1 > data 3 def");
  }

  @Test
  void dataOfAFinAreTheLastOfTheStream() {
    client.data(0, "abc").send(Packets.FIN | Packets.ACK, 3, "def");
    assertThat(heard.fromClient(0)).isEqualTo("abcdef");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6})
  void everyOrderOfSegmentsGivesTheSameStream(int segments) {
    var number = 1;
    var whole = "abcdefghijkl".substring(0, 2 * segments);
    for (var order : permutations(segments)) {
      var sender = link.client(number, number * 31, number * 17).open();
      for (var segment : order) {
        sender.data(2L * segment, whole.substring(2 * segment, 2 * segment + 2));
      }
      assertThat(heard.fromClient(number)).as("order %s", order).isEqualTo(whole);
      number++;
    }
    assertThat(link.counts().holeBytes()).isZero();
    assertThat(link.counts().duplicateBytes()).isZero();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6})
  void everyOrderOfOverlappingSegmentsGivesTheSameStream(int segments) {
    var number = 1;
    var whole = "abcdefghijklmn".substring(0, 2 * segments + 2);
    for (var order : permutations(segments)) {
      var sender = link.client(number, number * 31, number * 17).open();
      for (var segment : order) {
        sender.data(2L * segment, whole.substring(2 * segment, 2 * segment + 4));
      }
      assertThat(heard.fromClient(number)).as("order %s", order).isEqualTo(whole);
      number++;
    }
    assertThat(link.counts().holeBytes()).isZero();
    assertThat(link.counts().duplicateBytes()).isEqualTo((number - 1) * 2L * (segments - 1));
    assertThat(link.counts().conflictingBytes()).isZero();
  }

  @Test
  void everyOrderIsTriedOnce() {
    assertThat(permutations(6)).hasSize(720).doesNotHaveDuplicates();
  }

  private static List<List<Integer>> permutations(int size) {
    if (size == 0) {
      return List.of(List.of());
    }
    var all = new ArrayList<List<Integer>>();
    for (var shorter : permutations(size - 1)) {
      for (var at = 0; at < size; at++) {
        var longer = new ArrayList<>(shorter);
        longer.add(at, size - 1);
        all.add(Collections.unmodifiableList(longer));
      }
    }
    return all;
  }
}
