package dev.cloister.tracing.tracer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cloister.core.policy.Node;
import dev.cloister.core.testing.RequiresShared;
import dev.cloister.tracing.flow.OverlapPolicy;
import java.io.IOException;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every direction of every shared capture, byte for byte as an independent program reassembled it
 * by either policy.
 */
@RequiresShared
final class SharedCaptureStreamsTest {

  /**
   * What is carried and not in the facts: the connections inside of sFlow samples, of which the
   * first has 7 connections and facts of 3 directions; and the last of 121, since facts end at 120.
   */
  private static final Map<String, Set<String>> BEYOND_THE_FACTS =
      Map.of(
          "pcapplusplus__tcp-reassembly.pcap",
          Set.of("216.115.217.198:443", "63.241.108.124:443", "67.217.64.99:443"),
          "pcapplusplus__4KHttpRequests.pcap",
          Set.of("10.0.0.1:61699"));

  static Stream<SharedCapture> captures() throws IOException {
    return SharedCapture.all()
        .filter(capture ->
            !Set.of(SharedCapture.VXLAN, SharedCapture.OVERLAPPING).contains(capture.name()));
  }

  @ParameterizedTest
  @MethodSource("captures")
  void theFirstCopyWinsAsInTheReference(SharedCapture capture) throws IOException {
    check(capture, OverlapPolicy.FIRST, StreamRow::firstWins);
  }

  @ParameterizedTest
  @MethodSource("captures")
  void theLastCopyWinsAsInTheReference(SharedCapture capture) throws IOException {
    check(capture, OverlapPolicy.LAST, StreamRow::lastWins);
  }

  private static void check(
      SharedCapture capture, OverlapPolicy policy, Function<Node, StreamRow> expected)
      throws IOException {
    var rows = StreamRows.of(capture.path(), policy).rows();
    var beyond = BEYOND_THE_FACTS.getOrDefault(capture.name(), Set.of());

    assertThat(rows.stream().filter(row -> !beyond.contains(row.source())))
        .containsExactlyInAnyOrderElementsOf(capture.facts().stream().map(expected).toList());
    assertThat(rows.stream().map(StreamRow::source).filter(beyond::contains))
        .containsExactlyInAnyOrderElementsOf(beyond);
  }

  @ParameterizedTest
  @MethodSource("captures")
  void everyConnectionHasTheEndsAndTheNumberOfTheReference(SharedCapture capture)
      throws IOException {
    var ends = StreamRows.of(capture.path(), OverlapPolicy.FIRST).ends();
    var numbers = ends.keySet().stream().filter(capture.ends()::containsKey).toList();

    assertThat(numbers.stream().map(ends::get).toList())
        .isEqualTo(numbers.stream().map(capture.ends()::get).toList());
  }
}
