package dev.cloister.tracing.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** What is told where bytes are missing, and where reading goes on. */
final class GapTest {
  private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
  private static final String CHUNKED = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

  private static String get(String path) {
    return "GET " + path + " HTTP/1.1\r\n\r\n";
  }

  private static String post(String path, int length) {
    return "POST " + path + " HTTP/1.1\r\nContent-Length: " + length + "\r\n\r\n";
  }

  private static String ok(int length) {
    return "HTTP/1.1 200 OK\r\nContent-Length: " + length + "\r\n\r\n";
  }

  @Test
  void aGapInsideContentOfKnownLengthCostsItsBytesAlone() {
    var wire = new Wire().client(get("/a") + get("/b"));
    wire.server(ok(10) + "abc").serverGap(4).server("xyz" + OK);
    var told = wire.end();
    assertThat(told)
        .extracting(Wire.Told::line)
        .containsExactly("GET /a 0 | 200 6 | gapped", "GET /b 0 | 200 2 | complete");
    assertThat(told.getFirst().number("response.missingBytes")).isEqualTo(4);
    assertThat(told.getLast().number("response.missingBytes")).isZero();
  }

  @Test
  void aGapUpToTheEndOfContentEndsItsMessage() {
    var wire = new Wire().client(post("/a", 5)).clientGap(5).client(get("/b"));
    wire.server(OK + OK);
    var told = wire.end();
    assertThat(told)
        .extracting(Wire.Told::line)
        .containsExactly("POST /a 0 | 200 2 | gapped", "GET /b 0 | 200 2 | complete");
    assertThat(told.getFirst().number("request.missingBytes")).isEqualTo(5);
  }

  @Test
  void aGapBeyondTheEndOfContentMayHideMessagesAndTheNextIsFound() {
    var wire = new Wire().client(get("/a")).server(ok(10) + "abc").serverGap(100);
    wire.client(get("/b")).server("rest of a line\r\n", OK);
    var told = wire.end();
    assertThat(told)
        .extracting(Wire.Told::line)
        .containsExactly("GET /a 0 | 200 3 | gapped", "GET /b 0 | 200 2 | complete");
    assertThat(told.getFirst().number("response.missingBytes")).isEqualTo(7);
  }

  @Test
  void aGapInAHeadLosesItsMessageAndTheNextIsFound() {
    var wire = new Wire().client("GET /a HTTP/1.1\r\nHost: exam").clientGap(3);
    wire.client("ple.org\r\nAccept: */*\r\n\r\n" + get("/b"));
    assertThat(wire.lines())
        .containsExactly("GET /a 0 | - - | no-response", "GET /b 0 | - - | no-response");
    assertThat(wire.requests()).isEqualTo(2);
  }

  @Test
  void aGapInTheHeadOfAResponseLosesItsContentToo() {
    var wire = new Wire().client(get("/a")).server("HTTP/1.1 200 OK\r\nContent-").serverGap(20);
    wire.server("content\r\n", "more of it").client(get("/b")).server(OK);
    var told = wire.end();
    assertThat(told)
        .extracting(Wire.Told::line)
        .containsExactly("GET /a 0 | 200 0 | gapped", "GET /b 0 | 200 2 | complete");
    assertThat(told.getFirst().number("response.missingBytes")).isEqualTo(20);
  }

  @Test
  void aGapInsideAChunkCostsItsBytesAlone() {
    var wire = new Wire().client(get("/a") + get("/b"));
    wire.server(CHUNKED + "8\r\nab").serverGap(4).server("gh\r\n0\r\n\r\n" + OK);
    assertThat(wire.lines())
        .containsExactly("GET /a 0 | 200 4 | gapped", "GET /b 0 | 200 2 | complete");
  }

  @Test
  void aGapUpToTheEndOfAChunkLeavesTheNextChunkReadable() {
    var wire = new Wire().client(get("/a")).server(CHUNKED + "8\r\nab").serverGap(6);
    wire.server("\r\n3\r\nxyz\r\n0\r\n\r\n");
    assertThat(wire.lines()).containsExactly("GET /a 0 | 200 5 | gapped");
  }

  @Test
  void aGapOverTheEndOfAChunkLosesTheMessageAndTheNextIsFound() {
    var wire = new Wire().client(get("/a")).server(CHUNKED + "8\r\nab").serverGap(7);
    wire.server("\n3\r\nxyz\r\n0\r\n\r\n").client(get("/b")).server(OK);
    assertThat(wire.lines())
        .containsExactly("GET /a 0 | 200 2 | gapped", "GET /b 0 | 200 2 | complete");
  }

