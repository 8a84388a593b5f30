package dev.cloister.tracing.http;

import dev.cloister.tracing.http.MessageListener.Framing;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What a head says about its message: how its content is delimited, coded, and asked for. */
final class HeadFacts {
  private static final int TEXT_BYTES_MAX = 1024;

  private long contentLength = -1;
  private boolean hasLength;
  private boolean isLengthWrong;
  private String transferEncoding = "";
  private String contentEncoding = "";
  private boolean expectsContinue;

  void clear() {
    contentLength = -1;
    hasLength = false;
    isLengthWrong = false;
    transferEncoding = "";
    contentEncoding = "";
    expectsContinue = false;
  }

  void take(Header header, byte[] bytes, int from, int end) {
    switch (header) {
      case CONTENT_LENGTH -> length(bytes, from, end);
      case TRANSFER_ENCODING -> transferEncoding = joined(transferEncoding, bytes, from, end);
      case CONTENT_ENCODING -> contentEncoding = joined(contentEncoding, bytes, from, end);
      case EXPECT -> expectsContinue |= text(bytes, from, end).equalsIgnoreCase("100-continue");
      default -> {}
    }
  }

  /** Of a list that is too long the end is kept: the last coding is undone first. */
  private static String joined(String before, byte[] bytes, int from, int end) {
    var text = text(bytes, from, end);
    var list = before.isEmpty() ? text : before + "," + text;
    return list.substring(Math.max(0, list.length() - TEXT_BYTES_MAX));
  }

  private static String text(byte[] bytes, int from, int end) {
    var length = Math.min(end - from, TEXT_BYTES_MAX);
    return new String(bytes, from, length, StandardCharsets.ISO_8859_1);
  }

  /** A list of equal numbers is one number; anything else is none: RFC 9112, section 6.3. */
  private void length(byte[] bytes, int from, int end) {
    hasLength = true;
    var at = from;
    while (at <= end) {
      var comma = at;
      while (comma < end && bytes[comma] != ',') {
        comma++;
      }
      var value = number(bytes, at, comma);
      if (value < 0 || (contentLength >= 0 && contentLength != value)) {
        isLengthWrong = true;
      }
      contentLength = value;
      at = comma + 1;
    }
  }

  /** Returns -1 for what is no number, or one that no content has. */
  private static long number(byte[] bytes, int from, int end) {
    var start = from;
    var stop = end;
    while (start < stop && StartLine.isSpace(bytes[start])) {
      start++;
    }
    while (stop > start && StartLine.isSpace(bytes[stop - 1])) {
      stop--;
    }
    if (start == stop || stop - start > 18) {
      return -1;
    }
    var value = 0L;
    for (var at = start; at < stop; at++) {
      if (!StartLine.isDigit(bytes[at])) {
        return -1;
      }
      value = 10 * value + bytes[at] - '0';
    }
    return value;
  }

  long contentLength() {
    return contentLength;
  }

  /** Says how the content of a request is delimited. */
  Framing requestFraming() {
    if (!transferEncoding.isEmpty()) {
      // A request that is not chunked last has no end that anyone knows.
      return isChunked() ? Framing.CHUNKED : Framing.UNKNOWN;
    }
    if (isLengthWrong) {
      return Framing.UNKNOWN;
    }
    return hasLength ? Framing.LENGTH : Framing.NONE;
  }

  /** Says how the content of a response is delimited, unless it answers HEAD or CONNECT. */
  Framing responseFraming(int status) {
    if (status == 204 || status == 304) {
      return Framing.NONE;
    }
    if (!transferEncoding.isEmpty()) {
      return isChunked() ? Framing.CHUNKED : Framing.UNTIL_CLOSE;
    }
    return hasLength && !isLengthWrong ? Framing.LENGTH : Framing.UNTIL_CLOSE;
  }

  /** Tells whether chunked is the last of the transfer codings. */
  private boolean isChunked() {
    var last = transferEncoding.substring(transferEncoding.lastIndexOf(',') + 1);
    return last.strip().equalsIgnoreCase("chunked");
  }

  boolean expectsContinue() {
    return expectsContinue;
  }

  /**
   * Returns the content codings in the order in which they were applied, without the one that does
   * nothing.
   */
  List<String> codings() {
    var codings = new ArrayList<String>();
    for (var coding : contentEncoding.split(",", -1)) {
      var name = coding.strip().toLowerCase(Locale.ROOT);
      if (!name.isEmpty() && !name.equals("identity")) {
        codings.add(name);
      }
    }
    return codings;
  }
}
