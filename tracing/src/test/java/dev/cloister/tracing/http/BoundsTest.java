package dev.cloister.tracing.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Too much of anything is counted and passed over; what comes after it is read. */
final class BoundsTest {
  private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
  private static final String NEXT = "GET /next HTTP/1.1\r\n\r\n";
  private static final String NEXT_LINE = "GET /next 0 | - - | no-response";
  private static final int EXCHANGES_MAX = 256;

  private static String many(int times, IntFunction<String> each) {
    return IntStream.range(0, times).mapToObj(each).collect(Collectors.joining());
  }

  private static String get(int number) {
    return "GET /" + number + " HTTP/1.1\r\n\r\n";
  }

  @Test
  void requestsThatNobodyAnswersAreToldBeforeTheyAreTooMany() {
    var wire = new Wire();
    for (var i = 0; i < 10_000; i++) {
      wire.client(get(i));
      assertThat(wire.told()).hasSize(Math.max(0, i + 1 - EXCHANGES_MAX));
    }
    assertThat(wire.requests()).isEqualTo(10_000);
    var told = wire.end();
    assertThat(told).hasSize(10_000);
    for (var i = 0; i < told.size(); i++) {
      assertThat(told.get(i).line()).isEqualTo("GET /" + i + " 0 | - - | no-response");
    }
  }

  @Test
  void responsesToRequestsThatWereToldAlreadyAnswerNoOtherOnes() {
    var wire = new Wire().client(many(EXCHANGES_MAX + 2, BoundsTest::get));
    wire.server(OK + "HTTP/1.1 100 Continue\r\n\r\n" + OK + OK);
    assertThat(wire.told())
        .extracting(Wire.Told::line)
        .containsExactly(
            "GET /0 0 | - - | no-response",
            "GET /1 0 | - - | no-response",
            "- - - | 200 2 | no-request",
            "- - - | 200 2 | no-request",
            "GET /2 0 | 200 2 | complete");
  }

  @Test
  void aResponseThatIsBeingReadIsNotMixedWithAnother() {
    var wire = new Wire().client(get(0));
    wire.server("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nab");
    wire.client(many(EXCHANGES_MAX, i -> get(i + 1)));
    wire.server("cd" + OK);
    var told = wire.end();
    assertThat(told).hasSize(EXCHANGES_MAX + 1);
    assertThat(told.getFirst().line()).isEqualTo("GET /0 0 | 200 - | truncated");
    assertThat(told.get(1).line()).isEqualTo("GET /1 0 | 200 2 | complete");
  }

  @Test
  void aHeadThatIsBeingReadWhenItsRequestIsToldStillDelimitsItsContent() {
    var wire = new Wire().client(get(0)).server("HTTP/1.1 200 OK\r\n");
    wire.client(many(EXCHANGES_MAX, i -> get(i + 1)));
    wire.server("Content-Length: " + OK.length() + "\r\n\r\n" + OK, OK);
    assertThat(wire.responses()).isEqualTo(2);
    assertThat(wire.end().get(1).line()).isEqualTo("GET /1 0 | 200 2 | complete");
  }

  @Test
  void responsesWithoutRequestsAreToldAsTheyCome() {
    var wire = new Wire();
    for (var i = 1; i <= 2000; i++) {
      assertThat(wire.server(OK).told()).hasSize(i);
    }
  }

  @Test
  void interimResponsesWithoutEndAreCounted() {
    var wire = new Wire().client(get(0));
    wire.server(many(5000, _ -> "HTTP/1.1 100 Continue\r\n\r\n")).server(OK);
    assertThat(wire.responses()).isEqualTo(5001);
    assertThat(wire.end().getFirst().number("response.interim")).isEqualTo(5000);
  }

  @Test
  void headersBeyondThousandsAreCountedAndNotLookedAt() {
    var wire = new Wire();
    wire.client("GET / HTTP/1.1\r\n" + many(100_000, i -> "X" + i + ": y\r\n"));
    wire.client("Host: too late\r\n\r\n" + NEXT);
    var told = wire.end();
    assertThat(told.getFirst().number("request.headers")).isEqualTo(100_001);
    assertThat(told.getFirst().has("request.host")).isFalse();
    assertThat(told.getLast().line()).isEqualTo(NEXT_LINE);
  }

  @Test
  void aHeaderOfMegabytesIsCountedAndPassedOver() {
    var wire = new Wire().client("POST / HTTP/1.1\r\nCookie: ");
    for (var i = 0; i < 64; i++) {
      wire.client("c".repeat(1 << 16));
    }
    wire.client("\r\nContent-Length: 2\r\n\r\nhi" + NEXT);
    var told = wire.end();
    assertThat(told.getFirst().line()).isEqualTo("POST / 2 | - - | no-response");
    assertThat(told.getFirst().number("request.headers")).isEqualTo(2);
    assertThat(told.getFirst().has("request.cookie")).isFalse();
    assertThat(told.getLast().line()).isEqualTo(NEXT_LINE);
  }