  @Test
  void aGapInAChunkSizeLosesTheMessageAndTheNextIsFound() {
    var wire = new Wire().client(get("/a")).server(CHUNKED + "1").serverGap(1);
    wire.server("\r\nxyz\r\n0\r\n\r\n").client(get("/b")).server(OK);
    assertThat(wire.lines())
        .containsExactly("GET /a 0 | 200 0 | gapped", "GET /b 0 | 200 2 | complete");
  }

  @Test
  void aGapInContentUntilTheCloseCostsItsBytesAlone() {
    var wire = new Wire().client(get("/a")).server("HTTP/1.1 200 OK\r\n\r\nabc").serverGap(1000);
    wire.server("xyz");
    var told = wire.end();
    assertThat(told).extracting(Wire.Told::line).containsExactly("GET /a 0 | 200 6 | gapped");
    assertThat(told.getFirst().number("response.missingBytes")).isEqualTo(1000);
  }

  @Test
  void aGapBetweenRequestsLosesThoseInItAlone() {
    var wire = new Wire().client(get("/a")).server(OK);
    wire.clientGap(50).client(get("/c")).server(OK);
    assertThat(wire.lines())
        .containsExactly("GET /a 0 | 200 2 | complete", "GET /c 0 | 200 2 | complete");
  }

  @Test
  void aResponseInAGapLeavesItsRequestWithoutOne() {
    var wire = new Wire().client(get("/a")).serverGap(40).client(get("/b")).server(OK);
    assertThat(wire.lines())
        .containsExactly("GET /a 0 | - - | no-response", "GET /b 0 | 200 2 | complete");
  }

  @Test
  void aRequestInAGapLeavesItsResponseWithoutOne() {
    var wire = new Wire().client(get("/a")).server(OK);
    wire.clientGap(40).server(OK).client(get("/c")).server(OK);
    assertThat(wire.lines())
        .containsExactly(
            "GET /a 0 | 200 2 | complete",
            "- - - | 200 2 | no-request",
            "GET /c 0 | 200 2 | complete");
  }

  @Test
  void aCaptureThatBeginsInsideContentFindsTheNextMessage() {
    var wire = new Wire().server("tail of content\r\nwith lines\r\n", "and the last");
    wire.client(get("/b")).server(OK);
    assertThat(wire.lines()).containsExactly("GET /b 0 | 200 2 | complete");
  }

  @Test
  void aCaptureThatBeginsInsideContentWithoutLinesFindsTheNextMessage() {
    var wire = new Wire().server("tail of content", "its end").client(get("/b")).server(OK);
    assertThat(wire.lines()).containsExactly("GET /b 0 | 200 2 | complete");
  }

  @Test
  void aCaptureThatBeginsInsideAHeadFindsTheNextMessage() {
    var wire = new Wire().client("ost: example.org\r\nAccept: */*\r\n\r\n" + get("/b")).server(OK);
    assertThat(wire.lines()).containsExactly("GET /b 0 | 200 2 | complete");
  }

  @Test
  void aCaptureThatBeginsWithAGapFindsTheFirstMessage() {
    var wire = new Wire().clientGap(1).serverGap(1).client(get("/a")).server(OK);
    assertThat(wire.lines()).containsExactly("GET /a 0 | 200 2 | complete");
  }

  @Test
  void garbageBeforeAHeadIsPassedOver() {
    var wire = new Wire().client("\u0000\u0001\u00ff garbage\r\nmore\r\n" + get("/a")).server(OK);
    assertThat(wire.lines()).containsExactly("GET /a 0 | 200 2 | complete");
  }

  @Test
  void aLostSideFindsAHeadAtTheBeginningOfASegmentThoughTheLineBeforeHasNoEnd() {
    var wire = new Wire().client("POST /a HTTP/1.1\r\nHost: x").clientGap(9).client("abc, no end");
    wire.client(get("/b")).server(OK, OK);
    assertThat(wire.lines()).contains("GET /b 0 | 200 2 | complete");
  }

  @Test
  void whatIsDecodedOfContentWithAGapIsNotTold() {
    var coded = new String(Coded.gzip(new byte[1000]), ISO_8859_1);
    var head = "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: ";
    var wire = new Wire().client(get("/a"));
    wire.server(head + coded.length() + "\r\n\r\n" + coded.substring(0, 12));
    wire.serverGap(coded.length() - 12);
    assertThat(wire.end().getFirst().has("response.decodedBytes")).isFalse();
  }

  @Test
  void gapsOfAnyLengthAreSurvived() {
    var wire = new Wire().client(get("/a")).server(OK);
    wire.clientGap(Long.MAX_VALUE).serverGap(Long.MAX_VALUE).clientGap(Long.MAX_VALUE);
    wire.client(get("/b")).server("HTTP/1.1 200 OK\r\n\r\nx").serverGap(Long.MAX_VALUE / 2);
    assertThat(wire.lines())
        .containsExactly("GET /a 0 | 200 2 | complete", "GET /b 0 | 200 1 | gapped");
  }
}
