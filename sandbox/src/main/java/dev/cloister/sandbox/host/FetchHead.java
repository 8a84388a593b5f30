package dev.cloister.sandbox.host;

import dev.cloister.sandbox.runtime.FetchRequest;
import dev.cloister.sandbox.runtime.FetchRequest.Header;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * A function's method and headers, taken only as they are: what would write a second line or a
 * second message, or belongs to the connection, which is the host's, is refused and not dropped
 * (RFC 9110, 5.1, 5.5, 7.6.1).
 *
 * @param method a token; neither CONNECT, which makes a tunnel, nor TRACE, which shows the host
 * @param headers in the function's order
 */
record FetchHead(String method, List<Header> headers) {
  private static final Pattern TOKEN = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]{1,64}");
  private static final Pattern VALUE = Pattern.compile("[\\t\\x20-\\x7e\\x80-\\xff]{0,8192}");

  private static final Set<String> METHODS_REFUSED = Set.of("CONNECT", "TRACE", "TRACK");

  /** Those of the connection, and of where a message begins and ends. */
  private static final Set<String> HOSTS_OWN =
      Set.of(
          "host",
          "connection",
          "content-length",
          "transfer-encoding",
          "keep-alive",
          "proxy-connection",
          "proxy-authorization",
          "te",
          "trailer",
          "upgrade",
          "http2-settings",
          "expect");

  /** Those that are for one origin and not for where it redirects to. */
  private static final Set<String> ORIGINS_OWN = Set.of("authorization", "cookie");

  static FetchHead of(FetchRequest request) throws IOException {
    var method = request.method();
    if (!TOKEN.matcher(method).matches()
        || METHODS_REFUSED.contains(method.toUpperCase(Locale.ROOT))) {
      throw new IOException(
          "method \"%s\": allowed is a token of at most 64 characters, but not CONNECT or TRACE"
              .formatted(method));
    }
    for (var header : request.headers()) {
      check(header);
    }
    return new FetchHead(method, request.headers());
  }

  private static void check(Header header) throws IOException {
    if (!TOKEN.matcher(header.name()).matches() || !VALUE.matcher(header.value()).matches()) {
      throw new IOException(
          "header \"%s\": allowed are a token, and a value of one line of at most 8192 characters"
              .formatted(header.name()));
    }
    if (HOSTS_OWN.contains(lower(header))) {
      throw new IOException(
          "header \"%s\" is the connection's, which is the host's: leave it out"
              .formatted(header.name()));
    }
  }

  private static String lower(Header header) {
    return header.name().toLowerCase(Locale.ROOT);
  }

  /** What goes to another origin. */
  FetchHead forOtherOrigin() {
    return new FetchHead(
        method, headers.stream().filter(h -> !ORIGINS_OWN.contains(lower(h))).toList());
  }

  /** What follows a redirect that is to be got: nothing of the body that was sent. */
  FetchHead asGet() {
    return new FetchHead(
        "GET", headers.stream().filter(h -> !lower(h).startsWith("content-")).toList());
  }
}
