package dev.cloister.tracing.flow;

import static dev.cloister.tracing.flow.Pieces.ipv4;
import static dev.cloister.tracing.flow.Pieces.ipv6;
import static dev.cloister.tracing.flow.Pieces.text;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cloister.core.testing.RequiresShared;
import dev.cloister.core.testing.SharedData;
import dev.cloister.tracing.capture.PacketFile;
import dev.cloister.tracing.packet.PacketDecoder;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Fragments that contradict each other, as each policy decides them: the layout of Novak and
 * Sturges ("Target-Based TCP Stream Reassembly", 2007) with the bytes that were found for it.
 */
final class DefragmenterOverlapTest {
  private static final int TIME_TO_LIVE = 8;

  private static String expected(String layout, OverlapPolicy policy) throws IOException {
    var start = layout + "\t" + policy.label() + "\t";
    var rows = Files.readAllLines(SharedData.path("vectors/overlap/novak_sturges_expected.tsv"));
    return rows.stream()
        .filter(row -> row.startsWith(start))
        .map(row -> row.split("\t", -1)[3])
        .findFirst()
        .orElseThrow();
  }

  /** Reads the capture that holds the layout as fragments of IPv4. */
  private static List<byte[]> capture() throws IOException {
    var packets = new ArrayList<byte[]>();
    var decoder =
        new PacketDecoder(packet -> {
          var from = packet.headerOffset();
          var end = packet.payloadOffset() + packet.payloadLength();
          packets.add(Arrays.copyOfRange(packet.bytes(), from, end));
        });
    try (var source =
        PacketFile.at(SharedData.path("pcaps/dev/synthetic__novak_ipfrag.pcap")).open()) {
      while (source.poll(decoder::decode, 100) >= 0) {
        // Each was copied as it came.
      }
    }
    return packets;
  }

  /** The same data at the same offsets, in IPv6. */
  private static byte[] asIpv6(byte[] packet) {
    var field = ((packet[6] & 0xff) << 8) | (packet[7] & 0xff);
    var data = Arrays.copyOfRange(packet, 20, packet.length);
    return ipv6(7, (field & 0x1fff) * 8, (field & 0x2000) == 0, data);
  }

  @ParameterizedTest
  @EnumSource(OverlapPolicy.class)
  @RequiresShared
  void everyPolicyGivesTheBytesThatWereFoundForIt(OverlapPolicy policy) throws IOException {
    var taken = Pieces.by(policy).takeAll(capture());

    assertThat(taken.payloads()).containsExactly(expected("ip-fragments", policy));
  }

  @ParameterizedTest
  @EnumSource(OverlapPolicy.class)
  @RequiresShared
  void everyPolicyGivesThemInIpv6WhereItIsAskedFor(OverlapPolicy policy) throws IOException {
    var packets = capture().stream().map(DefragmenterOverlapTest::asIpv6).toList();
    var taken = new Pieces(policy, true).takeAll(packets);

    assertThat(taken.payloads()).containsExactly(expected("ip-fragments-v6", policy));
  }

  @Test
  @RequiresShared
  void aDatagramOfIpv6WithAnyOverlapIsDroppedWhole() throws IOException {
    var packets = capture().stream().map(DefragmenterOverlapTest::asIpv6).toList();
    var taken = Pieces.by(OverlapPolicy.FIRST).takeAll(packets);

    assertThat(taken.payloads()).isEmpty();
    assertThat(taken.defragmenter().reassembled()).isOne();
    assertThat(taken.defragmenter().overlapping()).isOne();
  }

  @Test
  void oneByteThatOverlapsDropsADatagramOfIpv6() {
    var taken =
        Pieces.by(OverlapPolicy.FIRST)
            .take(ipv6(7, 0, false, text("AAAAAAAAA")))
            .take(ipv6(7, 8, true, text("B")));

    assertThat(taken.payloads()).isEmpty();
    assertThat(taken.defragmenter().overlapping()).isOne();
  }

  /** RFC 5722: also the fragments that come after the overlap, up to the last. */
  @Test
  void whatComesBehindTheOverlapIsDroppedWithTheRest() {
    var taken =
        Pieces.by(OverlapPolicy.FIRST)
            .take(ipv6(7, 0, false, text("AAAAAAAA")))
            .take(ipv6(7, 0, false, text("BBBBBBBB")))
            .take(ipv6(7, 8, true, text("C")));

    assertThat(taken.payloads()).isEmpty();
    assertThat(taken.defragmenter().reassembled()).isOne();
  }

  /** Where two last fragments disagree on the length, the policy decides that too. */
  @ParameterizedTest
  @EnumSource(OverlapPolicy.class)
  void theEndIsOfTheCopyThatCounts(OverlapPolicy policy) {
    var taken =
        Pieces.by(policy)
            .take(ipv4(7, 8, true, text("BBBBBBBBBBBB")))
            .take(ipv4(7, 8, true, text("CC")))
            .take(ipv4(7, 0, false, text("AAAAAAAA")));

    assertThat(taken.payloads())
        .containsExactly(policy == OverlapPolicy.LAST ? "AAAAAAAACC" : "AAAAAAAABBBBBBBBBBBB");
  }

  /** The header of a datagram is that of its first bytes, so it is decided as they are. */
  @ParameterizedTest
  @EnumSource(OverlapPolicy.class)
  void theHeaderIsOfTheCopyThatCounts(OverlapPolicy policy) {
    var again = ipv4(7, 0, false, text("BBBBBBBB"));
    again[TIME_TO_LIVE] = 9;
    var taken =
        Pieces.by(policy)
            .take(ipv4(7, 0, false, text("AAAAAAAA")))
            .take(again)
            .take(ipv4(7, 8, true, text("C")));

    assertThat(taken.payloads())
        .containsExactly(policy == OverlapPolicy.LAST ? "BBBBBBBBC" : "AAAAAAAAC");
    assertThat(taken.defragmenter().datagram()[TIME_TO_LIVE])
        .isEqualTo((byte) (policy == OverlapPolicy.LAST ? 9 : 64));
  }
}
