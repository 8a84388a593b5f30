package dev.cloister.tracing.anonymize;

import dev.cloister.core.key.KeyRing;
import dev.cloister.tracing.internal.JsonLine;
import dev.cloister.tracing.record.Field;
import dev.cloister.tracing.record.RawRecord;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Writes parts of a URL as an object; a part that the URL does not have is left out. */
final class UrlWriter implements FieldWriter {
  private static final int HASH_BYTES = 8;
  private static final int EXTENSION_BYTES_MAX = 8;

  private final List<UrlPart> parts;
  private final Map<UrlPart, JsonLine.Name> names = new EnumMap<>(UrlPart.class);
  private final Map<UrlPart, FieldWriter.Hashed> hashes = new EnumMap<>(UrlPart.class);

  UrlWriter(KeyRing keys, Field field, List<UrlPart> parts) {
    this.parts = parts;
    for (var part : parts) {
      names.put(part, JsonLine.Name.of(part.member()));
      if (part.isHash()) {
        var label = "policy/url/" + part.label() + "/" + field.fullPath();
        hashes.put(part, new FieldWriter.Hashed(keys.derived(label, 32), HASH_BYTES));
      }
    }
  }

  @Override
  public void write(RawRecord found, Field field, JsonLine line) {
    var url = new UrlView(found.bytes(), found.offset(field), found.length(field));
    line.json().writeStartObject();
    for (var part : parts) {
      write(part, url, line);
    }
    line.json().writeEndObject();
  }

  private void write(UrlPart part, UrlView url, JsonLine line) {
    switch (part) {
      case SCHEME -> text(part, url, url.start, url.schemeEnd, line);
      case HOST, HOST_HASH -> text(part, url, url.hostStart, url.hostEnd, line);
      case PORT -> number(part, url.port, line);
      case PATH, PATH_HASH -> text(part, url, url.pathStart, url.pathEnd, line);
      case PATH_DEPTH -> number(part, url.pathDepth(), line);
      case EXTENSION -> {
        var from = url.extensionStart();
        if (url.pathEnd - from <= EXTENSION_BYTES_MAX) {
          text(part, url, from, url.pathEnd, line);
        }
      }
      case QUERY, QUERY_HASH -> text(part, url, url.queryStart, url.queryEnd, line);
      case QUERY_COUNT -> number(part, url.queryCount(), line);
      case QUERY_NAMES -> names(part, url, line);
    }
  }

  private void text(UrlPart part, UrlView url, int from, int end, JsonLine line) {
    if (end <= from) {
      return;
    }
    line.member(name(part));
    var hash = hashes.get(part);
    if (hash != null) {
      hash.write(url.bytes, from, end - from, line);
    } else {
      line.text(url.bytes, from, end - from);
    }
  }

  private JsonLine.Name name(UrlPart part) {
    return Objects.requireNonNull(names.get(part));
  }

  private void number(UrlPart part, int value, JsonLine line) {
    if (value >= 0) {
      line.member(name(part));
      line.json().writeNumber(value);
    }
  }

  private void names(UrlPart part, UrlView url, JsonLine line) {
    line.member(name(part));
    line.json().writeStartArray();
    for (var from = url.queryStart; from < url.queryEnd; ) {
      var end = url.until('&', from, url.queryEnd);
      var nameEnd = url.until('=', from, end);
      if (nameEnd > from) {
        line.text(url.bytes, from, nameEnd - from);
      }
      from = end + 1;
    }
    line.json().writeEndArray();
  }

  @Override
  public void close() {
    hashes.values().forEach(FieldWriter.Hashed::close);
  }
}
