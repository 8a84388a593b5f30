package dev.cloister.tracing.packet;

import static dev.cloister.tracing.packet.Layers.ETHERNET;
import static dev.cloister.tracing.packet.Layers.hex;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cloister.tracing.packet.Layers.Link;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Packets are found behind every link, and where there is none the reason is counted. */
final class PacketDecoderTest {
  private static final String TCP4 = "192.0.2.1 192.0.2.2 6 4660 80 64617461";
  private static final String TCP6 = "2001:db8::1 2001:db8::2 6 4660 80 64617461";
  private static final String UDP4 = "192.0.2.1 192.0.2.2 17 4660 53 64617461";
  private static final String UDP6 = "2001:db8::1 2001:db8::2 17 4660 53 64617461";

  static Stream<Link> links() {
    return Layers.links().stream();
  }

  private static List<byte[]> packets() {
    return List.of(
        Layers.tcp4(),
        Layers.tcp6(),
        Layers.udp4(),
        Layers.udp6(),
        Layers.withOptions(Layers.tcp4(), hex("940400000101 0101")),
        Layers.withExtensions(
            Layers.tcp6(),
            0,
            hex("2b00000000000000 3c02040000000000 " + "00".repeat(16) + "0600000000000000")));
  }

  @ParameterizedTest
  @MethodSource("links")
  void packetsAreFoundBehindEveryLink(Link link) {
    var found =
        Stream.of(Layers.tcp4(), Layers.tcp6(), Layers.udp4(), Layers.udp6())
            .map(packet -> Decoded.of(link.linkType(), link.frame(packet)));

    assertThat(found).containsExactly(only(TCP4), only(TCP6), only(UDP4), only(UDP6));
  }

  private static Decoded only(String packet) {
    return new Decoded(List.of(packet), Map.of());
  }

  private static Decoded nothing(Undecoded reason) {
    return new Decoded(List.of(), Map.of(reason, 1L));
  }

  private static Decoded decoded(byte[] packet) {
    return Decoded.of(101, packet);
  }

  /** The bytes around a frame are other frames': they must not count. */
  @ParameterizedTest
  @MethodSource("links")
  void everyBeginningOfAFrameIsDecodedOrCountedOnceAndNothingIsReadBehindIt(Link link) {
    for (var packet : packets()) {
      var frame = link.frame(packet);
      for (var length = 0; length <= frame.length; length++) {
        var amidZeros = Decoded.amid((byte) 0, link.linkType(), frame, length);
        var amidOnes = Decoded.amid((byte) 0xff, link.linkType(), frame, length);

        assertThat(amidZeros).as("%d of %d bytes", length, frame.length).isEqualTo(amidOnes);
        assertThat(
                amidZeros.packets().size()
                    + amidZeros.undecoded().values().stream().mapToLong(i -> i).sum())
            .as("%d of %d bytes", length, frame.length)
            .isOne();
      }
    }
  }

  @Test
  void anyBytesBehindAnyLinkAreDecodedOrCounted() {
    var seed = 17L;
    var random = new Random(seed);
    for (var round = 0; round < 100_000; round++) {
      var frame = new byte[random.nextInt(120)];
      random.nextBytes(frame);
      var link = Layers.links().get(round % Layers.links().size());
      var decoded = Decoded.of(link.linkType(), frame);

      assertThat(decoded.packets().size() + decoded.undecoded().size())
          .as("seed %d, round %d, %s", seed, round, link)
          .isOne();
    }
  }

