package dev.cloister.sandbox.host;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;

import dev.cloister.core.Denied;
import dev.cloister.core.TimeSource;
import dev.cloister.core.policy.NetworkPolicy;
import dev.cloister.sandbox.runtime.FetchRequest;
import dev.cloister.sandbox.runtime.FetchRequest.Header;
import dev.cloister.sandbox.runtime.FetchResponse;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLSocketFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Against a server on loopback, by a policy that accepts its port and no other. */
final class MediatedFetchTest {
  private static final FetchLimits QUICK = new FetchLimits(3, 1 << 20, Duration.ofSeconds(20));

  private final ScriptedServer server = ScriptedServer.plain();
  private final CountingTraffic traffic = new CountingTraffic();
  private final List<String> lookedUp = new ArrayList<>();
  private MediatedFetch.Resolver resolver = _ -> List.of(address("127.0.0.1"));

  @BeforeEach
  void open() throws IOException {
    server.open();
  }

  @AfterEach
  void close() throws IOException, InterruptedException {
    server.close();
  }

  private static InetAddress address(String literal) {
    return InetAddress.ofLiteral(literal);
  }

  private MediatedFetch fetcher(FetchLimits limits) {
    return new MediatedFetch(
        NetworkPolicy.parse("test", List.of("accept 127.0.0.1:" + server.port())),
        host -> {
          lookedUp.add(host);
          return resolver.resolve(host);
        },
        (SSLSocketFactory) SSLSocketFactory.getDefault(),
        TimeSource.system(),
        limits);
  }

  private FetchResponse fetch(String method, String url, String body, Header... headers)
      throws IOException {
    var request = new FetchRequest(url, method, List.of(headers), body.getBytes(ISO_8859_1));
    return fetcher(QUICK).fetch(request, traffic);
  }

  private FetchResponse get(String url, Header... headers) throws IOException {
    return fetch("GET", url, "", headers);
  }

  private String at(String path) {
    return "http://a.example:" + server.port() + path;
  }

