package dev.cloister.examples;

import dev.cloister.core.policy.Resource;
import dev.cloister.sandbox.runtime.Ending;
import dev.cloister.sandbox.runtime.Usage;
import java.io.StringWriter;
import java.util.Map;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/** How a function ended and what it used, as one line of JSON. */
final class CellReport {
  private CellReport() {}

  /**
   * Writes {@code {"reason","exitCode","limit","detail","usage","deniedCalls"}}: the limit is there
   * when one ended it, the exit code when it exited.
   */
  static String of(Ending ending, Usage usage) {
    var text = new StringWriter();
    try (var json = new JsonFactory().createGenerator(ObjectWriteContext.empty(), text)) {
      json.writeStartObject();
      json.writeStringProperty("reason", ending.cause().label());
      if (ending.cause() == Ending.Cause.EXITED) {
        json.writeNumberProperty("exitCode", ending.exitCode());
      }
      ending.limit().ifPresent(limit -> json.writeStringProperty("limit", limit.label()));
      json.writeStringProperty("detail", ending.detail());
      writeUsage(json, usage);
      json.writeName("deniedCalls");
      json.writeStartObject();
      usage.deniedCalls().forEach(json::writeNumberProperty);
      json.writeEndObject();
      json.writeEndObject();
    }
    return text.toString();
  }

  private static void writeUsage(JsonGenerator json, Usage usage) {
    json.writeName("usage");
    json.writeStartObject();
    json.writeNumberProperty(Resource.CPU_SECONDS.label(), usage.cpuNanos() / 1e9);
    json.writeNumberProperty(Resource.WALL_SECONDS.label(), usage.wallNanos() / 1e9);
    for (var entry :
        Map.of(
                Resource.MEMORY_BYTES, usage.memoryPeakBytes(),
                Resource.PROCESSES, usage.processesPeak(),
                Resource.DISK_BYTES, usage.diskBytes(),
                Resource.BYTES_IN, usage.bytesIn(),
                Resource.BYTES_OUT, usage.bytesOut())
            .entrySet()
            .stream()
            .sorted(Map.Entry.comparingByKey())
            .toList()) {
      json.writeNumberProperty(entry.getKey().label(), entry.getValue());
    }
    json.writeEndObject();
  }

  /** Says that no code ran. */
  static String refused() {
    return "{\"reason\":\"refused\"}";
  }
}
