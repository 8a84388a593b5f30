package dev.cloister.tor.function;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cloister.tor.function.Missing.Cause;
import java.io.IOException;
import java.nio.charset.Charset;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a Browser makes of HTML and CSS: one document that shows the same, and fetches nothing. */
final class DocumentTest extends BrowsingTests {
  /** What a page of this body becomes, with everything that it would fetch. */
  private Fetching fetching(String body) throws IOException {
    site.html("/", body);
    return Fetching.of(Browsing.text(page("/")));
  }

  /** Whatever the way to name it, it is fetched from where it is, and embedded. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "<img src=/x/o.png>",
        "<IMG SRC = '/x/o.png' >",
        "<img src=\"/x/o.png\"/>",
        "<img src=' /x/o.p\nng '>",
        "<img src=/y/../x/./o.png>",
        "<img src=\\x\\o.png>",
        "<img src=&#x2f;x/o&period;png>",
        "<img src=/x/%6f.png>",
        "<base href=/x/><img src=o.png>",
        "<base href='/x/'><base href='/y/'><img src=o.png>",
        "<img srcset='small.png 320w, /x/o.png 1400w, big.png 4000w'>",
        "<img src=old.png srcset='/x/o.png, big.png 2x'>",
        "<picture><source srcset='/x/o.png 1x' type=image/avif></picture>",
        "<video poster=/x/o.png></video>",
        "<video><source src=/x/o.png></video>",
        "<audio src=/x/o.png></audio>",
        "<input type=image src=/x/o.png>",
        "<table background=/x/o.png></table>",
        "<object data=/x/o.png></object>",
        "<embed src=/x/o.png>",
        "<svg><image href=/x/o.png /><image xlink:href='/x/o.png#a'/></svg>",
        "<svg><rect fill='url(/x/o.png#g)'/></svg>",
        "<link rel='shortcut icon' href=/x/o.png>",
        "<p style='background: URL( \"/x/o.png\" ) no-repeat'>",
        "<style>a { background: url(/x/o.png) }</style>",
        "<style>a { background: url('/x/\\6f.png') }</style>",
        "<style><!-- @import url(/x/o.png) screen; --></style>",
        "<style>@import \"/x/o.png\";</style>",
        "<iframe src=/x/o.png></iframe>",
        "<iframe srcdoc='<img src=/x/o.png>'></iframe>",
        "<noscript><img src=/x/o.png></noscript>",
        "<script src=/x/o.png></script>"
      })
  void whatAPageShowsIsEmbedded(String body) throws IOException {
    site.page("/x/o.png", "image/png", "the object").page("/x/%6f.png", "image/png", "the object");
    var fetching = fetching(body);
    assertThat(fetching.outside()).isEmpty();
    assertThat(fetching.embedded()).contains("the object");
  }

  /** What is not shown, or leads away by itself, is neither fetched nor left in. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "<link rel=preconnect href=http://127.0.0.1:%1$d/o>",
        "<link rel=dns-prefetch href=//a.example>",
        "<link rel=preload href=/o as=image imagesrcset=/o>",
        "<link rel=manifest href=/o>",
        "<link rel='alternate stylesheet' href=/o>",
        "<meta http-equiv=refresh content='0; url=/o'>",
        "<html manifest=/o>",
        "<a ping=/o href=#x>",
        "<img lowsrc=/o dynsrc=/o>",
        "<!-- <img src=/o> -->",
        "<!--[if IE]><img src=/o><![endif]-->",
        "<![CDATA[<img src=/o>]]>",
        "<?php <img src=/o> ?>",
        "<script>document.write('<img src=/o>')</script>",
        "<script type=application/json>{\"a\": \"<img src=http://127.0.0.1:%1$d/o>\"}</script>",
        "<svg><style><meta http-equiv=refresh"
            + " content='0;url=http://127.0.0.1:%1$d/o'></style></svg>",
        "<img src=javascript:fetch('/o')>",
        "<iframe src='javascript:location=\"/o\"'></iframe>",
        "<img src=ftp://127.0.0.1/o>",
        "<img src=http://user@127.0.0.1:%1$d/o>",
        "<img src=''>",
        "<style>/* url(/o) */ p { content: '/o' }</style>"
      })
  void whatAPageDoesNotShowIsNotFetched(String body) throws IOException {
    var fetching = fetching(body.formatted(site.port()));
    assertThat(fetching.outside()).isEmpty();
    assertThat(site.paths()).containsExactly("/");
  }

  @Test
  void theDocumentForbidsWhatItDoesNotHold() throws IOException {
    site.html("/", "<script>let own = 1</script><p onclick='own()'>");
    assertThat(Browsing.text(page("/")))
        .startsWith(
            "<!DOCTYPE html><meta charset=\"utf-8\"><meta http-equiv=\"Content-Security-Policy\""
                + " content=\"default-src data: 'unsafe-inline'; connect-src 'none'; base-uri"
                + " 'none'; script-src 'none'\">")
        .contains("<script src=\"data:text/javascript;charset=utf-8,let%20own%20=%201\"></script>");
    assertThat(Browsing.text(browsing.page("/", PageRequest::runningScripts)))
        .contains("base-uri 'none'\">");
  }

  @Test
  void linksThatAreClickedLeadWhereTheyLed() throws IOException {
    site.redirect("/", "/dir/page?q")
        .html("/dir/page?q", "<a href=next>1</a><a href='#here'>2</a><form action=/go></form>");
    var page = page("/");
    assertThat(page.url()).isEqualTo(site.at("/dir/page?q"));
    assertThat(Browsing.text(page))
        .contains("<a href=\"" + site.at("/dir/next") + "\">1</a>", "<a href=\"#here\">2</a>")
        .contains("<form action=\"" + site.at("/go") + "\">");
  }

  @Test
  void framesAreDocumentsOfTheirOwnToADepth() throws IOException {
    site.html("/1", "<iframe src=/2></iframe>")
        .html("/2", "frame two <iframe src=/3></iframe>")
        .html("/3", "frame three <iframe src=/4></iframe>")
        .html("/4", "frame four <img src=/5>");
    var page = fetching("<iframe src=/1></iframe>");
    assertThat(page.outside()).isEmpty();
    assertThat(page.embedded())
        .anyMatch(text -> text.contains("frame three"))
        .noneMatch(text -> text.contains("frame four"));
    assertThat(page("/").missing())
        .containsExactly(new Missing(Cause.LIMIT, site.at("/4"), "depth"));
  }

  @Test
  void whatHoldsItselfEndsWhereItWouldBeginAgain() throws IOException {
    site.html("/", "<iframe src=/></iframe><link rel=stylesheet href=/s.css>")
        .page("/s.css", "text/css", "@import '/s.css'; @import '/t.css'; a { color: red }")
        .page("/t.css", "text/css", "@import '/s.css'; b { color: red }");
    var page = page("/");
    assertThat(Fetching.of(Browsing.text(page)).outside()).isEmpty();
    assertThat(page.missingByCause()).containsExactly(Map.entry(Cause.LIMIT, 2L));
  }

  @ParameterizedTest
  @CsvSource({
    "text/html; charset=utf-8, '', UTF-8, é世",
    "text/html; charset=\"ISO-8859-1\", '', windows-1252, é€",
    "text/html; charset=shift_jis, '', windows-31j, 世界",
    "text/html; charset=koi8-r, '', KOI8-R, мир",
    "text/html, <meta charset=windows-1251>, windows-1251, мир",
    "text/html, '<meta http-equiv=content-type content=\"text/html; charset=euc-kr\">', EUC-KR, 세계",
    "text/html; charset=no-such, <meta charset=utf-7>, UTF-8, é世",
    "text/html; charset=rot13, '', UTF-8, a",
    "text/html, '', windows-1252, é€",
    "text/html; charset=utf-8, '', UTF-16, é世",
    "application/xhtml+xml, '', UTF-8, é世"
  })
  void charactersAreReadAsTheServerOrThePageSays(
      String type, String meta, String charset, String words) throws IOException {
    var source = "<html><head>" + meta + "</head><body>" + words;
    site.page("/", type, source.getBytes(Charset.forName(charset)));
    assertThat(Browsing.text(page("/"))).endsWith("<body>" + words).contains("charset=\"utf-8\"");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"<", "<!", "<![", "<a ", "<a b='", "<style>", "<script>x", "&#", "<svg/><p/>"})
  void aPageThatBreaksOffIsAPage(String end) throws IOException {
    site.html("/", "");
    site.page("/", "text/html", "<p>words" + end);
    assertThat(Browsing.text(page("/"))).contains("<p>words");
  }

  @Test
  void aHundredThousandNestedElementsAreAPage() throws IOException {
    site.page("/", "text/html", "<div>".repeat(100_000) + "x");
    assertThat(page("/").status()).isEqualTo(200);
  }
}
