package dev.cloister.tracing.anonymize;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cloister.tracing.internal.ReadJson;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which bytes of a URL are which part, and that no part is let out as another. */
final class UrlTest {
  private static final String PLAIN_PARTS = "scheme, host, port, path, query";

  private static String made(String parts, String url) {
    try (var probe = Probe.of("url: {url: [" + parts + "]}")) {
      return probe.made(Probe.URL, url);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "http://h/p?q=1    |"
            + " {\"scheme\":\"http\",\"host\":\"h\",\"path\":\"/p\",\"query\":\"q=1\"}",
        "HTTPS://h:8443/   | {\"scheme\":\"HTTPS\",\"host\":\"h\",\"port\":8443,\"path\":\"/\"}",
        "http://u:pw@h/    | {\"scheme\":\"http\",\"host\":\"h\",\"path\":\"/\"}",
        "http://u@v@h:1    | {\"scheme\":\"http\",\"host\":\"h\",\"port\":1}",
        "http://h?q@x/y    | {\"scheme\":\"http\",\"host\":\"h\",\"query\":\"q@x/y\"}",
        "http://h/a@b:9/   | {\"scheme\":\"http\",\"host\":\"h\",\"path\":\"/a@b:9/\"}",
        "http://[::1]:80/  | {\"scheme\":\"http\",\"host\":\"[::1]\",\"port\":80,\"path\":\"/\"}",
        "http://[::1]x80/  | {\"scheme\":\"http\",\"host\":\"[::1]\",\"path\":\"/\"}",
        "http://[::1/p     | {\"scheme\":\"http\",\"host\":\"[::1\",\"path\":\"/p\"}",
        "http://h:/p       | {\"scheme\":\"http\",\"host\":\"h\",\"path\":\"/p\"}",
        "http://h:99999/p  | {\"scheme\":\"http\",\"host\":\"h\",\"path\":\"/p\"}",
        "http://h:8x/p     | {\"scheme\":\"http\",\"host\":\"h\",\"path\":\"/p\"}",
        "http://h#f/p?q    | {\"scheme\":\"http\",\"host\":\"h\"}",
        "/p?q?r#f          | {\"path\":\"/p\",\"query\":\"q?r\"}",
        "/p?http://x/      | {\"path\":\"/p\",\"query\":\"http://x/\"}",
        "/http://x/        | {\"path\":\"/http://x/\"}",
        "//h:80/p          | {\"host\":\"h\",\"port\":80,\"path\":\"/p\"}",
        "h.example:443     | {\"host\":\"h.example\",\"port\":443}",
        "[::1]:443         | {\"host\":\"[::1]\",\"port\":443}",
        "*                 | {\"path\":\"*\"}",
        "reset/token?t     | {\"path\":\"reset/token\",\"query\":\"t\"}",
        "secret.html       | {\"path\":\"secret.html\"}",
        "mailto:me@h       | {\"path\":\"mailto:me@h\"}",
        "a/b:80            | {\"path\":\"a/b:80\"}",
        "?q                | {\"query\":\"q\"}",
        ":80               | {\"path\":\":80\"}",
        "#f                | {}",
        "://               | {\"path\":\"://\"}",
      })
  void partsAreWhereTheyAre(String url, String expected) {
    assertThat(made(PLAIN_PARTS, url)).isEqualTo(expected);
  }

  @Test
  void anEmptyUrlHasNoParts() {
    assertThat(made(PLAIN_PARTS + ", path-hash, extension, query-hash", "")).isEqualTo("{}");
  }

  @ParameterizedTest
  @CsvSource({
    "http://h,           0, ''",
    "/,                  0, ''",
    "/a/b.tar.gz,        2, gz",
    "//h/a//b/,          2, ''",
    "/a.b/c,             2, ''",
    "/.htaccess,         1, htaccess",
    "/a.,                1, ''",
    "/a.toolongtobeone,  1, ''",
    "/a.php?x=y.gif,     1, php",
    "x.png,              1, png",
  })
  void depthAndExtensionAreOfThePath(String url, int depth, String extension) {
    var rest = extension.isEmpty() ? "" : ",\"extension\":\"" + extension + "\"";
    assertThat(made("path-depth, extension", url))
        .isEqualTo("{\"pathDepth\":" + depth + rest + "}");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "/p         | 0 | []",
        "/p?        | 0 | []",
        "/p?a       | 1 | [\"a\"]",
        "/p?a=1&b=2 | 2 | [\"a\",\"b\"]",
        "/p?&&a=&=v | 1 | [\"a\"]",
        "/p?a=b=c&a | 2 | [\"a\",\"a\"]",
      })
  void namesOfAQueryComeWithoutTheirValues(String url, int count, String names) {
    assertThat(made("query-count, query-names", url))
        .isEqualTo("{\"queryCount\":" + count + ",\"queryNames\":" + names + "}");
  }

  @Test
  void partsComeInTheOrderOfThePolicy() {
    assertThat(made("query, path, host, scheme", "http://h/p?q"))
        .isEqualTo("{\"query\":\"q\",\"path\":\"/p\",\"host\":\"h\",\"scheme\":\"http\"}");
  }

  @Test
  void equalPartsHaveEqualNamesWhateverStandsAroundThem() {
    try (var probe = Probe.of("url: {url: [host-hash, path-hash, query-hash]}")) {
      var one = parts(probe, "http://host/path?query");
      assertThat(parts(probe, "https://me:pw@host:80/path?query#f")).isEqualTo(one);
      assertThat(one.values()).allMatch(name -> name.toString().matches("[0-9a-f]{16}"));
      assertThat(one.values().stream().distinct()).hasSize(3);
      var other = parts(probe, "http://other/path?query");
      assertThat(other.get("pathHash")).isEqualTo(one.get("pathHash"));
      assertThat(other.get("hostHash")).isNotEqualTo(one.get("hostHash"));
    }
  }

  private static Map<String, Object> parts(Probe probe, String url) {
    return ReadJson.line(probe.made(Probe.URL, url) + "\n");
  }

  @Test
  void aUserNameAndAPasswordAreInNoPart() {
    var all = Arrays.stream(UrlPart.values()).map(UrlPart::label).collect(Collectors.joining(", "));
    for (var url : List.of("http://me:secret@h/p?q", "//me:secret@h", "http://secret@me@h:1/")) {
      assertThat(made(all, url)).doesNotContain("secret").doesNotContain("me:");
    }
  }

  @Test
  void anyBytesHaveParts() {
    var random = new Random(9);
    var pieces = "http://:@[]/?#&=.%a1\u0000\u00ff";
    try (var probe = Probe.of("url: {url: [" + PLAIN_PARTS + ", query-count, query-names]}")) {
      for (var i = 0; i < 5000; i++) {
        var url = new StringBuilder();
        for (var n = random.nextInt(20); n > 0; n--) {
          url.append(pieces.charAt(random.nextInt(pieces.length())));
        }
        var parts = parts(probe, url.toString());
        var names = (List<?>) parts.getOrDefault("queryNames", List.of());
        assertThat(parts).as("seed 9, %s", url).containsEntry("queryCount", (long) names.size());
      }
    }
  }
}
