package dev.cloister.tracing.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cloister.tracing.flow.Direction;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Where segments end changes nothing: every place, and a segment for each byte. */
final class CutTest {
  private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

  /**
   * Both sides of a connection.
   *
   * @param client all that the client sends
   * @param server all that the server sends
   */
  record Script(String client, String server) {}

  static List<Script> scripts() {
    var gzip = new String(Coded.gzip("gzip gzip gzip".getBytes(ISO_8859_1)), ISO_8859_1);
    return List.of(
        new Script(
            "GET /a HTTP/1.1\r\nHost: a\r\n\r\nHEAD /b HTTP/1.0\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabcHTTP/1.1 304 Not\r\nETag: x\r\n\r\n"),
        new Script(
            "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3;x\r\nabc\r\n0\r\nT: r\r\n\r\n",
            "HTTP/1.1 103 Hints\r\nA: b\r\n\r\nHTTP/1.1 200 OK\r\n\r\nuntil the close\r\n"),
        new Script(
            "\r\nGET /g HTTP/1.1\nUser-Agent: one\n two\n\nGET /h HTTP/1.1\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: "
                + gzip.length()
                + "\r\n\r\n"
                + gzip
                + "HTTP/1.1 204 No\r\n\r\n"),
        new Script(
            "POST /bad HTTP/1.1\r\nContent-Length: -1\r\n\r\nx\r\nGET /next HTTP/1.1\r\n\r\n",
            "HTTP/1.1 404 No\r\nTransfer-Encoding: x, chunked\r\n\r\nA\r\n0123456789\r\n0\r\n\r\n"
                + OK),
        new Script(
            "CONNECT h:443 HTTP/1.1\r\n\r\nGET /in HTTP/1.1\r\n\r\n",
            "HTTP/1.1 200 OK\r\n\r\n" + OK));
  }

  private static List<Map<String, Object>> told(byte[] client, byte[] server, int... cuts) {
    var wire = new Wire();
    cut(wire, Direction.CLIENT_TO_SERVER, client, cuts);
    cut(wire, Direction.SERVER_TO_CLIENT, server, cuts);
    return wire.end().stream().map(Wire.Told::withoutTimes).toList();
  }

  private static void cut(Wire wire, Direction direction, byte[] stream, int... cuts) {
    var from = 0;
    for (var cut : cuts) {
      var end = Math.min(cut, stream.length);
      wire.send(direction, Arrays.copyOfRange(stream, from, end));
      from = end;
    }
    wire.send(direction, Arrays.copyOfRange(stream, from, stream.length));
  }

  @ParameterizedTest
  @MethodSource("scripts")
  void everyPlaceOfACutGivesTheSame(Script script) {
    var client = script.client().getBytes(ISO_8859_1);
    var server = script.server().getBytes(ISO_8859_1);
    var whole = told(client, server);
    var longest = Math.max(client.length, server.length);
    assertThat(whole).isNotEmpty();
    for (var first = 1; first < longest; first++) {
      assertThat(told(client, server, first)).as("cut at %d", first).isEqualTo(whole);
      for (var second = first + 1; second < longest; second += 7) {
        assertThat(told(client, server, first, second))
            .as("cut at %d and %d", first, second)
            .isEqualTo(whole);
      }
    }
    var each = new int[longest];
    Arrays.setAll(each, i -> i + 1);
    assertThat(told(client, server, each)).as("a segment for each byte").isEqualTo(whole);
  }
}
