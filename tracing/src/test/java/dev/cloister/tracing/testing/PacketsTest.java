package dev.cloister.tracing.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.cloister.core.testing.RequiresProgram;
import dev.cloister.tracing.capture.Frame;
import dev.cloister.tracing.capture.PacketFile;
import dev.cloister.tracing.flow.Defragmenter;
import dev.cloister.tracing.flow.OverlapPolicy;
import dev.cloister.tracing.packet.PacketDecoder;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Packets that were never on a wire, and the files they are written into. */
final class PacketsTest {
  private static final Endpoint FROM = Endpoint.of("10.1.2.3", 40_000);
  private static final Endpoint TO = Endpoint.of("192.0.2.80", 50_001);
  private static final Endpoint FROM6 = Endpoint.of("2001:db8::1", 40_000);
  private static final Endpoint TO6 = Endpoint.of("2001:db8::80", 50_001);

  @TempDir private Path directory;

  private static byte[] data(int length) {
    var data = new byte[length];
    new Random(length).nextBytes(data);
    return data;
  }

  private static List<byte[]> samples() {
    var frames = new ArrayList<byte[]>();
    for (var length : new int[] {0, 1, 2, 3, 1000, 1447}) {
      frames.add(Packets.tcp(FROM, TO, -1, 7, Packets.ACK, data(length)));
      frames.add(Packets.tcp(FROM6, TO6, 8, 0, Packets.SYN, data(length)));
      frames.add(Packets.udp(FROM, TO, data(length)));
      frames.add(Packets.udp(FROM6, TO6, data(length)));
    }
    return frames;
  }

  @Test
  void aSegmentIsReadBack() {
    var data = data(333);
    var frame = Packets.tcp(FROM, TO, -5, 77, Packets.PSH | Packets.ACK, data);
    var seen = new ArrayList<byte[]>();
    new PacketDecoder(
            packet -> {
              assertThat(packet.isTcp()).isTrue();
              assertThat(packet.sourcePort()).isEqualTo(40_000);
              assertThat(packet.destinationPort()).isEqualTo(50_001);
              assertThat(packet.sequence()).isEqualTo(-5);
              assertThat(packet.acknowledgement()).isEqualTo(77);
              assertThat(packet.flags()).isEqualTo(Packets.PSH | Packets.ACK);
              seen.add(
                  Arrays.copyOfRange(
                      packet.bytes(),
                      packet.dataOffset(),
                      packet.dataOffset() + packet.dataLength()));
            })
        .decode(new Frame().set(frame, 0, frame.length, frame.length, 1, 0));
    assertThat(seen).containsExactly(data);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void fragmentsAreThePacketThatTheyWere(boolean isIpv4) {
    var data = data(2000);
    var whole =
        isIpv4
            ? Packets.tcp(FROM, TO, 1, 0, Packets.ACK, data)
            : Packets.tcp(FROM6, TO6, 1, 0, Packets.ACK, data);
    var defragmenter = new Defragmenter(OverlapPolicy.BSD, false);
    var lengths = new ArrayList<Integer>();
    var inner = new PacketDecoder(packet -> lengths.add(packet.dataLength()));
    var decoder =
        new PacketDecoder(packet -> {
          if (defragmenter.accept(packet)) {
            inner.decodeDatagram(defragmenter.datagram(), 0, defragmenter.datagramLength(), 0);
          }
        });
    var fragments = Packets.fragments(whole, 504, 9);
    assertThat(fragments).hasSize(5);
    for (var fragment : fragments) {
      decoder.decode(new Frame().set(fragment, 0, fragment.length, fragment.length, 1, 0));
    }
    assertThat(lengths).containsExactly(2000);
  }

  @Test
  void whatCannotBeAPacketIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Packets.udp(FROM, TO6, data(1)))
        .withMessageContaining("different versions of IP");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Packets.fragments(samples().getFirst(), 12, 1))
        .withMessage("payloadBytes 12: must be a multiple of 8");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Endpoint.of("10.0.0.1", 65_536))
        .withMessage("port 65536: allowed 0 to 65535");
  }

  private Path write(List<byte[]> frames, ByteOrder order, boolean isNano) throws IOException {
    var file = directory.resolve("samples.pcap");
    try (var out = PcapWriter.to(file, order, isNano, 1)) {
      for (var i = 0; i < frames.size(); i++) {
        out.write(1_700_000_000_123_456_789L + i, frames.get(i));
      }
    }
    return file;
  }

  @ParameterizedTest
  @CsvSource({"true, true", "true, false", "false, true", "false, false"})
  void aFileOfEveryVariantIsReadBack(boolean isBig, boolean isNano) throws IOException {
    var frames = samples();
    var file = write(frames, isBig ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN, isNano);
    var read = new ArrayList<byte[]>();
    var times = new ArrayList<Long>();
    try (var source = PacketFile.at(file).open()) {
      while (source.poll(
              frame -> {
                times.add(frame.timeNanos());
                read.add(
                    Arrays.copyOfRange(
                        frame.bytes(), frame.offset(), frame.offset() + frame.length()));
              },
              256)
          >= 0) {
        // All of it.
      }
    }
    assertThat(read).usingElementComparator(Arrays::compare).isEqualTo(frames);
    assertThat(times.getFirst())
        .isEqualTo(isNano ? 1_700_000_000_123_456_789L : 1_700_000_000_123_456_000L);
  }

  @Test
  void aFrameMayBeCutShort() throws IOException {
    var file = directory.resolve("cut.pcap");
    try (var out = PcapWriter.to(file)) {
      out.write(0, new byte[] {9, 1, 2, 3, 9}, 1, 3, 60);
    }
    var lengths = new ArrayList<Integer>();
    try (var source = PacketFile.at(file).open()) {
      source.poll(
          frame -> {
            lengths.add(frame.length());
            lengths.add(frame.wireLength());
            lengths.add((int) frame.bytes()[frame.offset()]);
          },
          1);
    }
    assertThat(lengths).containsExactly(3, 60, 1);
  }

  @Test
  @RequiresProgram("tshark")
  void anotherReaderFindsEveryChecksumRight() throws Exception {
    var frames = samples();
    var halves = Packets.fragments(Packets.udp(FROM, TO, data(1500)), 800, 3);
    frames.addAll(halves);
    frames.addAll(Packets.fragments(Packets.tcp(FROM6, TO6, 1, 0, 0, data(1500)), 800, 4));
    var file = write(frames, ByteOrder.BIG_ENDIAN, true);
    assertThat(Tshark.count(file, "")).isEqualTo(frames.size());
    assertThat(Tshark.count(file, Tshark.WRONG_CHECKSUM)).isZero();
    assertThat(Tshark.count(file, "tcp.checksum.status == 1 || udp.checksum.status == 1"))
        .isEqualTo(frames.size() - 2);
    assertThat(Tshark.count(file, "_ws.malformed")).isZero();
  }
}
