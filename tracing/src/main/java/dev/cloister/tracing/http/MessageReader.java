package dev.cloister.tracing.http;

import dev.cloister.tracing.http.MessageListener.Framing;
import dev.cloister.tracing.record.StepBudget;
import org.jspecify.annotations.Nullable;

/**
 * Takes one direction of a connection apart into messages. Whatever comes, it goes on: what is no
 * message is passed over until a start line stands at the beginning of a line or of a segment. It
 * keeps one unfinished line at most, of bounded length.
 */
final class MessageReader {
  private static final int HEADERS_MAX = 4096;

  final StartLine startLine = new StartLine();

  private final MessageListener listener;
  private final StepBudget steps = new StepBudget();
  private State state = State.START;
  private Role role = Role.UNKNOWN;

  private final UnfinishedLine unfinished = new UnfinishedLine();

  /** Whether an empty line follows the one that is being read, in the same segment. */
  private boolean isBeforeEmptyLine;

  // The message that is being read.
  private final HeadFacts facts = new HeadFacts();
  private @Nullable Header lastHeader;
  private int headers;
  private long headBytes;
  private long remaining;
  private long contentBytes;
  private long missingBytes;

  /** What comes next. */
  private enum State {
    START,
    HEADERS,
    LENGTH,
    CHUNK_SIZE,
    CHUNK_DATA,
    CHUNK_END,
    TRAILERS,
    UNTIL_CLOSE,
    /** A start line, wherever one is. */
    LOST,
    TUNNEL
  }

  /** What this direction carries, once it is known. */
  private enum Role {
    UNKNOWN,
    REQUESTS,
    RESPONSES
  }

  MessageReader(MessageListener listener) {
    this.listener = listener;
  }

  boolean isTunnel() {
    return state == State.TUNNEL;
  }

  void tunnel() {
    state = State.TUNNEL;
  }

  HeadFacts facts() {
    return facts;
  }

  int headers() {
    return headers;
  }

  long headBytes() {
    return headBytes;
  }

  long contentBytes() {
    return contentBytes;
  }

  long missingBytes() {
    return missingBytes;
  }

  /** Says that this direction carries what the other does not. */
  void expectRequests() {
    role = role == Role.UNKNOWN ? Role.REQUESTS : role;
  }

  void expectResponses() {
    role = role == Role.UNKNOWN ? Role.RESPONSES : role;
  }

  void data(byte[] bytes, int offset, int length, long now) {
    steps.allow(length);
    beginSegment(bytes, offset, offset + length, now);
    var at = offset;
    var end = offset + length;
    while (at < end) {
      steps.take();
      at =
          switch (state) {
            case LENGTH, CHUNK_DATA -> counted(bytes, at, end, now);
            case UNTIL_CLOSE -> {
              content(bytes, at, end - at);
              yield end;
            }
            case TUNNEL -> end;
            default -> line(bytes, at, end, now);
          };
    }
  }

  /** Looks whether a segment begins with a message where none was to begin. */
  private void beginSegment(byte[] bytes, int at, int end, long now) {
    switch (state) {
      case UNTIL_CLOSE -> {
        if (listener.awaitsAnotherResponse(this) && isStart(bytes, at, end)) {
          end(true, now);
        }
      }
      case LENGTH, CHUNK_SIZE -> {
        if (contentBytes == 0
            && unfinished.length() == 0
            && listener.isContentRefused(this)
            && isStart(bytes, at, end)) {
          end(false, now);
        }
      }
      default -> {}
    }
  }

  private boolean isStart(byte[] bytes, int at, int end) {
    var lineEnd = lineFeed(bytes, at, end);
    return lineEnd >= 0 && isStartLine(bytes, at, lineEnd);
  }

  private boolean isStartLine(byte[] bytes, int from, int end) {
    return (role != Role.RESPONSES && startLine.isRequest(bytes, from, end))
        || (role != Role.REQUESTS && startLine.isResponse(bytes, from, end));
  }

  private int counted(byte[] bytes, int at, int end, long now) {
    var taken = (int) Math.min(remaining, end - at);
    content(bytes, at, taken);
    remaining -= taken;
    if (remaining == 0) {
      countedEnd(now);
    }
    return at + taken;
  }

