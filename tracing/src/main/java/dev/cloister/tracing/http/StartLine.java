package dev.cloister.tracing.http;

/**
 * Reads start lines, by content alone: any token as method, any version of HTTP with a number. One
 * that is read stays in the fields until the next. Source: RFC 9112, sections 3 and 4.
 */
final class StartLine {
  private static final int METHOD_BYTES_MAX = 64;

  /** Where the parts of the line are: indices into the array that was read. */
  int methodEnd;

  int targetStart;
  int targetEnd;
  int versionStart;
  int versionEnd;
  int reasonStart;
  int status;

  /** Reads a request line; its line feed is not among the bytes. */
  boolean isRequest(byte[] bytes, int from, int end) {
    var stop = trimEnd(bytes, from, end);
    // "HTTP/1.1" and, before it, at least "A B ".
    if (stop - from < 12 || !isVersion(bytes, stop - 8, stop)) {
      return false;
    }
    var at = from;
    while (at < stop && at - from < METHOD_BYTES_MAX && isToken(bytes[at])) {
      at++;
    }
    if (at == from || at == stop || !isSpace(bytes[at])) {
      return false;
    }
    methodEnd = at;
    while (isSpace(bytes[at])) {
      at++;
    }
    targetStart = at;
    versionStart = stop - 8;
    versionEnd = stop;
    if (!isSpace(bytes[versionStart - 1])) {
      return false;
    }
    targetEnd = trimEnd(bytes, targetStart, versionStart);
    return targetEnd > targetStart;
  }

  /**
   * Reads a request line without a version. Alone it is HTTP/0.9; before an empty line it is the
   * whole head of a request that names none.
   */
  boolean isRequestWithoutVersion(byte[] bytes, int from, int end) {
    var stop = trimEnd(bytes, from, end);
    var at = from;
    while (at < stop && at - from < METHOD_BYTES_MAX && isToken(bytes[at])) {
      at++;
    }
    if (at == from || at + 1 >= stop || bytes[at] != ' ' || bytes[at + 1] != '/') {
      return false;
    }
    methodEnd = at;
    targetStart = at + 1;
    targetEnd = targetStart;
    while (targetEnd < stop && !isSpace(bytes[targetEnd])) {
      targetEnd++;
    }
    versionStart = stop;
    versionEnd = stop;
    return targetEnd == stop;
  }

  /** Reads a status line; its line feed is not among the bytes. */
  boolean isResponse(byte[] bytes, int from, int end) {
    var stop = trimEnd(bytes, from, end);
    if (stop - from < 12 || !isVersion(bytes, from, from + 8)) {
      return false;
    }
    var at = from + 8;
    if (!isSpace(bytes[at])) {
      return false;
    }
    while (at < stop && isSpace(bytes[at])) {
      at++;
    }
    if (stop - at < 3
        || !isDigit(bytes[at])
        || !isDigit(bytes[at + 1])
        || !isDigit(bytes[at + 2])) {
      return false;
    }
    if (stop - at > 3 && !isSpace(bytes[at + 3])) {
      return false;
    }
    status = (bytes[at] - '0') * 100 + (bytes[at + 1] - '0') * 10 + bytes[at + 2] - '0';
    versionStart = from;
    versionEnd = from + 8;
    reasonStart = Math.min(stop, at + 4);
    targetEnd = stop;
    return true;
  }

  private static boolean isVersion(byte[] bytes, int from, int end) {
    return end - from == 8
        && bytes[from] == 'H'
        && bytes[from + 1] == 'T'
        && bytes[from + 2] == 'T'
        && bytes[from + 3] == 'P'
        && bytes[from + 4] == '/'
        && isDigit(bytes[from + 5])
        && bytes[from + 6] == '.'
        && isDigit(bytes[from + 7]);
  }

  private static int trimEnd(byte[] bytes, int from, int end) {
    var stop = end;
    while (stop > from && (isSpace(bytes[stop - 1]) || bytes[stop - 1] == '\r')) {
      stop--;
    }
    return stop;
  }

  static boolean isSpace(byte octet) {
    return octet == ' ' || octet == '\t';
  }

  static boolean isDigit(byte octet) {
    return octet >= '0' && octet <= '9';
  }

  /** RFC 9110, section 5.6.2. */
  static boolean isToken(byte octet) {
    if ((octet >= 'a' && octet <= 'z') || (octet >= 'A' && octet <= 'Z') || isDigit(octet)) {
      return true;
    }
    return switch (octet) {
      case '!', '#', '$', '%', '&', '\'', '*', '+', '-', '.', '^', '_', '`', '|', '~' -> true;
      default -> false;
    };
  }
}
