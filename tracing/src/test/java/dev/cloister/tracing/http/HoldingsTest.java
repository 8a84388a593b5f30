package dev.cloister.tracing.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cloister.tracing.TraceCounter;
import dev.cloister.tracing.http.Wire.Told;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What all connections of a parser hold together is bounded, at the cost of the silent ones. */
final class HoldingsTest {
  private static final int BYTES_MAX = 1 << 20;
  private static final String HALF_A_HEAD =
      "GET /slow HTTP/1.1\r\nHost: slow.example\r\nCookie: " + "c".repeat(40_000);
  private static final String GET = "GET /honest HTTP/1.1\r\n\r\n";
  private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbody";

  private final HttpParser parser = new HttpParser(BYTES_MAX);

  private List<Wire> slow(int count) {
    var slow = new ArrayList<Wire>();
    for (var i = 0; i < count; i++) {
      slow.add(Wire.of(parser).client(HALF_A_HEAD));
      assertThat(parser.heldBytes()).isLessThanOrEqualTo(BYTES_MAX);
    }
    return slow;
  }

  private static long evicted(List<Wire> wires) {
    return wires.stream().mapToLong(wire -> wire.count(TraceCounter.EVICTED_CONVERSATIONS)).sum();
  }

  @Test
  void thoseThatWereSilentForTheLongestGiveTheirsUp() {
    var slow = slow(100);
    var evicted = evicted(slow);
    assertThat(evicted).isBetween(50L, 99L);
    assertThat(evicted(slow.subList(0, (int) evicted))).isEqualTo(evicted);
    assertThat(slow.getFirst().told())
        .extracting(Told::line)
        .containsExactly("GET http://slow.example/slow - | - - | no-response");
  }

  @Test
  void whoeverSpeaksMeanwhileLosesNothing() {
    var honest = Wire.of(parser);
    for (var i = 0; i < 20; i++) {
      honest.client(GET);
      slow(10);
      honest.server(OK);
    }
    assertThat(honest.end())
        .hasSize(20)
        .allSatisfy(told -> assertThat(told.line()).isEqualTo("GET /honest 0 | 200 4 | complete"));
    assertThat(honest.count(TraceCounter.EVICTED_CONVERSATIONS)).isZero();
  }

  @Test
  void anAnswerToARequestThatWasGivenUpAnswersNoOtherOne() {
    var wire = Wire.of(parser).client(GET);
    slow(100);
    assertThat(wire.count(TraceCounter.EVICTED_CONVERSATIONS)).isEqualTo(1);
    wire.client("GET /next HTTP/1.1\r\n\r\n").server(OK, "HTTP/1.1 204 No Content\r\n\r\n");
    assertThat(wire.end())
        .extracting(Told::line)
        .containsExactly(
            "GET /honest 0 | - - | no-response",
            "- - - | 200 4 | no-request",
            "GET /next 0 | 204 0 | complete");
  }

  @Test
  void theRestOfALineThatWasGivenUpIsNoMessage() {
    var wire = Wire.of(parser).client("GET /a HTTP/1.1\r\nX: ");
    slow(100);
    wire.client("GET /no HTTP/1.1\r\n\r\nGET /b HTTP/1.1\r\n\r\n");
    assertThat(wire.end())
        .extracting(Told::line)
        .containsExactly("GET /a - | - - | no-response", "GET /b 0 | - - | no-response");
  }

  @Test
  void whatIsOverIsNotHeld() {
    slow(10).forEach(Wire::end);
    Wire.of(parser).client(GET).server(OK);
    assertThat(parser.heldBytes()).isZero();
  }
}
