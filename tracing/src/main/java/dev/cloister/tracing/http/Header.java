package dev.cloister.tracing.http;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The header fields that are looked at; all others are counted. */
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
  private static final List<List<Header>> BY_LENGTH = byLength();

  private final String wireName;
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
    this.fieldName = fieldName;
    this.in = in;
    this.separator = separator;
  }

  private static List<List<Header>> byLength() {
    var lists = new ArrayList<List<Header>>();
    for (var header : values()) {
      while (lists.size() <= header.wireName.length()) {
        lists.add(new ArrayList<>());
      }
      lists.get(header.wireName.length()).add(header);
    }
    return Collections.unmodifiableList(lists);
  }

  /** Finds a header by its name, in any case. */
  static @Nullable Header named(byte[] bytes, int offset, int length) {
    if (length >= BY_LENGTH.size()) {
      return null;
    }
    for (var header : BY_LENGTH.get(length)) {
      if (header.isNamed(bytes, offset)) {
        return header;
      }
    }
    return null;
  }

  private boolean isNamed(byte[] bytes, int offset) {
    for (var i = 0; i < wireName.length(); i++) {
      // Names are letters and dashes: this makes letters alike, and a dash stays one.
      if (((bytes[offset + i] ^ wireName.charAt(i)) & ~0x20) != 0) {
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
