package dev.cloister.tracing.anonymize;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.cloister.core.Mode;
import dev.cloister.core.gate.ReleasePolicy;
import dev.cloister.core.key.KeyRing;
import dev.cloister.core.key.SecretMemory;
import dev.cloister.tracing.record.Field;
import dev.cloister.tracing.record.FieldType;
import dev.cloister.tracing.record.RawRecord;
import dev.cloister.tracing.record.Schema;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.util.List;
import java.util.function.Consumer;

/** A policy in a context of its own, and the line that it makes of a record. */
final class Probe implements AutoCloseable {
  private static final Schema.Builder BUILDER = Schema.named("probe");

  // One field of each type, and another of some.
  static final Field ADDRESS = BUILDER.field("address", FieldType.ADDRESS, "an address");
  static final Field PEER = BUILDER.field("peer", FieldType.ADDRESS, "another address");
  static final Field PORT = BUILDER.field("port", FieldType.PORT, "a port");
  static final Field BEGIN = BUILDER.field("begin", FieldType.TIME, "a time");
  static final Field END = BUILDER.field("end", FieldType.TIME, "another time");
  static final Field NUMBER = BUILDER.field("number", FieldType.NUMBER, "a number");
  static final Field WORD = BUILDER.field("word", FieldType.KEYWORD, "a keyword");
  static final Field TEXT = BUILDER.field("text", FieldType.TEXT, "a text");
  static final Field OTHER = BUILDER.field("other", FieldType.TEXT, "another text");
  static final Field URL = BUILDER.field("url", FieldType.URL, "a URL");
  static final Schema SCHEMA = BUILDER.build();

  final KeyRing keys;
  private final ReleasePolicy.Compiled policy;
  private final ReleasePolicy.Filter filter;

  private Probe(KeyRing keys, ReleasePolicy.Compiled policy) {
    this.keys = keys;
    this.policy = policy;
    this.filter = policy.open(keys);
  }

  /**
   * Opens a context with a policy.
   *
   * @param rules such as {@code text: keep}
   */
  static Probe of(String... rules) {
    return of(SCHEMA, policy(rules), Mode.SEALED);
  }

  static Probe of(Schema schema, AnonymizationPolicy policy, Mode mode) {
    return new Probe(KeyRing.open(SecretMemory::onHeap), policy.compile(List.of(schema), mode));
  }

  /** Opens another filter in the same context. */
  Probe another() {
    return new Probe(keys, policy);
  }

  /** Reads a policy of rules about the fields of this class. */
  static AnonymizationPolicy policy(String... rules) {
    var text = new StringBuilder("version: 1\nfields:\n");
    for (var rule : rules) {
      text.append("  probe.").append(rule).append('\n');
    }
    return AnonymizationPolicy.parse("p.yaml", text.toString());
  }

  /** Releases a record; returns its line. */
  String line(RawRecord record) {
    var out = new ByteArrayOutputStream();
    try {
      if (!filter.release(record, out)) {
        throw new AssertionError("nothing was released");
      }
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory does not fail", e);
    }
    return out.toString(UTF_8);
  }

  /** Fills a record of connection 3 and releases it. */
  String line(Consumer<RawRecord> content) {
    var record = SCHEMA.newRecord().clear(3);
    content.accept(record);
    return line(record);
  }

  /** Releases one text, and returns what became of it as it stands in the line. */
  String made(Field field, String value) {
    return made(field, record -> record.set(field, value));
  }

  String made(Field field, long value) {
    return made(field, record -> record.set(field, value));
  }

  String madeOfAddress(Field field, String address) {
    var bytes = InetAddress.ofLiteral(address).getAddress();
    return made(field, record -> record.set(field, bytes, 0, bytes.length));
  }

  private String made(Field field, Consumer<RawRecord> content) {
    var line = line(content);
    var before = "{\"record\":\"probe\",\"flow\":3,\"" + field.path() + "\":";
    if (!line.startsWith(before) || !line.endsWith("}\n")) {
      throw new AssertionError("expected " + before + "…}: " + line);
    }
    return line.substring(before.length(), line.length() - 2);
  }

  @Override
  public void close() {
    filter.close();
    keys.close();
  }
}
