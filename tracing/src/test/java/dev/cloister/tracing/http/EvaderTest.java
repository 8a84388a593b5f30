package dev.cloister.tracing.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Messages that readers disagree about: what this one makes of each, and that it goes on. */
final class EvaderTest {
  private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
  private static final String NEXT = "GET /next HTTP/1.1\r\n\r\n";
  private static final String NEXT_LINE = "GET /next 0 | - - | no-response";

  private static Wire post(String headers, String content) {
    return new Wire().client("POST /a HTTP/1.1\r\n" + headers + "\r\n" + content + NEXT);
  }

  private static Wire chunks(String content) {
    return post("Transfer-Encoding: chunked\r\n", content);
  }

  // Lines.

  @Test
  void aLineFeedAloneEndsALine() {
    var wire = new Wire().client("POST /a HTTP/1.1\nContent-Length: 2\n\nhi" + NEXT);
    assertThat(wire.lines()).containsExactly("POST /a 2 | - - | no-response", NEXT_LINE);
  }

  @Test
  void aCarriageReturnAloneEndsNoLine() {
    var wire = new Wire().client("POST /a HTTP/1.1\rContent-Length: 2\r\rhi\r", "\n" + NEXT);
    assertThat(wire.lines()).containsExactly(NEXT_LINE);
  }

  @Test
  void emptyLinesBeforeAStartLineAreIgnored() {
    var wire = new Wire().client("\r\n\n\r\n" + NEXT + "\r\n\r\n" + NEXT);
    assertThat(wire.lines()).containsExactly(NEXT_LINE, NEXT_LINE);
  }

  @Test
  void aFoldedHeaderIsOneValue() {
    var wire = new Wire().client("GET /a HTTP/1.1\r\nUser-Agent: one\r\n  two\r\n\tthree\r\n\r\n");
    var told = wire.end().getFirst();
    assertThat(told.text("request.userAgent")).isEqualTo("one two three");
    assertThat(told.number("request.headers")).isEqualTo(1);
  }

  @Test
  void aFoldBeforeTheFirstHeaderIsAHeaderThatNobodyKnows() {
    var wire = new Wire().client("GET /a HTTP/1.1\r\n Content-Length: 5\r\n\r\n" + NEXT);
    assertThat(wire.lines()).containsExactly("GET /a 0 | - - | no-response", NEXT_LINE);
  }

  @Test
  void whiteSpaceBeforeTheColonIsPassedOver() {
    assertThat(post("Content-Length \t: 2\r\n", "hi").lines())
        .containsExactly("POST /a 2 | - - | no-response", NEXT_LINE);
  }

  @Test
  void aHeaderWithoutAColonIsCountedAndMeansNothing() {
    var told = post("Content-Length 5\r\n: 5\r\n", "").end();
    assertThat(told).extracting(Wire.Told::line).contains(NEXT_LINE);
    assertThat(told.getFirst().number("request.headers")).isEqualTo(2);
  }

