package dev.cloister.tracing.http;

import dev.cloister.tracing.record.Parser;
import dev.cloister.tracing.testing.ParserContract;
import dev.cloister.tracing.testing.ParserHarness;

/** The parser of HTTP passes the contract of every parser. */
final class HttpContractTest extends ParserContract {
  @Override
  protected Parser parser() {
    return Http.parser();
  }

  @Override
  protected void converse(ParserHarness connection) {
    connection
        .client("GET /a?b=c HTTP/1.1\r\nHost: a.example\r\nCookie: x=y\r\n\r\n")
        .server("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello")
        .client("POST /form HTTP/1.1\r\nHost: a.example\r\nContent-Length: 3\r\n\r\na=b")
        .server("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 404 Not Found\r\n")
        .server("Transfer-Encoding: chunked\r\n\r\n4\r\nlost\r\n0\r\n\r\n");
  }
}
