package dev.cloister.tracing.anonymize;

import dev.cloister.core.gate.Raw;
import dev.cloister.core.gate.RawType;
import dev.cloister.core.gate.ReleasePolicy;
import dev.cloister.core.gate.SealFacts;
import dev.cloister.core.key.KeyRing;
import dev.cloister.tracing.internal.JsonLine;
import dev.cloister.tracing.record.Field;
import dev.cloister.tracing.record.RawRecord;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes of each record what the policy lets out, as a line of JSON. */
final class RecordFilter implements ReleasePolicy.Filter {
  private static final int FORMAT = 1;
  private static final JsonLine.Name RECORD = JsonLine.Name.of("record");
  private static final JsonLine.Name FLOW = JsonLine.Name.of("flow");

  private final Map<RawType, List<Output>> outputs = new HashMap<>();
  private JsonLine line = new JsonLine();

  /** The type of the last record, and its outputs: the next is mostly of the same. */
  private @Nullable RawType lastType;

  private List<Output> lastOutputs = List.of();

  /** What is written of one field. */
  private static final class Output {
    final Field field;
    final JsonLine.Name name;
    final FieldWriter writer;

    Output(FieldPlan plan, KeyRing keys) {
      this.field = plan.field();
      this.name = JsonLine.Name.of(plan.field().path());
      this.writer = FieldWriter.of(plan, keys);
    }
  }

  RecordFilter(Map<RawType, List<FieldPlan>> plans, KeyRing keys) {
    for (var plan : plans.entrySet()) {
      var written = new ArrayList<Output>();
      plan.getValue().forEach(field -> written.add(new Output(field, keys)));
      outputs.put(plan.getKey(), written);
    }
  }

  @Override
  public void header(SealFacts facts, OutputStream out) throws IOException {
    var json = line.json();
    line.begin();
    json.writeStringProperty("record", "header");
    json.writeNumberProperty("format", FORMAT);
    json.writeStringProperty("mode", facts.mode().label());
    json.writeStringProperty("name", facts.name());
    json.writeStringProperty("context", facts.context().hex());
    json.writeStringProperty("publicKey", facts.publicKey());
    json.writeStringProperty("measurement", facts.measurement());
    json.writeStringProperty("policyDigest", facts.policyDigest());
    json.writeName("waivers");
    json.writeStartArray();
    for (var waiver : facts.waivers()) {
      json.writeStartObject();
      json.writeStringProperty("guarantee", waiver.guarantee().label());
      json.writeStringProperty("accepted", waiver.state().name());
      json.writeStringProperty("reason", waiver.reason());
      json.writeEndObject();
    }
    json.writeEndArray();
    line.end(out);
  }

  @Override
  public boolean release(Raw raw, OutputStream out) throws IOException {
    if (!(raw instanceof RawRecord found)) {
      throw undeclared(raw);
    }
    try {
      write(found, outputs(found));
      line.end(out);
      return true;
    } catch (RuntimeException | Error e) {
      // Half a line must not stand before the next.
      line = new JsonLine();
      throw e;
    }
  }

  private List<Output> outputs(RawRecord found) {
    var type = found.type();
    if (type != lastType) {
      var outs = outputs.get(type);
      if (outs == null) {
        throw undeclared(found);
      }
      lastType = type;
      lastOutputs = outs;
    }
    return lastOutputs;
  }

  private static IllegalArgumentException undeclared(Raw raw) {
    return new IllegalArgumentException(
        "record \"" + raw.type().name() + "\" was not declared before the seal");
  }

  private void write(RawRecord found, List<Output> outs) {
    line.begin();
    line.name(RECORD);
    line.json().writeString(found.type().name());
    line.name(FLOW);
    line.json().writeNumber(found.flow());
    for (var i = 0; i < outs.size(); i++) {
      var out = outs.get(i);
      if (found.has(out.field)) {
        line.name(out.name);
        out.writer.write(found, out.field, line);
      }
    }
  }

  @Override
  public void close() {
    outputs.values().forEach(outs -> outs.forEach(out -> out.writer.close()));
    line.close();
  }
}
