package dev.cloister.tracing.tracer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cloister.core.testing.RequiresShared;
import dev.cloister.tracing.tracer.PlainScan.StartLine;
import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The five shared captures in which the tracer counts more start lines of HTTP than the reference:
 * the lines stand in the frames, as a plain scan shows that knows nothing of streams. The reference
 * is tshark, told to put segments in order before it dissects them: it waits for the bytes of a
 * hole to the end of the capture, and so dissects neither what stands behind a hole nor a message
 * that a hole is in. Told to take segments as they come, it finds all of them in the second of
 * these captures, and some in three more.
 */
@RequiresShared
final class BehindHolesTest {
  private static final String ENTITY_GAP = "zeek__entity_gap.pcap";
  private static final String DROPS = "zeek__zero-length-bodies-with-drops.pcap";
  private static final String TWO_GAPS = "suricata__http-gap-double.pcap";
  private static final String MANY_REQUESTS = "pcapplusplus__4KHttpRequests.pcap";
  private static final String PAGE = "packets__http_espn.pcapng";

  private static final Map<String, StartLines> COUNTED =
      Map.of(
          ENTITY_GAP, new StartLines(1, 1),
          DROPS, new StartLines(7, 8),
          TWO_GAPS, new StartLines(3, 3),
          MANY_REQUESTS, new StartLines(381, 0),
          PAGE, new StartLines(61, 61));

  /** How many there are of each kind. */
  record StartLines(long requests, long responses) {}

  /** Returns how many a capture has: in all but these five, as many as the reference found. */
  static StartLines startLines(SharedCapture capture) {
    var reference =
        new StartLines(capture.counted("http_requests"), capture.counted("http_responses"));
    return COUNTED.getOrDefault(capture.name(), reference);
  }

  private static PlainScan scan(String name) throws IOException {
    return PlainScan.of(SharedCapture.path(name));
  }

  @ParameterizedTest
  @ValueSource(strings = {ENTITY_GAP, DROPS, TWO_GAPS, MANY_REQUESTS, PAGE})
  void eachStartLineThatIsCountedStandsInAFrame(String name) throws IOException {
    var scan = scan(name);

    assertThat(new StartLines(scan.requests().size(), scan.responses().size()))
        .isEqualTo(COUNTED.get(name));
  }

  /** The hole is in the response's content, so the reference never had the message whole. */
  @Test
  void aStatusLineStandsBeforeAHoleInItsContent() throws IOException {
    assertThat(scan(ENTITY_GAP).responses()).containsExactly(new StartLine(6, 0, "HTTP/1.1 200"));
  }

  /**
   * Three of each stand before the holes of their directions, and the reference has those; the
   * request line of frame 22 is longer than its segment, the others are whole.
   */
  @Test
  void fourRequestsAndFiveResponsesStandBehindHoles() throws IOException {
    var scan = scan(DROPS);

    assertThat(scan.requests())
        .extracting(StartLine::frame)
        .containsExactly(4, 9, 14, 19, 22, 29, 37);
    assertThat(scan.responses())
        .extracting(StartLine::frame)
        .containsExactly(7, 12, 17, 20, 27, 32, 35, 40);
  }

  /** The two holes are in the content of the second response; the third stands behind them. */
  @Test
  void aStatusLineStandsBeforeTwoHolesAndOneBehindThem() throws IOException {
    assertThat(scan(TWO_GAPS).responses())
        .containsExactly(
            new StartLine(7, 0, "HTTP/1.0 200"),
            new StartLine(13, 0, "HTTP/1.0 200"),
            new StartLine(25, 0, "HTTP/1.0 200"));
  }

  /**
   * The capture holds nothing but the segments with which requests begin, so that nearly every
   * connection has a hole behind its first long request; of the 385 segments four came twice.
   */
  @Test
  void everySegmentOfRequestsBeginsWithARequestLine() throws IOException {
    var scan = scan(MANY_REQUESTS);

    assertThat(scan.requests()).allMatch(line -> line.offset() == 0);
    assertThat(scan.retransmissions()).isEqualTo(4);
    assertThat(scan.requests()).hasSize(385 - scan.retransmissions());
  }

  /** The one hole is in the content that frame 611 begins; the other response stands behind it. */
  @Test
  void aStatusLineStandsBeforeTheOnlyHoleOfAPageAndOneBehindIt() throws IOException {
    assertThat(scan(PAGE).responses())
        .contains(new StartLine(611, 0, "HTTP/1.1 200"), new StartLine(893, 0, "HTTP/1.1 200"));
  }
}