  @Test
  void aChangedByteOfAFrameGivesAPacketOrAReason() {
    for (var link : Layers.links()) {
      for (var packet : packets()) {
        var frame = link.frame(packet);
        for (var i = 0; i < frame.length; i++) {
          for (var bit = 0; bit < 8; bit++) {
            frame[i] ^= (byte) (1 << bit);
            var decoded = Decoded.of(link.linkType(), frame);
            frame[i] ^= (byte) (1 << bit);

            assertThat(decoded.packets().size() + decoded.undecoded().size())
                .as("%s, byte %d, bit %d", link, i, bit)
                .isOne();
          }
        }
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"105", "127", "147", "195", "-1"})
  void anUnknownLinkIsCounted(int linkType) {
    assertThat(Decoded.of(linkType, Layers.tcp4())).isEqualTo(nothing(Undecoded.UNKNOWN_LINK));
  }

  /**
   * ARP; LLDP in a tag; spanning tree; PPPoE discovery; LCP in PPPoE; netlink; no NFLOG payload.
   */
  @ParameterizedTest
  @CsvSource({
    "1, 020000000002 020000000001 0806 0001080006040001",
    "1, 020000000002 020000000001 8100 0001 88cc 0001080006040001",
    "1, 020000000002 020000000001 0026 424203 0000000000",
    "1, 020000000002 020000000001 8863 1109 0000 0004 01010000",
    "1, 020000000002 020000000001 8864 1100 0001 0004 c021 0109",
    "113, 0004 0338 0000 0000000000000000 0800 450000000000",
    "239, 0200 0000 0800 0100 08000300"
  })
  void whatCarriesNoIpIsCounted(int linkType, String frame) {
    assertThat(Decoded.of(linkType, hex(frame))).isEqualTo(nothing(Undecoded.NOT_IP));
  }

  @Test
  void theBytesBehindAPacketArePadding() {
    assertThat(decoded(Layers.join(Layers.tcp4(), new byte[12]))).isEqualTo(only(TCP4));
    assertThat(decoded(Layers.join(Layers.tcp6(), new byte[12]))).isEqualTo(only(TCP6));
  }

  @Test
  void aPacketWithoutALengthIsAsLongAsItsFrame() {
    var packet = Layers.tcp4();
    packet[2] = 0;
    packet[3] = 0;
    assertThat(decoded(packet)).isEqualTo(only(TCP4));

    var jumbogram = Layers.tcp6();
    jumbogram[5] = 0;
    assertThat(decoded(jumbogram)).isEqualTo(only(TCP6));
  }

  @Test
  void aLengthBehindTheFrameGivesWhatIsThere() {
    var packet = Layers.tcp4();
    packet[2] = 0x7f;
    assertThat(decoded(packet)).isEqualTo(only(TCP4));

    var sixth = Layers.tcp6();
    sixth[4] = 0x7f;
    assertThat(decoded(sixth)).isEqualTo(only(TCP6));
  }

  /** A header of 16 bytes; a packet of 19; one shorter than its options; version 5. */
  @ParameterizedTest
  @CsvSource({"0, 0x44", "3, 19", "0, 0x55"})
  void aHeaderThatContradictsItselfIsMalformed(int at, String value) {
    var packet = Layers.tcp4();
    packet[at] = Integer.decode(value).byteValue();
    var frame = Layers.links().getFirst().frame(Layers.tcp4());
    System.arraycopy(packet, 0, frame, 14, packet.length);

    assertThat(Decoded.of(ETHERNET, frame)).isEqualTo(nothing(Undecoded.MALFORMED));
  }

  @Test
  void optionsBeyondTheCaptureAreTruncation() {
    var packet = Layers.tcp4();
    packet[0] = 0x4f;

    assertThat(decoded(packet)).isEqualTo(nothing(Undecoded.TRUNCATED));
  }

  @Test
  void aTcpHeaderShorterThanAnyIsNoTcp() {
    var packet = Layers.tcp4();
    packet[20 + 12] = 0x40;

    assertThat(decoded(packet).packets())
        .singleElement()
        .asString()
        .startsWith("192.0.2.1 192.0.2.2 6 1234");
  }

  @Test
  void tcpOptionsBeyondTheSegmentLeaveNoData() {
    var packet = Layers.tcp4();
    packet[20 + 12] = (byte) 0xf0;

    assertThat(decoded(packet)).isEqualTo(only("192.0.2.1 192.0.2.2 6 4660 80 "));
  }

  @Test
  void optionsOfIpv4AreSkipped() {
    assertThat(decoded(Layers.withOptions(Layers.tcp4(), new byte[40]))).isEqualTo(only(TCP4));
  }

  /** Hop-by-hop, routing, destination, mobility, HIP, shim6; authentication counts in 4 bytes. */
  @ParameterizedTest
  @CsvSource({
    "0, 0600 000000000000",
    "43, 0602 0000000000000000000000000000000000000000 0000",
    "60, 0600 000000000000",
    "135, 0600 000000000000",
    "139, 0600 000000000000",
    "140, 0600 000000000000",
    "51, 0604 00000000000000000000000000000000000000000000",
    "44, 0600 000000000007",
    "0, 2b00 000000000000 2c00 000000000000 3300 000000000001 0601 00000000000000000000"
  })
  void extensionHeadersAreWalked(int first, String headers) {
    assertThat(decoded(Layers.withExtensions(Layers.tcp6(), first, hex(headers))))
        .isEqualTo(only(TCP6));
  }

  @Test
  void aChainOfEightThousandHeadersEnds() {
    var chain = Layers.join(hex("0000000000000000".repeat(8000)), hex("0600000000000000"));

    assertThat(decoded(Layers.withExtensions(Layers.tcp6(), 0, chain))).isEqualTo(only(TCP6));
  }

  /** Every header says that another of its kind follows: the packet ends before they do. */
  @ParameterizedTest
  @CsvSource({"0", "43", "60", "51", "44"})
  void aChainThatNeverEndsIsTruncation(int kind) {
    var header = new byte[8];
    header[0] = (byte) kind;
    var headers = new ArrayList<byte[]>();
    for (var i = 0; i < 500; i++) {
      headers.add(header);
    }
    var packet = new byte[40];
    packet[0] = 0x60;

    assertThat(
            decoded(
                Layers.withExtensions(packet, kind, Layers.join(headers.toArray(byte[][]::new)))))
        .isEqualTo(nothing(Undecoded.TRUNCATED));
  }

  @Test
  void whatIsEncryptedOrEmptyIsNotLookedInto() {
    assertThat(decoded(Layers.withExtensions(Layers.tcp6(), 50, new byte[0])).packets())
        .singleElement()
        .asString()
        .startsWith("2001:db8::1 2001:db8::2 50 1234");
    var empty = new byte[40];
    System.arraycopy(Layers.tcp6(), 0, empty, 0, 40);
    empty[5] = 0;
    empty[6] = 59;
    assertThat(decoded(empty)).isEqualTo(only("2001:db8::1 2001:db8::2 59 "));
  }

  @Test
  void aFragmentIsGivenWithoutItsTransportHeader() {
    var packet = Layers.tcp4();
    packet[6] = 0x20;
    assertThat(decoded(packet).packets())
        .singleElement()
        .asString()
        .startsWith("192.0.2.1 192.0.2.2 6 fragment 1234");

    var sixth = Layers.withExtensions(Layers.tcp6(), 44, hex("0600000100000007"));
    assertThat(decoded(sixth).packets())
        .singleElement()
        .asString()
        .startsWith("2001:db8::1 2001:db8::2 6 fragment 1234");
  }

  /** A handler that puts together what it is given would go on for ever. */
  @Test
  void packetsInPacketsEndAtADepthAndTheRestIsCounted() {
    var given = new ArrayList<String>();
    var inner = Layers.tcp4();
    var decoders = new ArrayList<PacketDecoder>();
    var decoder =
        new PacketDecoder(packet -> {
          given.add(Decoded.told(packet));
          decoders.getFirst().decodeDatagram(inner, 0, inner.length, 0);
        });
    decoders.add(decoder);
    decoder.decodeDatagram(inner, 0, inner.length, 0);

    assertThat(given).hasSize(4);
    assertThat(Decoded.reasons(decoder)).isEqualTo(Map.of(Undecoded.MALFORMED, 1L));
  }
}
