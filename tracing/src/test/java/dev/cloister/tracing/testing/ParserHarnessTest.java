package dev.cloister.tracing.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import dev.cloister.tracing.TraceCounter;
import dev.cloister.tracing.flow.Direction;
import dev.cloister.tracing.flow.EndCause;
import dev.cloister.tracing.http.Http;
import org.junit.jupiter.api.Test;

/** What an author of a parser sees of it, without a packet. */
final class ParserHarnessTest {
  private static final String REQUEST = "GET /page HTTP/1.1\r\nHost: a.example\r\n\r\n";
  private static final String RESPONSE = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

  @Test
  void recordsAreShownFieldByField() {
    var connection = ParserHarness.of(Http.parser()).client(REQUEST).server(RESPONSE);
    assertThat(connection.records()).hasSize(1);
    assertThat(connection.records().getFirst())
        .contains(
            entry("client.address", "10.0.0.1"),
            entry("client.port", "2000"),
            entry("server.address", "192.0.2.80"),
            entry("request.method", "GET"),
            entry("request.url", "http://a.example/page"),
            entry("request.time", "1700000000001000000"),
            entry("response.status", "200"),
            entry("response.bodyBytes", "5"),
            entry("outcome", "complete"))
        .doesNotContainKey("request.cookie");
    assertThat(connection.counts())
        .containsExactly(
            entry(TraceCounter.HTTP_REQUESTS, 1L), entry(TraceCounter.HTTP_RESPONSES, 1L));
  }

  @Test
  void dataComesInPiecesAndOneMayBeLost() {
    var connection =
        ParserHarness.of(Http.parser())
            .inPiecesOf(REQUEST.length())
            .losing(2)
            .client(REQUEST)
            .server(RESPONSE + "x".repeat(REQUEST.length()))
            .end(EndCause.FINISHED);
    assertThat(connection.records().getFirst()).containsEntry("outcome", "gapped");
  }

  @Test
  void aGapIsGivenAsOne() {
    var connection =
        ParserHarness.of(Http.parser())
            .client(REQUEST)
            .server("HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhello")
            .gap(Direction.SERVER_TO_CLIENT, 45);
    assertThat(connection.records().getFirst())
        .contains(entry("response.missingBytes", "45"), entry("outcome", "gapped"));
  }

  @Test
  void afterTheEndNothingIsAsked() {
    var connection = ParserHarness.of(Http.parser()).client(REQUEST).end(EndCause.RESET);
    assertThat(connection.isOver()).isTrue();
    assertThat(connection.records()).hasSize(1);
    connection.server(RESPONSE).gap(Direction.CLIENT_TO_SERVER, 1).end(EndCause.FINISHED);
    assertThat(connection.records()).hasSize(1);
  }

  @Test
  void aParserMayHaveHeardEnough() {
    var connection = ParserHarness.of(Http.parser());
    for (var i = 0; i < 100 && !connection.isOver(); i++) {
      connection.client("this is not what it reads".repeat(100));
    }
    assertThat(connection.isOver()).isTrue();
  }

  @Test
  void whatThePolicyDoesNotWantIsNotFound() {
    var connection =
        ParserHarness.of(Http.parser()).wantingNothing().client(REQUEST).server(RESPONSE);
    assertThat(connection.records().getFirst()).doesNotContainKey("request.method");
  }
}
