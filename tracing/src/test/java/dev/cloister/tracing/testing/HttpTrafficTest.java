package dev.cloister.tracing.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.cloister.core.testing.RequiresProgram;
import dev.cloister.tracing.capture.PacketFile;
import dev.cloister.tracing.flow.Direction;
import dev.cloister.tracing.flow.EndCause;
import dev.cloister.tracing.flow.Flow;
import dev.cloister.tracing.flow.OverlapPolicy;
import dev.cloister.tracing.flow.ReassemblyLimits;
import dev.cloister.tracing.flow.StreamListener;
import dev.cloister.tracing.flow.TcpReassembler;
import dev.cloister.tracing.packet.PacketDecoder;
import dev.cloister.tracing.testing.HttpTraffic.Truth;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Generated traffic is what its truth says: to our reader, and to another. */
final class HttpTrafficTest {
  private static final HttpTraffic CLEAN = HttpTraffic.of(300).connections(7, 20).seed(5);
  private static final HttpTraffic DIRTY = CLEAN.meanBodyBytes(4000).dirt(60, 40, 50);

  @TempDir private Path directory;

  private Path file() {
    return directory.resolve("traffic.pcap");
  }

  /** What our own reader finds. */
  private static final class Found implements StreamListener {
    private long packets;
    private long clientBytes;
    private long serverBytes;
    private long holeBytes;

    @Override
    public void data(
        Flow flow, Direction d, long position, byte[] bytes, int offset, int length, long time) {
      if (d == Direction.CLIENT_TO_SERVER) {
        clientBytes += length;
      } else {
        serverBytes += length;
      }
    }

    @Override
    public void gap(Flow flow, Direction direction, long position, long length, long time) {
      holeBytes += length;
    }

    @Override
    public void end(Flow flow, EndCause cause, long time) {}
  }

  private void assertHolds(Truth truth) throws IOException {
    var found = new Found();
    var reassembler =
        new TcpReassembler(ReassemblyLimits.forExactness(), OverlapPolicy.FIRST, found);
    var decoder =
        new PacketDecoder(packet -> {
          found.packets++;
          reassembler.accept(packet);
        });
    try (var source = PacketFile.at(file()).open()) {
      while (source.poll(decoder::decode, 256) >= 0) {
        // All of it.
      }
      assertThat(source.damage()).isEmpty();
    }
    reassembler.finish(0);
    assertThat(Files.size(file())).isEqualTo(truth.fileBytes());
    assertThat(found.packets).isEqualTo(truth.packets());
    assertThat(reassembler.flows()).isEqualTo(truth.connections());
    assertThat(found.clientBytes).isEqualTo(truth.clientBytes());
    assertThat(found.serverBytes).isEqualTo(truth.serverBytes());
    assertThat(found.holeBytes).isZero();
    assertThat(reassembler.counts().conflictingBytes()).isZero();
    assertThat(reassembler.counts().duplicateBytes() > 0)
        .isEqualTo(truth.retransmitted() + truth.overlapping() > 0);
  }

  @Test
  void cleanTrafficIsReadBackAsItsTruthSays() throws IOException {
    var truth = CLEAN.write(file());
    assertHolds(truth);
    assertThat(truth.requests()).isEqualTo(300);
    assertThat(truth.connections()).isEqualTo(43);
    assertThat(truth.swapped() + truth.retransmitted() + truth.overlapping()).isZero();
  }

  @Test
  void dirtyTrafficIsReadBackAsItsTruthSays() throws IOException {
    var truth = DIRTY.write(file());
    assertHolds(truth);
    assertThat(truth.swapped()).isPositive();
    assertThat(truth.retransmitted()).isPositive();
    assertThat(truth.overlapping()).isPositive();
  }

  @Test
  void theSameSettingsGiveTheSameFile() throws IOException {
    var truth = DIRTY.write(file());
    var other = directory.resolve("other.pcap");
    assertThat(DIRTY.write(other)).isEqualTo(truth);
    assertThat(Files.mismatch(file(), other)).isEqualTo(-1);
    DIRTY.seed(6).write(other);
    assertThat(Files.mismatch(file(), other)).isPositive();
  }

  @Test
  @RequiresProgram("tshark")
  void anotherReaderFindsTheSameAndNoChecksumIsWrong() throws Exception {
    var truth = DIRTY.write(file());
    assertThat(Tshark.count(file(), "")).isEqualTo(truth.packets());
    assertThat(Tshark.count(file(), Tshark.WRONG_CHECKSUM)).isZero();
    assertThat(Tshark.count(file(), "tcp.checksum.status == 1 && ip.checksum.status == 1"))
        .isEqualTo(truth.packets());
    assertThat(Tshark.count(file(), "tcp.flags.syn == 1 && tcp.flags.ack == 0"))
        .isEqualTo(truth.connections());
    assertThat(Tshark.count(file(), "http.request && !tcp.analysis.retransmission"))
        .isEqualTo(truth.requests());
  }

  @Test
  void whatCannotBeIsRefused() {
    assertThatIllegalArgumentException().isThrownBy(() -> HttpTraffic.of(0));
    assertThatIllegalArgumentException().isThrownBy(() -> CLEAN.meanBodyBytes(0));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> CLEAN.meanBodyBytes(524_289))
        .withMessage("meanBodyBytes 524289: at most 524288");
    assertThatIllegalArgumentException().isThrownBy(() -> CLEAN.connections(1, 0));
  }
}
