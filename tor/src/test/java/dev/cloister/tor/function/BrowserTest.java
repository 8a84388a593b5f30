package dev.cloister.tor.function;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.cloister.tor.function.Missing.Cause;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A Browser that really runs, before a server on loopback. */
final class BrowserTest extends BrowsingTests {
  @Test
  void aPageOfThirtyObjectsBecomesOneDocumentThatFetchesNothing() throws IOException {
    var body = new StringBuilder("<link rel=stylesheet href=/s0.css><script src=/j.js></script>");
    for (var i = 0; i < 25; i++) {
      site.page("/i" + i + ".png", "image/png", "image " + i);
      body.append("<img src='i%d.png' alt=\"%d\">".formatted(i, i));
    }
    site.page("/s0.css", "text/css", "@import 's1.css' print; a { background: url(bg.gif) }")
        .page("/s1.css", "text/css", "b { background: url(\"/bg2.gif\") }")
        .page("/bg.gif", "image/gif", "background 1")
        .page("/bg2.gif", "image/gif", "background 2")
        .page("/j.js", "text/javascript", "let script = 1");
    site.html("/", body.toString());
    var fetching = Fetching.of(Browsing.text(page("/")));
    assertThat(fetching.outside()).isEmpty();
    assertThat(fetching.embedded())
        .contains("image 0", "image 24", "background 1", "background 2", "let script = 1");
    assertThat(site.paths()).hasSize(31).doesNotHaveDuplicates();
    var page = page("/");
    assertThat(page.status()).isEqualTo(200);
    assertThat(page.mediaType()).isEqualTo("text/html;charset=utf-8");
    assertThat(page.objects()).isEqualTo(31);
    assertThat(page.missing()).isEmpty();
  }

  @Test
  void noCookieIsKeptAndNobodyIsToldWhereALinkStood() throws IOException {
    site.html("/a", "<img src=/i.png>").page("/i.png", "image/png", "x").redirect("/", "/a");
    page("/");
    page("/");
    assertThat(site.heads())
        .hasSize(6)
        .allSatisfy(head ->
            assertThat(head)
                .doesNotContainIgnoringCase("cookie")
                .doesNotContainIgnoringCase("refer"));
  }

  @ParameterizedTest
  @CsvSource({"200 OK, 200", "404 Not Found, 404", "500 Oops, 500"})
  void aPageIsAPageWhateverItsStatus(String line, int status) throws IOException {
    site.on("/", Site.answering(line, "Content-Type: text/html", "<p>words".getBytes(UTF_8)));
    assertThat(page("/").status()).isEqualTo(status);
    assertThat(Browsing.text(page("/"))).endsWith("<p>words");
  }

  @Test
  void whatIsNoHtmlComesAsItIs() throws IOException {
    var bytes =
        IntStream.range(0, 70_000).mapToObj(i -> "" + (char) i).collect(Collectors.joining());
    site.page("/", "image/png", bytes);
    assertThat(page("/").mediaType()).isEqualTo("image/png");
    assertThat(page("/").content()).isEqualTo(bytes.getBytes(UTF_8));
    site.on("/", Site.answering("200 OK", "X: y", new byte[] {0, 1, 2}));
    assertThat(page("/").mediaType()).isEqualTo("application/octet-stream");
  }

  @Test
  void whatTheServerPackedIsUnpackedToABound() throws IOException {
    var gzip = "Content-Type: text/html\r\nContent-Encoding: gzip";
    site.on("/", Site.answering("200 OK", gzip, Site.gzip("<p>words".getBytes(UTF_8))));
    assertThat(Browsing.text(page("/"))).endsWith("<p>words");
    var bomb = Site.gzip(new byte[64 << 20]);
    site.on("/bomb", Site.answering("200 OK", gzip, bomb))
        .on("/broken", Site.answering("200 OK", gzip, "<p>".getBytes(UTF_8)))
        .on("/odd", Site.answering("200 OK", "Content-Encoding: odd", new byte[1]));
    isMissing(page("/bomb"), Cause.LIMIT, "bytes");
    isMissing(page("/broken"), Cause.FAILED, "no gzip, though it says so");
    isMissing(page("/odd"), Cause.FAILED, "coded as odd");
  }

  private static void isMissing(Page page, Cause cause, String detail) {
    assertThat(page.status()).isZero();
    assertThat(page.content()).isEmpty();
    assertThat(page.missing())
        .singleElement()
        .satisfies(missing -> {
          assertThat(missing.cause()).isEqualTo(cause);
          assertThat(missing.detail()).contains(detail);
        });
  }

