package dev.cloister.tracing.tracer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cloister.core.testing.RequiresShared;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What a whole tracer counts in every shared capture, as the reference counted it; but for the
 * start lines behind holes, which the reference did not see and {@link BehindHolesTest} shows.
 */
@RequiresShared
final class SharedCaptureTotalsTest {
  @TempDir private Path spill;

  static Stream<SharedCapture> captures() throws IOException {
    return SharedCapture.all();
  }

  static Stream<SharedCapture> judgedCaptures() throws IOException {
    return captures().filter(capture -> !capture.name().equals(SharedCapture.OVERLAPPING));
  }

  static Stream<SharedCapture> captureWithOpenStreams() throws IOException {
    return judgedCaptures().filter(capture -> !capture.name().equals(SharedCapture.VXLAN));
  }

  @ParameterizedTest
  @MethodSource("captures")
  void everyPacketIsAnalysedAndNothingIsGivenUp(SharedCapture capture) throws IOException {
    var summary = LabTrace.of(capture.path(), spill);

    assertThat(summary.received()).isEqualTo(capture.counted("packets"));
    assertThat(summary.analysed()).isEqualTo(summary.received());
    assertThat(summary.lost()).isEmpty();
    assertThat(summary.erroneousFlows()).isZero();
    assertThat(summary.evicted()).isNotEmpty().values().allMatch(count -> count == 0);
  }

  @ParameterizedTest
  @MethodSource("judgedCaptures")
  void datagramsAndBytesAreCountedAsInTheReference(SharedCapture capture) throws IOException {
    var summary = LabTrace.of(capture.path(), spill);

    assertThat(
            Map.of(
                "ip_datagrams_reassembled",
                summary.ipDatagramsReassembled(),
                "hole_bytes",
                summary.holeBytes(),
                "conflicting_bytes",
                summary.conflictingBytes()))
        .allSatisfy((column, count) -> assertThat(count).isEqualTo(capture.counted(column)));
  }

  @ParameterizedTest
  @MethodSource("captureWithOpenStreams")
  void connectionsAndStartLinesAreCountedAsInTheReference(SharedCapture capture)
      throws IOException {
    var expected = BehindHolesTest.startLines(capture);
    var summary = LabTrace.of(capture.path(), spill);

    assertThat(summary.tcpFlows()).isEqualTo(capture.counted("tcp_streams"));
    assertThat(summary.httpRequests()).as("requests").isEqualTo(expected.requests());
    assertThat(summary.httpResponses()).as("responses").isEqualTo(expected.responses());
  }
}
