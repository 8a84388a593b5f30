package dev.cloister.tracing.http;

import static dev.cloister.tracing.record.FieldType.ADDRESS;
import static dev.cloister.tracing.record.FieldType.KEYWORD;
import static dev.cloister.tracing.record.FieldType.NUMBER;
import static dev.cloister.tracing.record.FieldType.PORT;
import static dev.cloister.tracing.record.FieldType.TEXT;
import static dev.cloister.tracing.record.FieldType.TIME;
import static dev.cloister.tracing.record.FieldType.URL;

import dev.cloister.tracing.record.Field;
import dev.cloister.tracing.record.Schema;
import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The fields of an HTTP record: one exchange, a request and its response, or what there is of them.
 */
final class HttpFields {
  private static final Schema.Builder BUILDER = Schema.named("http");

  static final Field CLIENT_ADDRESS = BUILDER.field("client.address", ADDRESS, "who asked");
  static final Field CLIENT_PORT = BUILDER.field("client.port", PORT, "from which port");
  static final Field SERVER_ADDRESS = BUILDER.field("server.address", ADDRESS, "who was asked");
  static final Field SERVER_PORT = BUILDER.field("server.port", PORT, "at which port");

  static final Field METHOD = BUILDER.field("request.method", TEXT, "the method");
  static final Field TARGET_URL =
      BUILDER.field("request.url", URL, "the target, with the host where it is named apart");
  static final Message REQUEST = new Message("request");

  static final Field STATUS = BUILDER.field("response.status", NUMBER, "the status code");
  static final Field REASON = BUILDER.field("response.reason", TEXT, "the reason phrase");
  static final Field INTERIM =
      BUILDER.field("response.interim", NUMBER, "how many interim responses came before");
  static final Message RESPONSE = new Message("response");

  static final Field OUTCOME =
      BUILDER.field(
          "outcome",
          KEYWORD,
          "complete, upgraded, no-request, no-response, gapped (bytes were not captured) or"
              + " truncated");

  static final Schema SCHEMA = BUILDER.build();

  private HttpFields() {}

  /** What requests and responses have alike. */
  static final class Message {
    final Field time;
    final Field endTime;
    final Field version;
    final Field headers;
    final Field headBytes;
    final Field bodyBytes;
    final Field decodedBytes;
    final Field missingBytes;
    private final Map<Header, Field> byHeader = new EnumMap<>(Header.class);

    private Message(String part) {
      this.time = BUILDER.field(part + ".time", TIME, "when its first byte came");
      this.endTime = BUILDER.field(part + ".endTime", TIME, "when its last byte came");
      this.version = BUILDER.field(part + ".version", TEXT, "the version, such as HTTP/1.1");
      this.headers = BUILDER.field(part + ".headers", NUMBER, "how many header fields it has");
      this.headBytes = BUILDER.field(part + ".headBytes", NUMBER, "how long its head is");
      this.bodyBytes =
          BUILDER.field(
              part + ".bodyBytes", NUMBER, "how much of its content came, without chunks");
      this.decodedBytes =
          BUILDER.field(
              part + ".decodedBytes", NUMBER, "how long that is when gzip and deflate are undone");
      this.missingBytes =
          BUILDER.field(part + ".missingBytes", NUMBER, "how much of it was not captured");
      for (var header : Header.values()) {
        if (header.isIn(part)) {
          byHeader.put(
              header,
              BUILDER.field(
                  part + "." + header.fieldName(),
                  header.isUrl() ? URL : TEXT,
                  "the header field " + header.wireName()));
        }
      }
    }

    /**
     * Returns the field that a header goes into; null when there is none in this kind of message.
     */
    @Nullable Field of(Header header) {
      return byHeader.get(header);
    }
  }
}