  @ParameterizedTest
  @CsvSource({
    "http://127.0.0.2:%d/",
    "http://localhost:1/",
    "http://[::1]:%d/",
    "http://[::ffff:127.0.0.2]:%d/",
    "http://0.0.0.0:%d/",
    "http://169.254.169.254/",
    "/to"
  })
  void whatThePolicyRefusesIsToldAndCounted(String url) throws IOException {
    site.redirect("/to", "http://127.0.0.2:" + site.port() + "/");
    var target = url.formatted(site.port());
    isMissing(page(target), Cause.REFUSED, "network");
    site.html("/page", "<img src=%s><img src=/i.png>".formatted(target)).page("/i.png", "a/b", "x");
    var page = page("/page");
    assertThat(page.missingByCause()).containsExactly(Map.entry(Cause.REFUSED, 1L));
    assertThat(Browsing.text(page)).contains("data:a/b;base64");
  }

  @Test
  void whatCannotBeHadIsToldAndTheRestIsThere() throws IOException {
    site.redirect("/loop", "/loop")
        .on(
            "/cut",
            out -> out.write("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\ncut".getBytes(UTF_8)))
        .on("/endless", BrowserTest::endless)
        .page("/good", "image/png", "good");
    site.html("/", "<img src=/none><img src=/loop><img src=/cut><img src=/endless><img src=/good>");
    var page = page("/");
    assertThat(page.missing())
        .containsExactlyInAnyOrder(
            new Missing(Cause.STATUS, site.at("/none"), "404"),
            new Missing(Cause.FAILED, site.at("/loop"), "more than 10 redirects"),
            new Missing(Cause.FAILED, site.at("/cut"), page.missing().get(2).detail()),
            new Missing(
                Cause.FAILED,
                site.at("/endless"),
                "the answer's body is longer than 15728640 bytes"));
    assertThat(Fetching.of(Browsing.text(page)).embedded()).contains("good");
    isMissing(page("/endless"), Cause.FAILED, "longer than");
    isMissing(page("/loop"), Cause.FAILED, "more than 10 redirects");
  }

  private static void endless(OutputStream out) throws IOException {
    out.write("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n".getBytes(UTF_8));
    while (true) {
      out.write(new byte[64 << 10]);
    }
  }

  private static PageLimits limits(int objects, long fetched, long page, Duration time) {
    return new PageLimits(objects, fetched, page, 3, time);
  }

  @Test
  void threeHundredImagesAreFetchedUpToEachLimit() throws IOException, InterruptedException {
    var body = new StringBuilder();
    for (var i = 0; i < 300; i++) {
      body.append("<img src=/").append(i).append('>');
      site.page("/" + i, "image/png", new byte[1000]);
    }
    site.html("/", body.toString());
    var enough = Duration.ofSeconds(60);
    assertThat(page("/").missingByCause()).containsExactly(Map.entry(Cause.LIMIT, 173L));
    assertThat(page("/").missing()).hasSize(100);
    for (var limits :
        new PageLimits[] {
          limits(301, 100_000, 1 << 20, enough),
          limits(301, 1 << 20, 100_000, enough),
          limits(301, 1 << 20, 1 << 20, Duration.ofMillis(1))
        }) {
      var page = browsing.page("/", request -> request.limits(limits));
      assertThat(page.missingByCause()).as("%s", limits).containsOnlyKeys(Cause.LIMIT);
    }
    var all = browsing.page("/", request -> request.limits(limits(301, 1 << 20, 1 << 20, enough)));
    assertThat(all.missing()).isEmpty();
  }

  /** As much as the usual limits allow, of what cannot be squeezed, in the memory it asks for. */
  @Test
  void aPageOfTheUsualLimitsFitsItsMemory() throws IOException {
    var body = new StringBuilder("\ud83d\ude42");
    var random = new Random(11);
    for (var i = 0; i < 100; i++) {
      var noise = new byte[90_000];
      random.nextBytes(noise);
      site.page("/" + i, "image/png", noise);
      body.append("<img src=/").append(i).append('>');
    }
    site.html("/", body.toString());
    var page = page("/");
    assertThat(page.missing()).isEmpty();
    assertThat(page.content()).hasSizeGreaterThan(12_000_000);
  }

  @Test
  void aDocumentBeyondItsLimitIsNone() throws IOException {
    site.html("/", "words ".repeat(1000));
    var small = limits(9, 1 << 20, 5000, Duration.ofSeconds(9));
    isMissing(browsing.page("/", request -> request.limits(small)), Cause.LIMIT, "page");
  }

  @Test
  void oneDownloadEndsBeforeTheNextBegins() throws IOException {
    site.html("/", "words");
    var download = browsing.browser.open(browsing.request("/"));
    assertThatIllegalStateException()
        .isThrownBy(() -> browsing.browser.open(browsing.request("/")));
    download.awaitEnd(FunctionWorld.LONG);
    assertThat(page("/").status()).isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "ftp://a/", "http://", "http://a b/", "http://é/", "http://a/\n"})
  void aUrlThatIsNoneIsRefusedBeforeItIsSent(String url) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PageRequest.of(url))
        .withMessageStartingWith("URL \"");
  }
}
