package dev.cloister.tracing.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cloister.tracing.flow.Direction;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** What is no HTTP, or is so no longer: it is not read as if it were. */
final class ForeignTest {
  private static final String GET = "GET /inside HTTP/1.1\r\n\r\n";
  private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

  @Test
  void whatGoesThroughATunnelIsNotRead() {
    var wire = new Wire().client("CONNECT example.org:443 HTTP/1.1\r\n\r\n");
    wire.server("HTTP/1.1 200 Connection established\r\n\r\n" + OK).client(GET).server(OK);
    assertThat(wire.lines()).containsExactly("CONNECT example.org:443 0 | 200 0 | upgraded");
    assertThat(wire.isOfInterest()).isFalse();
    assertThat(wire.requests()).isEqualTo(1);
    assertThat(wire.responses()).isEqualTo(1);
  }

  @Test
  void aTunnelThatWasRefusedLeavesTheConnectionAsItIs() {
    var wire = new Wire().client("CONNECT example.org:443 HTTP/1.1\r\n\r\n");
    wire.server("HTTP/1.1 407 No\r\nContent-Length: 2\r\n\r\nno").client(GET).server(OK);
    assertThat(wire.lines())
        .containsExactly(
            "CONNECT example.org:443 0 | 407 2 | complete", "GET /inside 0 | 200 0 | complete");
  }

  @Test
  void whatFollowsAnUpgradeIsNotRead() {
    var wire = new Wire().client("GET /ws HTTP/1.1\r\nUpgrade: websocket\r\n\r\n");
    wire.server("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n" + OK);
    wire.client(GET).server(OK);
    var told = wire.end();
    assertThat(told).extracting(Wire.Told::line).containsExactly("GET /ws 0 | 101 0 | upgraded");
    assertThat(told.getFirst().text("response.upgrade")).isEqualTo("websocket");
    assertThat(wire.isOfInterest()).isFalse();
  }

  @Test
  void anUpgradeThatWasNotTakenLeavesTheConnectionAsItIs() {
    var wire = new Wire().client("GET /ws HTTP/1.1\r\nUpgrade: h2c\r\n\r\n").server(OK);
    wire.client(GET).server(OK);
    assertThat(wire.lines())
        .containsExactly("GET /ws 0 | 200 0 | complete", "GET /inside 0 | 200 0 | complete");
  }

  @Test
  void requestsBeforeAnUpgradeThatWereNotAnsweredAreTold() {
    var wire = new Wire().client("GET /ws HTTP/1.1\r\nUpgrade: x\r\n\r\n" + GET);
    wire.server("HTTP/1.1 101 Switching Protocols\r\n\r\n");
    assertThat(wire.told())
        .extracting(Wire.Told::line)
        .containsExactly("GET /ws 0 | 101 0 | upgraded", "GET /inside 0 | - - | no-response");
  }

  @Test
  void tlsIsNoHttp() {
    var hello = "\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003";
    var random = new SplittableRandom(5);
    var wire = new Wire().client(hello + bytes(random, 500)).server(hello + bytes(random, 3000));
    for (var i = 0; i < 10; i++) {
      wire.client("\u0017\u0003\u0003\u0004\u0000" + bytes(random, 1024));
      wire.server("\u0017\u0003\u0003\u0004\u0000" + bytes(random, 1024));
    }
    assertNothing(wire, "seed 5");
  }

  @Test
  void textProtocolsAreNoHttp() {
    var wire = new Wire();
    wire.server("SSH-2.0-OpenSSH_9.6\r\n").client("SSH-2.0-OpenSSH_9.6\r\n");
    wire.server("220 mail.example.org ESMTP\r\n").client("EHLO example.org\r\n");
    wire.server("250-mail\r\n250 OK\r\n").client("MAIL FROM:<a@example.org>\r\nDATA\r\n");
    wire.client("OPTIONS sip:a@example.org SIP/2.0\r\nVia: x\r\n\r\n").server("SIP/2.0 200 OK\r\n");
    wire.client("DESCRIBE rtsp://example.org/a RTSP/1.0\r\n\r\n").server("RTSP/1.0 200 OK\r\n");
    wire.client("* OK IMAP4rev1\r\na1 LOGIN a b\r\n").server("+OK POP3\r\n-ERR\r\n");
    assertNothing(wire, "text");
  }

  @Test
  void randomBytesAreNoHttp() {
    for (var seed = 0; seed < 200; seed++) {
      var random = new SplittableRandom(seed);
      var wire = new Wire();
      for (var i = 0; i < 20; i++) {
        wire.client(bytes(random, 1 + random.nextInt(1448)));
        wire.server(bytes(random, 1 + random.nextInt(1448)));
        if (random.nextInt(8) == 0) {
          wire.gap(Direction.CLIENT_TO_SERVER, random.nextLong(1, Long.MAX_VALUE));
        }
      }
      assertNothing(wire, "seed " + seed);
    }
  }

  @Test
  void piecesOfHttpInAnyOrderNeverDoMoreThanTheirInputAllows() {
    String[] pieces = {
      "GET ",
      "/",
      " HTTP/1.1",
      "HTTP/1.1 ",
      "200 OK",
      "101 x",
      "100 c",
      "\r\n",
      "\n",
      "\r",
      " ",
      "\t",
      ":",
      "Content-Length: 5",
      "Content-Length: ",
      "Transfer-Encoding: chunked",
      "\r\n\r\n",
      "Content-Encoding: gzip",
      "Content-Encoding: deflate",
      "0\r\n",
      "5\r\n",
      "hello",
      ";x=y",
      "-1",
      "Expect: 100-continue",
      "HEAD /h HTTP/1.0",
      "CONNECT h:1 HTTP/1.1",
      "Upgrade: x",
      "Host: h",
      "\u001f\u008b\u0008\u0000\u0000\u0000\u0000\u0000\u0000\u0003",
      "x\u009c\u0003\u0000",
      "POST /p HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc",
      GET,
      OK,
      "\u0000\u00ff",
    };
    for (var seed = 0; seed < 3000; seed++) {
      var random = new SplittableRandom(seed);
      var wire = new Wire();
      for (var i = 0; i < 60; i++) {
        var segment = new StringBuilder();
        for (var n = random.nextInt(6); n >= 0; n--) {
          segment.append(pieces[random.nextInt(pieces.length)]);
        }
        var direction =
            random.nextBoolean() ? Direction.CLIENT_TO_SERVER : Direction.SERVER_TO_CLIENT;
        wire.send(direction, segment.toString().getBytes(ISO_8859_1));
        if (random.nextInt(20) == 0) {
          wire.gap(direction, 1 + random.nextInt(100));
        }
      }
      var told = wire.end();
      var heads = wire.requests() + wire.responses();
      assertThat((long) told.size()).as("seed %d", seed).isLessThanOrEqualTo(heads);
      var asked = told.stream().filter(one -> one.has("request.method")).count();
      assertThat(asked).as("each request is told once, seed %d", seed).isEqualTo(wire.requests());
    }
  }

  private static void assertNothing(Wire wire, String which) {
    assertThat(wire.lines()).as(which).isEmpty();
    assertThat(wire.requests() + wire.responses()).as(which).isZero();
  }

  private static String bytes(SplittableRandom random, int length) {
    var bytes = new byte[length];
    random.nextBytes(bytes);
    return new String(bytes, ISO_8859_1);
  }
}
