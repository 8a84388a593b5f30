package dev.cloister.tracing.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cloister.tracing.flow.EndCause;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Which response belongs to which request, and what is told of one without the other. */
final class PairingTest {
  private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

  private static String get(String path) {
    return "GET " + path + " HTTP/1.1\r\n\r\n";
  }

  private static String status(int status) {
    return "HTTP/1.1 " + status + " Reason\r\nContent-Length: 0\r\n\r\n";
  }

  @Test
  void anExchangeHasBothItsSidesAndWhenAndBetweenWhom() {
    var wire = new Wire();
    wire.client("POST /form?a=1 HTTP/1.1\r\nHost: example.org\r\n", "Content-Length: 3\r\n\r\na=b");
    wire.server("HTTP/1.0 201 Made for you\r\nServer: it\r\n", "Content-Length: 2\r\n\r\nok");
    var told = wire.end();
    assertThat(told).hasSize(1);
    assertThat(told.getFirst().fields())
        .containsOnly(
            entry("client.address", "À\u0000\u0002\u0001"),
            entry("client.port", 40_000L),
            entry("server.address", "Æ3d\u0002"),
            entry("server.port", 8080L),
            entry("request.method", "POST"),
            entry("request.url", "http://example.org/form?a=1"),
            entry("request.time", 1000L),
            entry("request.endTime", 2000L),
            entry("request.version", "HTTP/1.1"),
            entry("request.headers", 2L),
            entry("request.headBytes", 65L),
            entry("request.bodyBytes", 3L),
            entry("request.missingBytes", 0L),
            entry("request.host", "example.org"),
            entry("request.contentLength", "3"),
            entry("response.status", 201L),
            entry("response.reason", "Made for you"),
            entry("response.interim", 0L),
            entry("response.time", 3000L),
            entry("response.endTime", 4000L),
            entry("response.version", "HTTP/1.0"),
            entry("response.headers", 2L),
            entry("response.headBytes", 60L),
            entry("response.bodyBytes", 2L),
            entry("response.missingBytes", 0L),
            entry("response.server", "it"),
            entry("response.contentLength", "2"),
            entry("outcome", "complete"));
  }

  private static Map.Entry<String, Object> entry(String path, Object value) {
    return Map.entry(path, value);
  }

  @Test
  void anExchangeIsToldWhenItIsOver() {
    var wire = new Wire().client(get("/a"));
    assertThat(wire.told()).isEmpty();
    wire.server(OK);
    assertThat(wire.told()).hasSize(1);
  }

  @Test
  void pipelinedRequestsAreAnsweredInTheirOrder() {
    var wire = new Wire().client(get("/a") + get("/b") + get("/c"));
    wire.server(status(201) + OK, status(404));
    assertThat(wire.lines())
        .containsExactly(
            "GET /a 0 | 201 0 | complete",
            "GET /b 0 | 200 2 | complete",
            "GET /c 0 | 404 0 | complete");
  }

  @Test
  void aRequestThatComesWhileOthersWaitTakesItsTurn() {
    var wire = new Wire();
    wire.client(get("/a"), get("/b")).server(status(201));
    wire.client(get("/c")).server(status(202) + status(203));
    assertThat(wire.lines())
        .containsExactly(
            "GET /a 0 | 201 0 | complete",
            "GET /b 0 | 202 0 | complete",
            "GET /c 0 | 203 0 | complete");
  }

  @Test
  void aResponseThatCameBeforeItsRequestAnswersNone() {
    var wire = new Wire().server(status(200)).client(get("/late"));
    assertThat(wire.lines())
        .containsExactly("- - - | 200 0 | no-request", "GET /late 0 | - - | no-response");
    assertThat(wire.requests()).isEqualTo(1);
    assertThat(wire.responses()).isEqualTo(1);
  }