  @Test
  void aStartLineOfMegabytesIsNone() {
    var wire = new Wire().client(NEXT + "GET /");
    for (var i = 0; i < 64; i++) {
      wire.client("a".repeat(1 << 16));
    }
    wire.client(" HTTP/1.1\r\n\r\n" + NEXT);
    assertThat(wire.lines()).containsExactly(NEXT_LINE, NEXT_LINE);
  }

  @Test
  void aFoldedHeaderOfMegabytesIsCutAndTheNextMessageIsFound() {
    // Were each fold put behind a growing value, this would take hours.
    for (var header : new String[] {"Transfer-Encoding", "Content-Encoding", "Cookie", "X"}) {
      var wire = new Wire().client("GET / HTTP/1.1\r\n" + header + ": a\r\n");
      var folds = many(100, _ -> "\t" + "b".repeat(1000) + "\r\n");
      for (var i = 0; i < 300; i++) {
        wire.client(folds);
      }
      wire.client("\t,chunked\r\n\r\n" + (header.startsWith("T") ? "0\r\n\r\n" : "") + NEXT);
      assertThat(wire.lines()).hasSize(2).endsWith(NEXT_LINE);
    }
  }

  @Test
  void aHeaderSentThousandsOfTimesKeepsWhatCameFirst() {
    var wire = new Wire().client("GET /a HTTP/1.1\r\nHost: example.org\r\n");
    wire.client(many(4000, i -> "Cookie: crumb" + i + "\r\n") + "\r\n");
    var told = wire.end().getFirst();
    assertThat(told.text("request.cookie")).startsWith("crumb0; crumb1; ").contains("crumb3999");
    assertThat(told.text("request.url")).isEqualTo("http://example.org/a");
  }

  @Test
  void headersThatTakeTurnsThousandsOfTimesCostNeitherValuesNorTheTarget() {
    var wire = new Wire().client("GET /a HTTP/1.1\r\nHost: example.org\r\n");
    wire.client(many(2000, i -> "Cookie: c" + i + "\r\nAccept: a" + i + "\r\n") + "\r\n");
    var told = wire.end().getFirst();
    assertThat(told.text("request.cookie")).startsWith("c0; c1; ");
    assertThat(told.text("request.accept")).startsWith("a0, a1, ");
    assertThat(told.text("request.url")).endsWith("/a");
  }

  @Test
  void aChunkExtensionWithoutEndLosesItsMessageAndTheNextIsFound() {
    var wire = new Wire().client("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2;x=");
    for (var i = 0; i < 64; i++) {
      wire.client("e".repeat(1 << 16));
    }
    wire.client("\r\nhi\r\n0\r\n\r\n" + NEXT);
    assertThat(wire.lines()).containsExactly("POST / 0 | - - | no-response", NEXT_LINE);
  }

  @Test
  void trailersWithoutEndArePassedOver() {
    var wire = new Wire().client("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n");
    wire.client(many(100_000, i -> "T" + i + ": x\r\n"), "L".repeat(1 << 20) + "\r\n\r\n" + NEXT);
    assertThat(wire.lines()).containsExactly("POST / 0 | - - | no-response", NEXT_LINE);
  }

  @Test
  void whatIsNoHttpFromItsBeginningIsLeftAloneSoon() {
    assertThat(foreignBytesRead(new Wire())).isEqualTo(65 << 10);
  }

  @Test
  void whatMayBeTheMiddleOfContentIsReadOnForLonger() {
    assertThat(foreignBytesRead(Wire.fromTheMiddle())).isEqualTo((16 << 20) + 1024);
    var wire = Wire.fromTheMiddle().server("c".repeat(1 << 20)).client(NEXT).server(OK);
    assertThat(wire.lines()).containsExactly("GET /next 0 | 200 2 | complete");
  }

  private static long foreignBytesRead(Wire wire) {
    var kilobyte = "x".repeat(1023) + "\n";
    var read = 0L;
    while (wire.isOfInterest()) {
      wire.server(kilobyte);
      read += kilobyte.length();
    }
    assertThat(wire.told()).isEmpty();
    return read;
  }

  @Test
  void manySmallSegmentsAreNotTooManySteps() {
    var wire = new Wire();
    for (var i = 0; i < 20_000; i++) {
      wire.client("\n");
    }
    wire.client(NEXT);
    assertThat(wire.lines()).containsExactly(NEXT_LINE);
  }
}