  private void countedEnd(long now) {
    if (state == State.CHUNK_DATA) {
      state = State.CHUNK_END;
    } else {
      end(true, now);
    }
  }

  private void content(byte[] bytes, int at, int length) {
    contentBytes += length;
    listener.content(this, bytes, at, length);
  }

  /** Reads up to the end of a line; what has no end yet is carried. */
  private int line(byte[] bytes, int at, int end, long now) {
    var lineFeed = lineFeed(bytes, at, end);
    if (lineFeed < 0) {
      unfinished.add(bytes, at, end - at);
      return end;
    }
    isBeforeEmptyLine = startsWithEmptyLine(bytes, lineFeed + 1, end);
    if (unfinished.isAtBeginning()) {
      line(bytes, at, lineFeed, lineFeed + 1 - at, now);
    } else {
      joinedLine(bytes, at, lineFeed, now);
    }
    return lineFeed + 1;
  }

  private static boolean startsWithEmptyLine(byte[] bytes, int at, int end) {
    return (at < end && bytes[at] == '\n')
        || (at + 1 < end && bytes[at] == '\r' && bytes[at + 1] == '\n');
  }

  /** Reads a line whose beginning was carried from segments before. */
  private void joinedLine(byte[] bytes, int at, int lineFeed, long now) {
    unfinished.add(bytes, at, lineFeed - at);
    var joined = unfinished.bytes();
    var length = unfinished.length();
    var isCut = unfinished.isOverlong();
    unfinished.drop();
    var isBeforeMessage = state == State.START || state == State.LOST;
    if (isBeforeMessage
        && (isCut || (!isStartLine(joined, 0, length) && isStartLine(bytes, at, lineFeed)))) {
      // A message begins with a segment more often than in the middle of what is no message.
      line(bytes, at, lineFeed, lineFeed + 1 - at, now);
    } else if (isCut) {
      overlong(now);
    } else {
      line(joined, 0, length, length + 1, now);
    }
  }

  private static int lineFeed(byte[] bytes, int from, int end) {
    for (var at = from; at < end; at++) {
      if (bytes[at] == '\n') {
        return at;
      }
    }
    return -1;
  }

  /** A header that is too long is only counted; anywhere else such a line is no part of HTTP. */
  private void overlong(long now) {
    if (state == State.HEADERS || state == State.TRAILERS) {
      headers++;
      lastHeader = null;
    } else {
      lose(now);
    }
  }

  private void line(byte[] bytes, int from, int lineFeed, int wireBytes, long now) {
    var end = lineFeed > from && bytes[lineFeed - 1] == '\r' ? lineFeed - 1 : lineFeed;
    switch (state) {
      case START -> {
        // Empty lines before a start line are to be ignored: RFC 9112, section 2.2.
        if (end > from && !start(bytes, from, end, wireBytes, now)) {
          lose(now);
        }
      }
      case LOST -> start(bytes, from, end, wireBytes, now);
      case HEADERS -> headerLine(bytes, from, end, wireBytes, now);
      case CHUNK_SIZE -> chunkSize(bytes, from, end, now);
      case CHUNK_END -> {
        if (end == from) {
          state = State.CHUNK_SIZE;
        } else {
          lose(now);
        }
      }
      case TRAILERS -> {
        if (end == from) {
          end(true, now);
        }
      }
      default -> throw new IllegalStateException("no line is read in state " + state);
    }
  }

  private boolean start(byte[] bytes, int from, int end, int wireBytes, long now) {
    if (role != Role.RESPONSES
        && (startLine.isRequest(bytes, from, end)
            || (state == State.START
                && isBeforeEmptyLine
                && startLine.isRequestWithoutVersion(bytes, from, end)))) {
      begin(Role.REQUESTS, wireBytes);
      listener.request(this, bytes, from, now);
      return true;
    }
    if (role != Role.REQUESTS && startLine.isResponse(bytes, from, end)) {
      begin(Role.RESPONSES, wireBytes);
      listener.response(this, bytes, from, now);
      return true;
    }
    return false;
  }

  private void begin(Role known, int wireBytes) {
    role = known;
    state = State.HEADERS;
    facts.clear();
    lastHeader = null;
    headers = 0;
    headBytes = wireBytes;
    contentBytes = 0;
    missingBytes = 0;
  }