  // Start lines.

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET  /a   HTTP/1.1",
        "GET\t/a\tHTTP/1.1",
        "GET /a HTTP/1.1  ",
        "GET /a HTTP/1.1\r",
        "get /a HTTP/9.9",
        "!#$%&'*+-.^_`|~ /a HTTP/1.0",
        "GET /a b c HTTP/1.1",
      })
  void aRequestLineMayBeOddlyWritten(String line) {
    var wire = new Wire().client(line + "\r\n\r\n" + NEXT);
    assertThat(wire.lines()).hasSize(2).contains(NEXT_LINE);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET /a",
        "GET HTTP/1.1",
        " GET /a HTTP/1.1",
        "GET /aHTTP/1.1",
        "GET /a HTTP/1.",
        "GET /a HTTP/11",
        "GET /a http/1.1",
        "GET /a HTTP/1.1x",
        "GE(T /a HTTP/1.1",
        "HTTP/1.1",
        "HTTP/1.1 20 OK",
        "HTTP/1.1 2000 OK",
        "HTTP/1.1 2x0 OK",
        "HTTP/1.1200 OK",
        "HTTP/1,1 200 OK",
        "ICY 200 OK",
      })
  void whatIsNoStartLineIsPassedOver(String line) {
    var wire = new Wire().client(line + "\r\nX: y\r\n\r\n" + NEXT);
    assertThat(wire.lines()).containsExactly(NEXT_LINE);
    assertThat(wire.requests() + wire.responses()).isEqualTo(1);
  }

  @Test
  void aMethodLongerThanAnyIsNone() {
    var wire = new Wire().client("M".repeat(65) + " /a HTTP/1.1\r\n\r\n" + NEXT);
    assertThat(wire.lines()).containsExactly(NEXT_LINE);
  }

  @Test
  void aRequestOfHttp09IsNotCounted() {
    var wire = new Wire().client("GET /a\r\n").server("<html>\r\n</html>\r\n");
    assertThat(wire.lines()).isEmpty();
    assertThat(wire.requests()).isZero();
  }

  @Test
  void aRequestWithoutAVersionThatHasAHeadIsCounted() {
    var wire = new Wire().client("GET /a\r\n\r\n").server(OK);
    assertThat(wire.lines()).containsExactly("GET /a 0 | 200 2 | complete");
  }

  // Lengths.

  @Test
  void equalLengthsAreOne() {
    assertThat(post("Content-Length: 2\r\nContent-Length: 2\r\n", "hi").lines())
        .containsExactly("POST /a 2 | - - | no-response", NEXT_LINE);
    assertThat(post("Content-Length: 2, 2\r\n", "hi").lines())
        .containsExactly("POST /a 2 | - - | no-response", NEXT_LINE);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "2\r\nContent-Length: 3",
        "3\r\nContent-Length: 2\r\nContent-Length: 2",
        "2, 3",
        "2,",
        "-2",
        "+2",
        "0x2",
        "2.0",
        "2 2",
        "2\r\n 2x",
        "two",
        "",
        "9223372036854775808",
        "18446744073709551615",
        "99999999999999999999999999999999999999",
      })
  void aRequestWithALengthThatIsNoneHasAnUnknownEndAndTheNextIsFound(String value) {
    var wire = post("Content-Length: " + value + "\r\n", "hi\r\n");
    assertThat(wire.lines()).containsExactly("POST /a 0 | - - | no-response", NEXT_LINE);
  }

  @Test
  void aResponseWithALengthThatIsNoneLastsUntilTheCloseOrTheNextAnswer() {
    var wire = new Wire().client(NEXT, NEXT);
    wire.server("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\nhello", OK);
    assertThat(wire.lines())
        .containsExactly("GET /next 0 | 200 5 | complete", "GET /next 0 | 200 2 | complete");
  }

  @Test
  void theLargestLengthIsWaitedForWithoutMemory() {
    var wire = post("Content-Length: 999999999999999999\r\n", "hi");
    assertThat(wire.lines())
        .containsExactly("POST /a " + (2 + NEXT.length()) + " | - - | no-response");
  }

  @Test
  void chunksCountAndTheLengthBesideThemDoesNot() {
    var headers = "Content-Length: 50\r\nTransfer-Encoding: chunked\r\n";
    assertThat(post(headers, "2\r\nhi\r\n0\r\n\r\n").lines())
        .containsExactly("POST /a 2 | - - | no-response", NEXT_LINE);
  }

  @ParameterizedTest
  @ValueSource(strings = {"gzip, chunked", "gzip\r\nTransfer-Encoding: Chunked", "x,\r\n\tchunked"})
  void chunkedAsTheLastOfTheTransferCodingsDelimits(String value) {
    assertThat(post("Transfer-Encoding: " + value + "\r\n", "2\r\nhi\r\n0\r\n\r\n").lines())
        .containsExactly("POST /a 2 | - - | no-response", NEXT_LINE);
  }

  @ParameterizedTest
  @ValueSource(strings = {"chunked, gzip", "xchunked", "identity", "chunked;q=1", "\"chunked\""})
  void aRequestThatIsNotChunkedLastHasAnUnknownEndAndTheNextIsFound(String value) {
    assertThat(post("Transfer-Encoding: " + value + "\r\n", "2\r\nhi\r\n0\r\n\r\n").lines())
        .containsExactly("POST /a 0 | - - | no-response", NEXT_LINE);
  }

  // Chunks.

  @ParameterizedTest
  @ValueSource(
      strings = {"2", "02", "0000000000000002", "2 ", "2\t", "2;x", "2 ; x=\"\\\"\"", "2;"})
  void aChunkSizeIsHexAndPerhapsMore(String size) {
    assertThat(chunks(size + "\r\nhi\r\n0\r\n\r\n").lines())
        .containsExactly("POST /a 2 | - - | no-response", NEXT_LINE);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "-2",
        "+2",
        "0x2",
        " 2",
        "",
        "g",
        "2x",
        "2,2",
        "\u00b2",
        "00000000000000002",
        "10000000000000000",
        "ffffffffffffffff",
        "8000000000000000",
      })
  void aChunkSizeThatIsNoneLosesItsMessageAndTheNextIsFound(String size) {
    var wire = chunks("1\r\nx\r\n" + size + "\r\nhi\r\n0\r\n\r\n");
    assertThat(wire.lines()).containsExactly("POST /a 1 | - - | no-response", NEXT_LINE);
  }

  @Test
  void theLargestChunkIsWaitedForWithoutMemory() {
    var wire = chunks("7fffffffffffffff\r\nhi");
    assertThat(wire.lines())
        .containsExactly("POST /a " + (2 + NEXT.length()) + " | - - | no-response");
  }

  @Test
  void whatIsBehindAChunkAndNoLineEndLosesTheMessageAndTheNextIsFound() {
    var wire = chunks("2\r\nhi, there is more\r\n0\r\n\r\n");
    assertThat(wire.lines()).containsExactly("POST /a 2 | - - | no-response", NEXT_LINE);
  }
}
