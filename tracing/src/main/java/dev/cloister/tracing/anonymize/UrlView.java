package dev.cloister.tracing.anonymize;

/**
 * Where the parts of a URL are; any bytes have parts, perhaps empty ones. A user name before the
 * host is no part of it, nor is what follows a number sign. Sources: RFC 3986, sections 3 and 4.2;
 * RFC 9112, section 3.2.
 */
final class UrlView {
  final byte[] bytes;
  final int start;
  final int schemeEnd;
  final int hostStart;
  final int hostEnd;

  /** Minus one where none is written out. */
  final int port;

  final int pathStart;
  final int pathEnd;
  final int queryStart;
  final int queryEnd;

  UrlView(byte[] bytes, int offset, int length) {
    this.bytes = bytes;
    this.start = offset;
    var end = until('#', offset, offset + length);
    this.schemeEnd = schemeEnd(end);
    var authority = authority(end);
    var hasAuthority = authority > start || isHostAndPort(end);
    var authorityEnd = hasAuthority ? authorityEnd(authority, end) : start;
    this.hostStart = hostStart(authority, authorityEnd);
    this.hostEnd = hostEnd(authorityEnd);
    this.port = port(authorityEnd);
    this.pathStart = authorityEnd;
    this.pathEnd = until('?', pathStart, end);
    this.queryStart = Math.min(end, pathEnd + 1);
    this.queryEnd = end;
  }

  int until(char stop, int from, int end) {
    var at = from;
    while (at < end && bytes[at] != stop) {
      at++;
    }
    return at;
  }

  private int schemeEnd(int end) {
    var colon = until(':', start, end);
    var isScheme =
        colon > start
            && colon + 2 < end
            && bytes[colon + 1] == '/'
            && bytes[colon + 2] == '/'
            && until('/', start, end) > colon;
    return isScheme ? colon : start;
  }

  private int authority(int end) {
    if (schemeEnd > start) {
      return schemeEnd + 3;
    }
    var isNetworkPath = start + 1 < end && bytes[start] == '/' && bytes[start + 1] == '/';
    return isNetworkPath ? start + 2 : start;
  }

  /** What CONNECT asks for; all else without a scheme or slashes before it is a path. */
  private boolean isHostAndPort(int end) {
    var at = end;
    while (at > start && bytes[at - 1] >= '0' && bytes[at - 1] <= '9') {
      at--;
    }
    return at < end && at - 1 > start && bytes[at - 1] == ':' && authorityEnd(start, end) == end;
  }

  private int authorityEnd(int from, int end) {
    return Math.min(until('/', from, end), until('?', from, end));
  }

  private int hostStart(int from, int end) {
    var user = from;
    for (var at = from; at < end; at++) {
      if (bytes[at] == '@') {
        user = at + 1;
      }
    }
    return user;
  }

  /** Brackets enclose the colons of IPv6. */
  private int hostEnd(int end) {
    if (hostStart < end && bytes[hostStart] == '[') {
      return Math.min(end, until(']', hostStart, end) + 1);
    }
    return until(':', hostStart, end);
  }

  private int port(int end) {
    var value = 0;
    if (hostEnd + 1 >= end || end - hostEnd > 6 || bytes[hostEnd] != ':') {
      return -1;
    }
    for (var at = hostEnd + 1; at < end; at++) {
      if (bytes[at] < '0' || bytes[at] > '9') {
        return -1;
      }
      value = 10 * value + bytes[at] - '0';
    }
    return value <= 65_535 ? value : -1;
  }

  /** Counts segments that are not empty. */
  int pathDepth() {
    var depth = 0;
    for (var at = pathStart; at < pathEnd; at++) {
      var begins = bytes[at] != '/' && (at == pathStart || bytes[at - 1] == '/');
      depth += begins ? 1 : 0;
    }
    return depth;
  }

  int extensionStart() {
    for (var at = pathEnd - 1; at > pathStart; at--) {
      if (bytes[at] == '.') {
        return at + 1;
      }
      if (bytes[at] == '/') {
        break;
      }
    }
    return pathEnd;
  }

  /** Counts names that are not empty. */
  int queryCount() {
    var count = 0;
    for (var from = queryStart; from < queryEnd; ) {
      var end = until('&', from, queryEnd);
      count += until('=', from, end) > from ? 1 : 0;
      from = end + 1;
    }
    return count;
  }
}
