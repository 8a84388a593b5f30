package dev.cloister.tracing.http;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The header fields that are looked at; all others are counted. */
@SuppressWarnings("ImmutableEnumChecker") // nobody writes to the name
enum Header {
  ACCEPT("Accept", "accept", In.REQUEST, ", "),
  ACCEPT_ENCODING("Accept-Encoding", "acceptEncoding", In.REQUEST, ", "),
  ACCEPT_LANGUAGE("Accept-Language", "acceptLanguage", In.REQUEST, ", "),
  AUTHORIZATION("Authorization", "authorization", In.REQUEST, ", "),
  CACHE_CONTROL("Cache-Control", "cacheControl", In.BOTH, ", "),
  CONNECTION("Connection", "connection", In.BOTH, ", "),
  CONTENT_ENCODING("Content-Encoding", "contentEncoding", In.BOTH, ", "),
  CONTENT_LENGTH("Content-Length", "contentLength", In.BOTH, ", "),
  CONTENT_TYPE("Content-Type", "contentType", In.BOTH, ", "),
  COOKIE("Cookie", "cookie", In.REQUEST, "; "),
  ETAG("ETag", "etag", In.RESPONSE, ", "),
  EXPECT("Expect", "expect", In.REQUEST, ", "),
  FORWARDED_FOR("X-Forwarded-For", "forwardedFor", In.REQUEST, ", "),
  HOST("Host", "host", In.REQUEST, ", "),
  LOCATION("Location", "location", In.RESPONSE, ", "),
  ORIGIN("Origin", "origin", In.REQUEST, ", "),
  RANGE("Range", "range", In.REQUEST, ", "),
  REFERER("Referer", "referer", In.REQUEST, ", "),
  SERVER("Server", "server", In.RESPONSE, ", "),
  SET_COOKIE("Set-Cookie", "setCookie", In.RESPONSE, ", "),
  TRANSFER_ENCODING("Transfer-Encoding", "transferEncoding", In.BOTH, ", "),
  UPGRADE("Upgrade", "upgrade", In.BOTH, ", "),
  USER_AGENT("User-Agent", "userAgent", In.REQUEST, ", "),
  VIA("Via", "via", In.BOTH, ", ");

  /** By the length of the name: a handful each. */
  private static final Header[][] BY_LENGTH = byLength();

  private final String wireName;
  private final byte[] name;
  private final String fieldName;
  private final In in;
  private final String separator;

  /** In which messages a header means something. */
  private enum In {
    REQUEST,
    RESPONSE,
    BOTH
  }

  Header(String wireName, String fieldName, In in, String separator) {
    this.wireName = wireName;
    this.name = wireName.getBytes(StandardCharsets.US_ASCII);
    this.fieldName = fieldName;
    this.in = in;
    this.separator = separator;
  }

  private static Header[][] byLength() {
    var longest = Arrays.stream(values()).mapToInt(header -> header.name.length).max().orElse(0);
    var table = new Header[longest + 1][];
    for (var length = 0; length <= longest; length++) {
      var wanted = length;
      table[length] =
          Arrays.stream(values())
              .filter(header -> header.name.length == wanted)
              .toArray(Header[]::new);
    }
    return table;
  }

  /** Finds a header by its name, in any case. */
  static @Nullable Header named(byte[] bytes, int offset, int length) {
    if (length >= BY_LENGTH.length) {
      return null;
    }
    for (var header : BY_LENGTH[length]) {
      if (header.isNamed(bytes, offset)) {
        return header;
      }
    }
    return null;
  }

  private boolean isNamed(byte[] bytes, int offset) {
    for (var i = 0; i < name.length; i++) {
      // Names are letters and dashes: this makes letters alike, and a dash stays one.
      if (((bytes[offset + i] ^ name[i]) & ~0x20) != 0) {
        return false;
      }
    }
    return true;
  }

  String wireName() {
    return wireName;
  }

  String fieldName() {
    return fieldName;
  }

  boolean isUrl() {
    return this == REFERER || this == LOCATION || this == ORIGIN;
  }

  boolean isIn(String part) {
    return in == In.BOTH || (in == In.REQUEST) == part.equals("request");
  }

  /** Returns what joins several fields of this name into one. */
  String separator() {
    return separator;
  }
}
