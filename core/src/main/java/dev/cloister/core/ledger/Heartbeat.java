package dev.cloister.core.ledger;

import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What one heartbeat says. Immutable.
 *
 * @param sequence its number in the chain, from 0
 * @param previous SHA-256 of the chain's line before, without its line feed, in hex; 64 zeros in
 *     the first
 * @param started when the context was sealed
 * @param now when this was signed
 * @param counters the ledger's counters at that moment
 * @param output the lines of output since the heartbeat before
 * @param event what happened
 * @param birth what the first heartbeat says of the context, and no other says again
 */
public record Heartbeat(
    long sequence,
    String previous,
    Instant started,
    Instant now,
    Map<String, Long> counters,
    Output output,
    String event,
    Optional<Birth> birth) {

  /** What stands for the line before the first. */
  public static final String NO_PREVIOUS = "0".repeat(64);

  /**
   * Some lines of a context's output, counted from 1. No line since the last heartbeat: {@code
   * last} is {@code first - 1}, and the digest is of nothing.
   *
   * @param first the first line's number
   * @param last the last line's number
   * @param sha256 SHA-256 of those lines' bytes, each with its line feed, in hex
   */
  public record Output(long first, long last, String sha256) {}

  /**
   * What a context is born with.
   *
   * @param publicKey the Ed25519 key that signs the chain, 32 bytes in hex
   * @param agreementKey the X25519 key to seal boxes to, 32 bytes in hex
   * @param measurement SHA-256 of all that was declared, in hex
   * @param context the context's id
   */
  public record Birth(String publicKey, String agreementKey, String measurement, String context) {}

  /** Keeps the counters' order. */
  public Heartbeat {
    counters = Collections.unmodifiableMap(new LinkedHashMap<>(counters));
  }

  /**
   * Tells whether the chain ends here.
   *
   * @return whether the event is {@link Event#CLOSED}
   */
  public boolean closes() {
    return event.equals(Event.CLOSED.label());
  }

  /**
   * Writes it as JSON.
   *
   * @return the payload's bytes, UTF-8
   */
  byte[] payload() {
    var text = new StringWriter();
    try (var json =
        JsonFactory.builder().build().createGenerator(ObjectWriteContext.empty(), text)) {
      json.writeStartObject();
      json.writeNumberProperty("sequence", sequence);
      json.writeStringProperty("previous", previous);
      json.writeStringProperty("started", started.toString());
      json.writeStringProperty("now", now.toString());
      if (birth.isPresent()) {
        json.writeStringProperty("publicKey", birth.get().publicKey());
        json.writeStringProperty("agreementKey", birth.get().agreementKey());
        json.writeStringProperty("measurement", birth.get().measurement());
        json.writeStringProperty("context", birth.get().context());
      }
      json.writeName("counters");
      json.writeStartObject();
      counters.forEach(json::writeNumberProperty);
      json.writeEndObject();
      json.writeName("output");
      json.writeStartObject();
      json.writeNumberProperty("first", output.first());
      json.writeNumberProperty("last", output.last());
      json.writeStringProperty("sha256", output.sha256());
      json.writeEndObject();
      json.writeStringProperty("event", event);
      json.writeEndObject();
    }
    return text.toString().getBytes(StandardCharsets.UTF_8);
  }

  /**
   * Reads a payload that anyone may have written.
   *
   * @param payload what {@link #payload()} may have given
   * @return the heartbeat, unless the bytes are not one
   */
  static Optional<Heartbeat> parse(byte[] payload) {
    try {
      var mapper =
          JsonMapper.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();
      var json = mapper.readTree(payload);
      var counters = new LinkedHashMap<String, Long>();
      for (var counter : json.required("counters").properties()) {
        counters.put(counter.getKey(), counter.getValue().longValue());
      }
      var output = json.required("output");
      return Optional.of(
          new Heartbeat(
              json.required("sequence").longValue(),
              json.required("previous").stringValue(),
              Instant.parse(json.required("started").stringValue()),
              Instant.parse(json.required("now").stringValue()),
              counters,
              new Output(
                  output.required("first").longValue(),
                  output.required("last").longValue(),
                  output.required("sha256").stringValue()),
              json.required("event").stringValue(),
              birth(json)));
    } catch (JacksonException | DateTimeParseException | IllegalArgumentException _) {
      return Optional.empty();
    }
  }

  private static Optional<Birth> birth(JsonNode json) {
    return json.has("publicKey")
        ? Optional.of(
            new Birth(
                json.required("publicKey").stringValue(),
                json.required("agreementKey").stringValue(),
                json.required("measurement").stringValue(),
                json.required("context").stringValue()))
        : Optional.empty();
  }
}
