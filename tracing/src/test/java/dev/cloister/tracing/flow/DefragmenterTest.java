package dev.cloister.tracing.flow;

import static dev.cloister.tracing.flow.Pieces.ipv4;
import static dev.cloister.tracing.flow.Pieces.ipv6;
import static dev.cloister.tracing.flow.Pieces.text;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cloister.tracing.capture.Frame;
import dev.cloister.tracing.packet.PacketDecoder;
import dev.cloister.tracing.testing.Endpoint;
import dev.cloister.tracing.testing.Packets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Fragments that agree: whatever their order, what comes out is what was cut up. */
final class DefragmenterTest {
  private static final List<Integer> FOUR = List.of(0, 1, 2, 3);

  /** Makes a fragment of one of the two versions. */
  @FunctionalInterface
  interface Version {
    byte[] fragment(int identification, int offset, boolean isLast, byte[] data);
  }

  static Stream<Version> versions() {
    return Stream.of(Pieces::ipv4, Pieces::ipv6);
  }

  private static List<byte[]> four(Version version, int identification) {
    return List.of(
        version.fragment(identification, 0, false, text("AAAAAAAA")),
        version.fragment(identification, 8, false, text("BBBBBBBB")),
        version.fragment(identification, 16, false, text("CCCCCCCCCCCCCCCC")),
        version.fragment(identification, 32, true, text("DDD")));
  }

  private static final String WHOLE = "AAAAAAAABBBBBBBBCCCCCCCCCCCCCCCCDDD";

  private static List<List<Integer>> orders(List<Integer> items) {
    if (items.isEmpty()) {
      return List.of(List.of());
    }
    var orders = new ArrayList<List<Integer>>();
    for (var first : items) {
      for (var rest : orders(items.stream().filter(item -> !item.equals(first)).toList())) {
        orders.add(Stream.concat(Stream.of(first), rest.stream()).toList());
      }
    }
    return orders;
  }

  @ParameterizedTest
  @MethodSource("versions")
  void fragmentsComeTogetherInEveryOrder(Version version) {
    var pieces = four(version, 7);
    for (var policy : OverlapPolicy.values()) {
      for (var order : orders(FOUR)) {
        var taken = Pieces.by(policy);
        order.stream().limit(3).forEach(i -> taken.take(pieces.get(i)));
        assertThat(taken.payloads()).as("%s %s", policy, order).isEmpty();
        taken.take(pieces.get(order.getLast()));
        assertThat(taken.payloads()).as("%s %s", policy, order).containsExactly(WHOLE);
        assertThat(taken.defragmenter().reassembled()).isOne();
      }
    }
  }

  @ParameterizedTest
  @MethodSource("versions")
  void theSameFragmentAgainChangesNothing(Version version) {
    var taken = Pieces.by(OverlapPolicy.BSD);
    var pieces = four(version, 7);
    for (var piece : pieces.subList(0, 3)) {
      taken.take(piece).take(piece);
    }
    taken.take(pieces.getLast());

    assertThat(taken.payloads()).containsExactly(WHOLE);
    assertThat(taken.defragmenter().overlapping()).isZero();
  }

  @ParameterizedTest
  @MethodSource("versions")
  void datagramsAreToldApartByTheirNumbers(Version version) {
    var shuffled = new ArrayList<byte[]>();
    for (var identification = 0; identification < 100; identification++) {
      shuffled.addAll(four(version, identification));
    }
    var seed = 23L;
    Collections.shuffle(shuffled, new Random(seed));

    assertThat(Pieces.by(OverlapPolicy.FIRST).takeAll(shuffled).payloads())
        .as("seed %d", seed)
        .isEqualTo(Collections.nCopies(100, WHOLE));
  }

  @Test
  void datagramsOfIpv4AreToldApartByTheirEndsAndWhatTheyCarry() {
    for (var at : new int[] {9, 15, 19}) {
      var last = ipv4(7, 8, true, text("B"));
      last[at]++;

      assertThat(
              Pieces.by(OverlapPolicy.BSD)
                  .take(ipv4(7, 0, false, text("AAAAAAAA")))
                  .take(last)
                  .payloads())
          .as("byte %d", at)
          .isEmpty();
    }
  }

  /** RFC 8200, section 4.5: the first fragment alone says what the datagram carries. */
  @Test
  void fragmentsOfIpv6NeedNotAgreeOnWhatTheyCarry() {
    var last = ipv6(7, 8, true, text("B"));
    last[40] = 17;
    var taken = Pieces.by(OverlapPolicy.BSD).take(last).take(ipv6(7, 0, false, text("AAAAAAAA")));

    assertThat(taken.payloads()).containsExactly("AAAAAAAAB");
    assertThat(taken.defragmenter().datagram()[6]).isEqualTo((byte) 1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"192.0.2.", "2001:db8::"})
  void whatWasCutUpIsThePacketThatWasSent(String network) {
    var frame =
        Packets.tcp(
            Endpoint.of(network + "1", 5000),
            Endpoint.of(network + "2", 80),
            1,
            2,
            Packets.ACK,
            new byte[4000]);
    var defragmenter = new Defragmenter(OverlapPolicy.BSD, false);
    var decoder = new PacketDecoder(defragmenter::accept);
    for (var piece : Packets.fragments(frame, 1000, 99)) {
      decoder.decode(new Frame().set(piece, 0, piece.length, piece.length, 1, 0));
    }
    var whole = Arrays.copyOf(defragmenter.datagram(), defragmenter.datagramLength());
    var sent = Arrays.copyOfRange(frame, 14, frame.length);
    if (whole[0] >> 4 == 4) {
      // The number of the fragments, and the sum of a header that no longer is.
      Arrays.fill(whole, 4, 6, (byte) 0);
      Arrays.fill(whole, 10, 12, (byte) 0);
      Arrays.fill(sent, 10, 12, (byte) 0);
    }

    assertThat(whole).isEqualTo(sent);
  }

  @ParameterizedTest
  @EnumSource(OverlapPolicy.class)
  void fragmentsWithoutDataDoNoHarm(OverlapPolicy policy) {
    var taken =
        Pieces.by(policy)
            .take(ipv4(7, 8, false, text("")))
            .take(ipv4(7, 0, false, text("AAAAAAAA")))
            .take(ipv4(7, 8, true, text("")))
            .take(ipv4(7, 8, true, text("BBBB")));

    assertThat(taken.payloads()).containsExactly("AAAAAAAABBBB");
    assertThat(taken.defragmenter().empty()).isEqualTo(2);
  }

  @Test
  void aDatagramOfTheLargestSizeComesTogether() {
    var data = new byte[8000];
    var taken = Pieces.by(OverlapPolicy.BSD);
    for (var at = 0; at < 64_000; at += 8000) {
      taken.take(ipv4(7, at, false, data));
    }
    taken.take(ipv4(7, 64_000, true, new byte[1535]));

    assertThat(taken.payloads()).singleElement().asString().hasSize(65_535);
  }

  @ParameterizedTest
  @MethodSource("versions")
  void aFragmentBehindTheLargestSizeIsCountedAndNotTaken(Version version) {
    var taken =
        Pieces.by(OverlapPolicy.BSD)
            .take(version.fragment(7, 0, false, new byte[8]))
            .take(version.fragment(7, 65_528, true, new byte[8]))
            .take(version.fragment(7, 65_528, true, new byte[1480]));

    assertThat(taken.payloads()).isEmpty();
    assertThat(taken.defragmenter().oversized()).isEqualTo(2);
  }
}