  private void headerLine(byte[] bytes, int from, int end, int wireBytes, long now) {
    headBytes += wireBytes;
    if (end == from) {
      headEnd(now);
    } else if (StartLine.isSpace(bytes[from]) && headers > 0) {
      if (lastHeader != null) {
        value(lastHeader, true, bytes, from, end);
      }
    } else if (headers++ < HEADERS_MAX) {
      header(bytes, from, end);
    }
  }

  private void header(byte[] bytes, int from, int end) {
    var colon = from;
    while (colon < end && bytes[colon] != ':') {
      colon++;
    }
    // White space before the colon is forbidden, sent nevertheless, and taken by servers.
    var nameEnd = colon;
    while (nameEnd > from && StartLine.isSpace(bytes[nameEnd - 1])) {
      nameEnd--;
    }
    lastHeader = colon == end ? null : Header.named(bytes, from, nameEnd - from);
    if (lastHeader != null) {
      value(lastHeader, false, bytes, colon + 1, end);
    }
  }

  private void value(Header header, boolean isContinued, byte[] bytes, int from, int end) {
    var start = from;
    var stop = end;
    while (start < stop && StartLine.isSpace(bytes[start])) {
      start++;
    }
    while (stop > start && StartLine.isSpace(bytes[stop - 1])) {
      stop--;
    }
    facts.take(header, bytes, start, stop);
    listener.header(this, header, isContinued, bytes, start, stop);
  }

  private void headEnd(long now) {
    var framing = listener.headEnd(this, now);
    remaining = framing == Framing.LENGTH ? facts.contentLength() : 0;
    state =
        switch (framing) {
          case NONE, LENGTH -> State.LENGTH;
          case CHUNKED -> State.CHUNK_SIZE;
          case UNTIL_CLOSE -> State.UNTIL_CLOSE;
          case TUNNEL -> State.TUNNEL;
          case UNKNOWN -> State.LOST;
        };
    if (state == State.LENGTH && remaining == 0) {
      end(true, now);
    } else if (framing == Framing.TUNNEL) {
      listener.messageEnd(this, true, now);
    } else if (framing == Framing.UNKNOWN) {
      listener.messageEnd(this, false, now);
    }
  }

  /** A size in hex, and perhaps extensions. */
  private void chunkSize(byte[] bytes, int from, int end, long now) {
    var size = 0L;
    var at = from;
    while (at < end && Character.digit(bytes[at], 16) >= 0 && at - from < 16) {
      size = (size << 4) | Character.digit(bytes[at], 16);
      at++;
    }
    var isWhole = at == end || bytes[at] == ';' || StartLine.isSpace(bytes[at]);
    if (at == from || !isWhole || size < 0) {
      lose(now);
    } else if (size == 0) {
      state = State.TRAILERS;
    } else {
      state = State.CHUNK_DATA;
      remaining = size;
    }
  }

  private void end(boolean isComplete, long now) {
    state = State.START;
    listener.messageEnd(this, isComplete, now);
  }

  /** Ends the message that cannot be followed any more, and looks for the next. */
  private void lose(long now) {
    var isInside = state != State.START && state != State.LOST;
    state = State.LOST;
    if (isInside) {
      listener.messageEnd(this, false, now);
    }
    listener.lost(this, now);
  }

  /** Passes over bytes that were not captured. */
  void gap(long length, long now) {
    unfinished.drop();
    switch (state) {
      case LENGTH, CHUNK_DATA -> {
        var inside = Math.min(remaining, length);
        missingBytes += inside;
        remaining -= inside;
        if (length > inside) {
          lose(now);
        } else if (remaining == 0) {
          countedEnd(now);
        }
      }
      case UNTIL_CLOSE -> missingBytes += length;
      case TUNNEL -> {}
      default -> {
        missingBytes += length;
        lose(now);
      }
    }
  }

  /** Returns what is kept for the next segment. */
  int heldBytes() {
    return unfinished.heldBytes();
  }

  /** Keeps nothing: the unfinished line is passed over, as one that is too long. */
  void giveUp() {
    unfinished.giveUp();
  }

  /** Nothing more comes. */
  void close(boolean isOrderly, long now) {
    switch (state) {
      case START, LOST, TUNNEL -> {}
      case UNTIL_CLOSE -> end(isOrderly, now);
      default -> end(false, now);
    }
  }
}
