package dev.cloister.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cloister.tracing.testing.HttpTraffic;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How a trace goes, and what it comes to: its numbers add up however it was run. */
final class TraceRunTest {
  private static final long REQUESTS = 4000;

  @TempDir private static Path shared;
  private static Path traffic = Path.of("");
  private static HttpTraffic.Truth truth = new HttpTraffic.Truth(0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

  @TempDir private Path directory;

  @BeforeAll
  static void generate() throws IOException {
    traffic = shared.resolve("traffic.pcap");
    truth = HttpTraffic.of(REQUESTS).meanBodyBytes(3000).seed(7).dirt(5, 5, 5).write(traffic);
  }

  private Path output() {
    return directory.resolve("output");
  }

  private Run trace(Path file, String... options) {
    return Run.of(
        new Trace(),
        Stream.concat(
                Stream.of("--in=" + file, "--out=" + output(), "--accept=all"), Stream.of(options))
            .toArray(String[]::new));
  }

  private Summary tracedWell(String... options) throws IOException {
    var run = trace(traffic, options);
    assertThat(run).extracting(Run::exit, Run::err).containsExactly(0, "");
    assertThat(verified()).isEqualTo("valid");
    return Summary.of(output());
  }

  private String verified() {
    return Run.of(new Verify(), "--in=" + output()).outLines().getFirst();
  }

  private static void assertIsTheTruth(Summary summary) {
    assertThat(summary.number("received")).isEqualTo(truth.packets());
    assertThat(summary.number("analysed")).isEqualTo(truth.packets());
    assertThat(summary.sum("lost")).isZero();
    assertThat(summary.number("tcpFlows")).isEqualTo(truth.connections());
    assertThat(summary.number("httpRequests")).isEqualTo(truth.requests());
    assertThat(summary.number("httpResponses")).isEqualTo(truth.responses());
  }

  private long records() throws IOException {
    return Files.readAllLines(output().resolve("trace.jsonl")).size() - 1L;
  }

  @Test
  void bothHalvesAtOnceGiveTheTruth() throws IOException {
    assertIsTheTruth(tracedWell());
    assertThat(records()).isEqualTo(REQUESTS);
  }

  @Test
  void analysisAfterCaptureGivesTheSame() throws IOException {
    var summary = tracedWell("--deferred", "--memory-bytes=1048576");
    assertIsTheTruth(summary);
    assertThat(summary.number("spilledBytes")).isGreaterThan(truth.fileBytes() / 2);
    assertThat(records()).isEqualTo(REQUESTS);
    assertThat(output().resolve("spill")).doesNotExist();
  }

  @Test
  void severalPassesCountAndSayEverythingOnce() throws IOException {
    var summary = tracedWell("--passes=2", "--memory-bytes=0");
    assertIsTheTruth(summary);
    assertThat(summary.number("spilledBytes")).isPositive();
    assertThat(records()).isEqualTo(REQUESTS);
  }

  @Test
  void theSpillLiesWhereItWasToldAndIsGoneAfterwards() throws IOException {
    var spill = Files.createDirectory(directory.resolve("elsewhere"));
    var kept = Files.writeString(spill.resolve("mine.txt"), "mine");
    tracedWell("--spill=" + spill, "--memory-bytes=0", "--deferred");
    assertThat(output().resolve("spill")).doesNotExist();
    try (var files = Files.list(spill)) {
      assertThat(files).containsExactly(kept);
    }
  }

  @Test
  void whatThereIsNoRoomForIsCountedAndTheRestIsAnalysed() throws IOException {
    var summary = tracedWell("--deferred", "--memory-bytes=1048576", "--disk-bytes=1048576");
    assertThat(summary.number("received")).isEqualTo(truth.packets());
    assertThat(summary.root().required("lost").members().keySet()).isEqualTo(Set.of("noRoom"));
    assertThat(summary.sum("lost")).isPositive();
    assertThat(summary.number("analysed")).isPositive();
    assertThat(summary.number("analysed") + summary.sum("lost"))
        .isEqualTo(summary.number("received"));
    assertThat(records()).isBetween(1L, REQUESTS - 1);
  }

  @Test
  void aStoreInWhichNothingFitsLosesEverythingAndTheTraceEnds() throws IOException {
    var summary = tracedWell("--memory-bytes=1000", "--disk-bytes=100000");
    assertThat(summary.root().required("lost").members().keySet()).isEqualTo(Set.of("noRoom"));
    assertThat(summary.sum("lost")).isEqualTo(truth.packets());
    assertThat(summary.number("analysed")).isZero();
  }

  @Test
  void aFileWaitsForRoomThatAnalysisMakes() throws IOException {
    assertIsTheTruth(tracedWell("--memory-bytes=1048576", "--disk-bytes=0"));
  }

  @Test
  void theGoodPartOfADamagedCaptureIsTracedAndTheDamageIsNamed() throws IOException {
    var whole = Files.readAllBytes(Shipped.capture());
    var cut = Files.write(directory.resolve("cut.pcap"), Arrays.copyOf(whole, whole.length / 2));
    var run = trace(cut);
    assertThat(run.exit()).isEqualTo(1);
    assertThat(run.errLines())
        .singleElement()
        .asString()
        .matches("the input is damaged at byte \\d+: .+");
    var summary = Summary.of(output());
    assertThat(summary.number("received")).isBetween(1000L, 4087L);
    assertThat(summary.number("analysed")).isEqualTo(summary.number("received"));
    assertThat(records()).isPositive();
    assertThat(verified()).isEqualTo("valid");
  }

  @Test
  void theOffsetIsThatOfTheFirstRecordThatMakesNoSense() throws IOException {
    var whole = Files.readAllBytes(Shipped.capture());
    // The length of the first packet, behind 24 bytes of file header and 8 bytes of time.
    Arrays.fill(whole, 32, 36, (byte) 0xff);
    var run = trace(Files.write(directory.resolve("bad.pcap"), whole));
    assertThat(run.exit()).isEqualTo(1);
    assertThat(run.err()).startsWith("the input is damaged at byte 24: ");
    assertThat(Summary.of(output()).number("received")).isZero();
    assertThat(records()).isZero();
  }

  @Test
  void labModeIsInTheHeader() throws IOException {
    tracedWell("--lab");
    assertThat(header()).contains("\"mode\":\"lab\"", "\"waivers\":[]");
  }

  private String header() throws IOException {
    return Files.readAllLines(output().resolve("trace.jsonl")).getFirst();
  }

  @Test
  void aPolicyOfOnesOwnDecidesWhatComesOut() throws IOException {
    var policy =
        Files.writeString(
            directory.resolve("mine.yaml"),
            "version: 1\nfields:\n  http.request.method: keep\n  http.client.address: drop\n");
    tracedWell("--policy=" + policy);
    var lines = Files.readAllLines(output().resolve("trace.jsonl"));
    for (var line : List.of(lines.get(1), lines.getLast())) {
      assertThat(line)
          .matches("\\{\"record\":\"http\",\"flow\":\\d+,\"request\":\\{\"method\":\"\\w+\"}}");
    }
  }
}
