package dev.cloister.tracing.capture;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cloister.core.testing.RequiresProgram;
import dev.cloister.core.testing.RequiresShared;
import dev.cloister.core.testing.SharedData;
import dev.cloister.tracing.capture.Taken.Copy;
import dev.cloister.tracing.testing.PcapWriter;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What other programs read in a capture file, this one reads too. */
final class CaptureOracleTest {
  @TempDir private Path directory;

  private static Stream<Path> captures(String ending) throws IOException {
    try (var files = Files.list(SharedData.path("pcaps/dev"))) {
      return files.filter(file -> file.toString().endsWith(ending)).sorted().toList().stream();
    }
  }

  static Stream<Path> classic() throws IOException {
    return captures(".pcap");
  }

  static Stream<Path> blocks() throws IOException {
    return captures(".pcapng");
  }

  /** libpcap is what tcpdump is made of. */
  @ParameterizedTest
  @MethodSource("classic")
  @RequiresShared
  @RequiresProgram("tcpdump")
  void libpcapReadsTheSameInEveryClassicFile(Path file) throws IOException {
    assertThat(Taken.from(file).frames()).isNotEmpty().isEqualTo(LibpcapRead.of(file));
  }

  @Test
  @RequiresProgram("tcpdump")
  void libpcapReadsTheSameInFilesThatWereWrittenHere() throws IOException {
    var seed = 5L;
    var random = new Random(seed);
    var file = directory.resolve("written.pcap");
    for (var order : List.of(ByteOrder.BIG_ENDIAN, ByteOrder.LITTLE_ENDIAN)) {
      for (var isNano : List.of(true, false)) {
        write(file, order, isNano, random);
        assertThat(Taken.from(file).frames())
            .as("%s, nanoseconds %s, seed %d", order, isNano, seed)
            .isEqualTo(LibpcapRead.of(file));
      }
    }
  }

  private static void write(Path file, ByteOrder order, boolean isNano, Random random)
      throws IOException {
    try (var out = PcapWriter.to(file, order, isNano, 1)) {
      for (var i = 0; i < 200; i++) {
        var frame = new byte[random.nextInt(2000)];
        random.nextBytes(frame);
        var captured = random.nextInt(frame.length + 1);
        out.write(random.nextLong(1L << 60), frame, 0, captured, frame.length);
      }
    }
  }

  /** libpcap takes no file whose interfaces differ; tshark does. */
  @ParameterizedTest
  @MethodSource("blocks")
  @RequiresShared
  @RequiresProgram("tshark")
  void tsharkReadsTheSameTimesAndLengthsInEveryFileOfBlocks(Path file)
      throws IOException, InterruptedException {
    var ours = Taken.from(file).frames().stream().map(CaptureOracleTest::line).toList();

    assertThat(ours).isNotEmpty().isEqualTo(tshark(file));
  }

  private static String line(Copy frame) {
    var nanos = frame.timeNanos();
    var time = nanos == 0 ? "" : "%d.%09d".formatted(nanos / 1_000_000_000, nanos % 1_000_000_000);
    return "%s\t%d\t%d".formatted(time, frame.hex().length() / 2, frame.wireLength());
  }

  private static List<String> tshark(Path file) throws IOException, InterruptedException {
    var command =
        new ProcessBuilder("tshark", "-r", file.toString(), "-T", "fields")
            .redirectError(ProcessBuilder.Redirect.DISCARD);
    for (var field : List.of("frame.time_epoch", "frame.cap_len", "frame.len")) {
      command.command().addAll(List.of("-e", field));
    }
    var process = command.start();
    var lines = new String(process.getInputStream().readAllBytes(), UTF_8).lines().toList();
    assertThat(process.waitFor()).isZero();
    return lines;
  }
}