  @Test
  void interimResponsesComeBeforeTheFinalOneAndAreCounted() {
    var wire = new Wire();
    wire.client("POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n");
    wire.server("HTTP/1.1 100 Continue\r\n\r\n");
    wire.client("x");
    wire.server("HTTP/1.1 103 Early Hints\r\nLink: </x>\r\nServer: not this\r\n\r\n" + OK);
    var told = wire.end();
    assertThat(told.getFirst().line()).isEqualTo("POST / 1 | 200 2 | complete");
    assertThat(told.getFirst().number("response.interim")).isEqualTo(2);
    assertThat(told.getFirst().has("response.server")).isFalse();
    assertThat(told).hasSize(1);
    assertThat(wire.responses()).isEqualTo(3);
  }

  @Test
  void contentThatAServerRefusedMayNeverCome() {
    var refused = "PUT /a HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 500\r\n\r\n";
    var wire = new Wire().client(refused).server(status(417));
    wire.client(get("/b")).server(OK);
    assertThat(wire.lines())
        .containsExactly("PUT /a 0 | 417 0 | truncated", "GET /b 0 | 200 2 | complete");
  }

  @Test
  void contentThatComesThoughRefusedIsNoRequest() {
    var refused = "PUT /a HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n";
    var wire = new Wire().client(refused).server(status(417));
    wire.client("hello", get("/b")).server(OK);
    assertThat(wire.lines())
        .containsExactly("PUT /a 5 | 417 0 | complete", "GET /b 0 | 200 2 | complete");
  }

  @Test
  void theResponseToHeadHasNoContentWhateverItSays() {
    var wire = new Wire().client("HEAD /a HTTP/1.1\r\n\r\n" + get("/b"));
    wire.server("HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n" + OK);
    assertThat(wire.lines())
        .containsExactly("HEAD /a 0 | 200 0 | complete", "GET /b 0 | 200 2 | complete");
  }

  @Test
  void aResponseMayBeOverBeforeItsRequest() {
    var wire = new Wire().client("POST /a HTTP/1.1\r\nContent-Length: 4\r\n\r\nab").server(OK);
    assertThat(wire.told()).isEmpty();
    wire.client("cd");
    assertThat(wire.lines()).containsExactly("POST /a 4 | 200 2 | complete");
  }

  @Test
  void oneSideAloneIsToldRequestByRequest() {
    var wire = new Wire().client(get("/a") + get("/b"));
    assertThat(wire.lines())
        .containsExactly("GET /a 0 | - - | no-response", "GET /b 0 | - - | no-response");
  }

  @Test
  void theOtherSideAloneIsToldResponseByResponse() {
    var wire = new Wire().server(status(200) + OK + status(404));
    assertThat(wire.lines())
        .containsExactly(
            "- - - | 200 0 | no-request",
            "- - - | 200 2 | no-request",
            "- - - | 404 0 | no-request");
  }

  @Test
  void theSideThatAsksIsTheClientWhoeverOpenedTheConnection() {
    var wire = new Wire().server(get("/a")).client(OK);
    var told = wire.end();
    assertThat(told).extracting(Wire.Told::line).containsExactly("GET /a 0 | 200 2 | complete");
    assertThat(told.getFirst().number("client.port")).isEqualTo(8080);
    assertThat(told.getFirst().number("server.port")).isEqualTo(40_000);
  }

  @Test
  void whatIsNotOverWhenTheConnectionIsCutIsTruncated() {
    var wire = new Wire().client(get("/a"));
    wire.server("HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\nhalf");
    assertThat(wire.lines()).containsExactly("GET /a 0 | 200 4 | truncated");
  }

  @Test
  void contentUntilTheCloseIsWholeOnlyAfterAnOrderlyOne() {
    var response = "HTTP/1.1 200 OK\r\n\r\nall there is";
    assertThat(new Wire().client(get("/a")).server(response).end(EndCause.FINISHED))
        .extracting(Wire.Told::line)
        .containsExactly("GET /a 0 | 200 12 | complete");
    assertThat(new Wire().client(get("/a")).server(response).end(EndCause.RESET))
        .extracting(Wire.Told::line)
        .containsExactly("GET /a 0 | 200 12 | truncated");
  }
}
