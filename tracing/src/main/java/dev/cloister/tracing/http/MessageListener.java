package dev.cloister.tracing.http;

/** Hears what one direction of a connection says, message by message. */
interface MessageListener {

  /** How the content of a message is delimited; RFC 9112, section 6.3. */
  enum Framing {
    /** There is none. */
    NONE,
    /** As many bytes as Content-Length says. */
    LENGTH,
    /** In chunks. */
    CHUNKED,
    /** All that comes. */
    UNTIL_CLOSE,
    /** Another protocol follows. */
    TUNNEL,
    /** The head contradicts itself: nobody knows where the next message begins. */
    UNKNOWN
  }

  /** Hears a request line; the reader's {@link StartLine} has its parts. */
  void request(MessageReader reader, byte[] bytes, int from, long timeNanos);

  /** Hears a status line; the reader's {@link StartLine} has its parts. */
  void response(MessageReader reader, byte[] bytes, int from, long timeNanos);

  /** Hears a header field that is looked at, or the next line of one. */
  void header(
      MessageReader reader, Header header, boolean isContinued, byte[] bytes, int from, int end);

  /** Hears the end of a head; says how the content is delimited. */
  Framing headEnd(MessageReader reader, long timeNanos);

  /** Hears content, without chunks. */
  void content(MessageReader reader, byte[] bytes, int offset, int length);

  /** Hears the end of a message. */
  void messageEnd(MessageReader reader, boolean isComplete, long timeNanos);

  /** Hears that bytes are missing where no content was expected. */
  void lost(MessageReader reader, long timeNanos);

  /** Tells whether a message that ends with the connection may be over when a status line comes. */
  boolean awaitsAnotherResponse(MessageReader reader);

  /**
   * Tells whether the content of a request may never come, so that a request line is no content.
   */
  boolean isContentRefused(MessageReader reader);
}
