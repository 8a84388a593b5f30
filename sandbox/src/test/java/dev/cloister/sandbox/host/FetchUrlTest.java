package dev.cloister.sandbox.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class FetchUrlTest {
  @ParameterizedTest
  @CsvSource({
    "http://a.example, http, a.example, 80, /",
    "HTTPS://A.Example:8443/B?c=%20#d, https, a.example, 8443, /B?c=%20",
    "http://a.example?q, http, a.example, 80, /?q",
    "http://a.example/?#, http, a.example, 80, /?",
    "http://xn--bcher-kva.example/, http, xn--bcher-kva.example, 80, /",
    "http://my_host/, http, my_host, 80, /",
    "http://127.0.0.1:65535/, http, 127.0.0.1, 65535, /",
    "http://[::1]:8080/, http, 0:0:0:0:0:0:0:1, 8080, /",
    "http://[2001:DB8::1]/, http, 2001:db8:0:0:0:0:0:1, 80, /",
    "http://1.example/, http, 1.example, 80, /",
    "http://a.example//b/../c, http, a.example, 80, //b/../c"
  })
  void aPlainUrlIsReadOneWay(String url, String scheme, String host, int port, String target)
      throws IOException {
    assertThat(FetchUrl.parse(url)).isEqualTo(new FetchUrl(scheme, host, port, target));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "a.example",
        "//a.example/",
        "http:a.example",
        "http:/a.example",
        "http:///path",
        "ftp://a.example/",
        "file:///etc/passwd",
        "gopher://a.example/",
        "jar:http://a.example/!/",
        " http://a.example/",
        "http://a.example/ ",
        "http://a.example/a b",
        "http://user@a.example/",
        "http://user:password@a.example/",
        "http://a.example@b.example/",
        "http://a.example\\@b.example/",
        "http://a.example\\b.example/",
        "http://a.example:/",
        "http://a.example:0/",
        "http://a.example:080/",
        "http://a.example:+80/",
        "http://a.example:65536/",
        "http://a.example:99999/",
        "http://a.example:80:80/",
        "http://a.example:http/",
        "http://a..example/",
        "http://.example/",
        "http://a.example./",
        "http://-a.example/",
        "http://a-.example/",
        "http://bücher.example/",
        "http://a.example/ü",
        "http://ⓐ.example/",
        "http://127。0。0。1/",
        "http://%61.example/",
        "http://2130706433/",
        "http://0x7f000001/",
        "http://0x7f.1/",
        "http://0x/",
        "http://a.0x7f/",
        "http://017700000001/",
        "http://0177.0.0.1/",
        "http://127.1/",
        "http://127.0.1/",
        "http://127.0.0.01/",
        "http://127.0.0.256/",
        "http://127.0.0.1./",
        "http://1.2.3.4.5/",
        "http://a.example.1/",
        "http://[::1/",
        "http://::1/",
        "http://[::1%25lo]/",
        "http://[::1%lo]/",
        "http://[fe80::1%1]/",
        "http://[127.0.0.1]/",
        "http://[:::]/",
        "http://[::g]/",
        "http://[]/",
        "http://a.example/\r\nHost: b.example",
        "http://a.example/\n",
        "http://a.example/\t",
        "http://a.example/\0",
        "http://a.example\r\n/",
        "http://a.example/#\n",
        "http://a.example/<",
        "http://a.example/\"",
        "http://a.example/{"
      })
  void anyOtherFormIsRefused(String url) {
    assertThatIOException().isThrownBy(() -> FetchUrl.parse(url)).withMessageContaining("URL");
  }

  @Test
  void anEndlessUrlIsRefused() {
    assertThatIOException()
        .isThrownBy(() -> FetchUrl.parse("http://a.example/" + "a".repeat(8192)))
        .withMessage("URL of 8209 characters: at most 8192 are allowed");
    assertThatIOException()
        .isThrownBy(() -> FetchUrl.parse("http://" + "a.".repeat(126) + "aa/"))
        .withMessageContaining("URL");
  }

  @ParameterizedTest
  @CsvSource({
    "/x, https://a.example:8443/x",
    "y?z, https://a.example:8443/b/y?z",
    "../../../y, https://a.example:8443/../../y",
    "//b.example/, https://b.example/",
    "http://b.example/, http://b.example/",
    "'', https://a.example:8443/b/"
  })
  void aRedirectIsRelativeToItsUrl(String location, String target) throws IOException {
    var from = FetchUrl.parse("https://a.example:8443/b/c");
    assertThat(from.redirect(location)).hasToString(target);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "file:///etc/passwd",
        "javascript:x",
        "http://127.1/",
        "//user@b.example/",
        "http://[",
        "a b",
        "/\r\nx"
      })
  void aRedirectIsReadAsStrictly(String location) throws IOException {
    var from = FetchUrl.parse("http://a.example/");
    assertThatIOException().isThrownBy(() -> from.redirect(location));
  }
}