  @Test
  void aPageComesWithStatusHeadersAndBody() throws IOException {
    server.answer("HTTP/1.1 404 No\r\nA: 1\r\nA: 2\r\nContent-Length: 3\r\n\r\nabc");
    var response = get(at("/x?y"), new Header("X-Own", "v"));
    assertThat(response.status()).isEqualTo(404);
    assertThat(response.headers())
        .containsExactly(
            new Header(":url", at("/x?y")),
            new Header("A", "1"),
            new Header("A", "2"),
            new Header("Content-Length", "3"));
    assertThat(response.body()).isEqualTo("abc".getBytes(UTF_8));
    assertThat(server.heard())
        .isEqualTo(
            "GET /x?y HTTP/1.1\r\nHost: a.example:%d\r\nX-Own: v\r\nConnection: close\r\n\r\n"
                .formatted(server.port()));
    assertThat(traffic.out).isEqualTo(server.heard().length());
    assertThat(traffic.in).isPositive();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "HTTP/1.1 200 Ok,Transfer-Encoding: chunked,,3,abc,2,de,0,, | abcde",
        "HTTP/1.1 200 Ok,,to the end | to the end",
        "HTTP/1.1 200 Ok,Content-Length: 0,,more | ''",
        "HTTP/1.1 204 No,, | ''",
        "HTTP/1.1 304 No,Content-Length: 5,, | ''",
        "HTTP/1.1 103 Early,,HTTP/1.1 200 Ok,Content-Length: 1,,x | x",
        "HTTP/1.1 302 Found,,no location | no location"
      })
  void anAnswerEndsWhereHttpSays(String lines, String body) throws IOException {
    server.answer(lines.replace(",", "\r\n"));
    assertThat(new String(get(at("/")).body(), UTF_8)).isEqualTo(body);
  }

  @Test
  void aBodyIsSentWithItsLength() throws IOException {
    server.answer("HTTP/1.1 200 Ok\r\nContent-Length: 0\r\n\r\n");
    fetch("POST", at("/"), "body");
    assertThat(server.heard()).contains("Content-Length: 4\r\n").endsWith("\r\n\r\nbody");
  }

  @Test
  void ofAHeadNoBodyIsAwaited() throws IOException {
    server.answer("HTTP/1.1 200 Ok\r\nContent-Length: 1000\r\n\r\n");
    assertThat(fetch("HEAD", at("/"), "").body()).isEmpty();
  }

  private void isDenied(String url) {
    assertThatExceptionOfType(Denied.class)
        .isThrownBy(() -> get(url))
        .satisfies(denied -> assertThat(denied.rule()).isEqualTo(MediatedFetch.RULE));
    assertThat(traffic.out).isZero();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "127.0.0.2",
        "127.0.0.1:1",
        "127.0.0.1:22",
        "169.254.169.254",
        "0.0.0.0",
        "[::]",
        "[::1]",
        "[::ffff:127.0.0.2]",
        "[::ffff:0.0.0.0]",
        "224.0.0.1",
        "10.0.0.1",
        "[fd00:ec2::254]",
        "[fe80::1]"
      })
  void whatThePolicyDoesNotAcceptIsDeniedBeforeAnyByte(String host) {
    isDenied("http://" + host + (host.matches(".*\\d:\\d+") ? "/" : ":" + server.port() + "/"));
    assertThat(lookedUp).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"127.0.0.2", "169.254.169.254", "0.0.0.0", "::", "::1", "::ffff:10.0.0.1"})
  void aNameIsJudgedByItsAddresses(String literal) {
    resolver = _ -> List.of(address(literal), address("10.1.2.3"));
    isDenied(at("/"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"0.0.0.0", "[::]", "[::ffff:0.0.0.0]", "224.0.0.1", "[ff02::1]"})
  void noPolicyAcceptsTheUnspecifiedAddressOrMulticast(String host) {
    var open =
        new MediatedFetch(
            NetworkPolicy.parse("test", List.of("accept *:*")),
            resolver,
            (SSLSocketFactory) SSLSocketFactory.getDefault(),
            TimeSource.system(),
            QUICK);
    var request =
        new FetchRequest(
            "http://" + host + ":" + server.port() + "/", "GET", List.of(), new byte[0]);
    assertThatExceptionOfType(Denied.class).isThrownBy(() -> open.fetch(request, traffic));
  }

  @Test
  void ofANamesAddressesOnlyAcceptedOnesAreTried() throws IOException {
    resolver = _ -> List.of(address("::1"), address("127.0.0.2"), address("127.0.0.1"));
    server.answer("HTTP/1.1 200 Ok\r\nContent-Length: 0\r\n\r\n");
    assertThat(get(at("/")).status()).isEqualTo(200);
  }

  /** The first answer is judged and used; the second, which an attacker gives, never. */
  @Test
  void aNameThatAnswersDifferentlyTheNextTimeWinsNothing() throws IOException {
    resolver = _ -> List.of(address(lookedUp.size() == 1 ? "127.0.0.1" : "169.254.169.254"));
    server.answer("HTTP/1.1 200 Ok\r\nContent-Length: 0\r\n\r\n");
    assertThat(get(at("/")).status()).isEqualTo(200);
    assertThat(lookedUp).containsExactly("a.example");

    lookedUp.clear();
    server.answer("HTTP/1.1 302 Found\r\nLocation: /again\r\n\r\n");
    assertThatExceptionOfType(Denied.class).isThrownBy(() -> get(at("/")));
    assertThat(lookedUp).hasSize(2);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://127.0.0.2:%d/",
        "http://169.254.169.254/latest/meta-data/",
        "http://[::1]:%d/",
        "http://[::ffff:127.0.0.2]:%d/",
        "http://0.0.0.0:%d/",
        "//127.0.0.2:%d/",
        "https://127.0.0.1:1/"
      })
  void aRedirectIsJudgedAnew(String location) {
    server.answer(
        "HTTP/1.1 302 Found\r\nLocation: %s\r\n\r\n".formatted(location.formatted(server.port())));
    assertThatExceptionOfType(Denied.class).isThrownBy(() -> get(at("/")));
    assertThat(server.connections()).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"file:///etc/passwd", "ftp://a.example/", "http://2130706433/", "http://["})
  void aRedirectToWhatMayNotBeAskedIsAnError(String location) {
    server.answer("HTTP/1.1 302 Found\r\nLocation: " + location + "\r\n\r\n");
    assertThatIOException().isThrownBy(() -> get(at("/")));
  }

  @Test
  void aChainOfRedirectsEnds() {
    for (var i = 0; i < 5; i++) {
      server.answer("HTTP/1.1 307 Again\r\nLocation: /\r\n\r\n");
    }
    assertThatIOException().isThrownBy(() -> get(at("/"))).withMessage("more than 3 redirects");
    assertThat(server.connections()).isEqualTo(4);
  }

  @Test
  void anAnswerSaysWhereItCameFromAndNoServerCan() throws IOException {
    server.answer("HTTP/1.1 302 Found\r\nLocation: next/\r\n\r\n");
    server.answer("HTTP/1.1 200 Ok\r\nContent-Length: 0\r\n\r\n");
    assertThat(get(at("/a/b")).headers().getFirst()).isEqualTo(new Header(":url", at("/a/next/")));
    server.answer("HTTP/1.1 200 Ok\r\n:url: http://b.example/\r\nContent-Length: 0\r\n\r\n");
    assertThatIOException().isThrownBy(() -> get(at("/")));
  }

  @ParameterizedTest
  @CsvSource({
    "302, POST, GET",
    "303, PUT, GET",
    "307, POST, POST",
    "308, PUT, PUT",
    "301, HEAD, HEAD"
  })
  void aRedirectKeepsTheMethodOrGets(int status, String before, String after) throws IOException {
    server.answer("HTTP/1.1 " + status + " Go\r\nLocation: /next\r\n\r\n");
    server.answer("HTTP/1.1 200 Ok\r\nContent-Length: 0\r\n\r\n");
    fetch(before, at("/"), before.equals("HEAD") ? "" : "body", new Header("Content-Type", "a/b"));
    assertThat(server.heard()).startsWith(after + " /next HTTP/1.1\r\n");
    assertThat(server.heard().endsWith("body"))
        .isEqualTo(!after.equals("GET") && !after.equals("HEAD"));
    assertThat(server.heard().contains("Content-Type")).isEqualTo(!after.equals("GET"));
  }

  @ParameterizedTest
  @CsvSource({"/, true", "http://b.example:%d/, false"})
  void credentialsDoNotFollowToAnotherOrigin(String location, boolean kept) throws IOException {
    server.answer("HTTP/1.1 302 Go\r\nLocation: " + location.formatted(server.port()) + "\r\n\r\n");
    server.answer("HTTP/1.1 200 Ok\r\nContent-Length: 0\r\n\r\n");
    get(
        at("/"),
        new Header("Cookie", "secret"),
        new Header("authorization", "secret"),
        new Header("X", "y"));
    assertThat(server.heard().contains("secret")).isEqualTo(kept);
    assertThat(server.heard()).contains("X: y");
  }

  @ParameterizedTest
  @ValueSource(strings = {"CONNECT", "TRACE", "trace", "", "GET ", "GET /\r\nX:", "G\0T", "é"})
  void aMethodThatIsNoneIsRefused(String method) {
    assertThatIOException()
        .isThrownBy(() -> fetch(method, at("/"), ""))
        .withMessageStartingWith("method \"");
    assertThat(server.connections()).isZero();
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      value = {
        "Host, b.example",
        "connection, keep-alive",
        "Content-Length, 5",
        "Transfer-Encoding, chunked",
        "TE, trailers",
        "Upgrade, h2c",
        "Expect, 100-continue",
        "Proxy-Authorization, x",
        "A B, x",
        "'', x",
        "A:, x",
        "A\\r\\nHost, x",
        "A, x\\r\\nHost: b.example",
        "A, x\\n",
        "A, x\\0",
        "A, 中"
      })
  void aHeaderOfTheConnectionOrOfTwoLinesIsRefused(String name, String value) {
    var header = new Header(written(name), written(value));
    assertThatIOException()
        .isThrownBy(() -> get(at("/"), header))
        .withMessageStartingWith("header \"");
    assertThat(server.connections()).isZero();
  }

  private static String written(String text) {
    return text.replace("''", "").translateEscapes();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "not http",
        "HTTP/1.1 abc Ok\r\n\r\n",
        "HTTP/1.1 101 Switching\r\n\r\n",
        "HTTP/1.1 200 Ok\r\nContent-Length: 9\r\n\r\ncut",
        "HTTP/1.1 200 Ok\r\nContent-Length: x\r\n\r\n",
        "HTTP/1.1 200 Ok\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        "HTTP/1.1 200 Ok\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab"
      })
  void anAnswerThatIsNoneOrCutIsAnError(String answer) {
    server.answer(answer);
    assertThatIOException().isThrownBy(() -> get(at("/")));
  }

  @Test
  void anAnswerBeyondItsBoundsIsAnError() {
    server.answer("HTTP/1.1 200 Ok\r\n\r\n" + "x".repeat((1 << 20) + 1));
    assertThatIOException()
        .isThrownBy(() -> get(at("/")))
        .withMessage("the answer's body is longer than 1048576 bytes");
    for (var endless :
        List.of(
            "A: " + "x".repeat(1 << 20),
            "A: b\r\n".repeat(200),
            "HTTP/1.1 100 C\r\n\r\n".repeat(99))) {
      server.answer(
          endless.startsWith("H") ? endless : "HTTP/1.1 200 Ok\r\n" + endless + "\r\n\r\n");
      assertThatIOException().isThrownBy(() -> get(at("/")));
    }
  }

  @Test
  void trafficBeyondTheLimitEndsTheFetchWithTheLimit() {
    server.answer("HTTP/1.1 200 Ok\r\n\r\n" + "x".repeat(1 << 20));
    traffic.inLimit = 100_000;
    assertThatExceptionOfType(Denied.class)
        .isThrownBy(() -> get(at("/")))
        .satisfies(denied -> assertThat(denied.rule()).isEqualTo("limits.bytesIn"));
    assertThat(traffic.in).isLessThan(100_000 + (64 << 10));

    traffic.outLimit = 10;
    assertThatExceptionOfType(Denied.class).isThrownBy(() -> get(at("/")));
  }

  @Test
  void aServerThatDripsIsGivenUpAtTheDeadline() {
    server.dripAfter("HTTP/1.1 200 Ok\r\nContent-Length: 1000000\r\n\r\n");
    assertTimesOut("");
  }

  @Test
  void aServerThatTakesNothingIsGivenUpAtTheDeadline() {
    server.stall();
    assertTimesOut("x".repeat(32 << 20));
  }

  private void assertTimesOut(String body) {
    var request = new FetchRequest(at("/"), "PUT", List.of(), body.getBytes(ISO_8859_1));
    var hasty = fetcher(new FetchLimits(3, 1 << 20, Duration.ofMillis(300)));
    assertThatIOException()
        .isThrownBy(() -> hasty.fetch(request, traffic))
        .withMessage("the fetch has taken the time it has");
  }

  @Test
  void aServerThatIsNotThereIsNamed() throws IOException, InterruptedException {
    server.close();
    assertThatIOException()
        .isThrownBy(() -> get(at("/")))
        .withMessage("no address of a.example could be reached");
  }

  @Test
  void aNameThatIsNotThereIsAnError() {
    resolver =
        host -> {
          throw new UnknownHostException(host);
        };
    assertThatIOException().isThrownBy(() -> get(at("/")));
  }

  /** Counts, and refuses beyond a limit. */
  static final class CountingTraffic implements Traffic {
    long in;
    long out;
    long inLimit = Long.MAX_VALUE;
    long outLimit = Long.MAX_VALUE;

    @Override
    public void in(int bytes) {
      in += bytes;
      if (in > inLimit) {
        throw new Denied("limits.bytesIn", "test");
      }
    }

    @Override
    public void out(int bytes) {
      if (out + bytes > outLimit) {
        throw new Denied("limits.bytesOut", "test");
      }
      out += bytes;
    }
  }
}
