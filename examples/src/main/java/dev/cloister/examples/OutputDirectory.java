package dev.cloister.examples;

import dev.cloister.core.context.ContextPlan;
import dev.cloister.core.context.SealedContext;
import dev.cloister.core.posture.Posture;
import dev.cloister.examples.Example.BadRequest;
import dev.cloister.tracing.sink.JsonLines;
import dev.cloister.tracing.tracer.TraceSummary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.util.DefaultPrettyPrinter;

/** The directory that a trace is written to, and what stands in it beside the trace. */
final class OutputDirectory {
  private static final String PID = "pid";
  private static final String POSTURE = "posture.json";
  private static final String SUMMARY = "summary.json";

  /** Everything that a trace leaves, and that the next one in the same place must not touch. */
  private static final List<String> FILES =
      List.of(PID, POSTURE, SUMMARY, JsonLines.TRACE, JsonLines.HEARTBEATS);

  private final Path directory;

  private OutputDirectory(Path directory) {
    this.directory = directory;
  }

  /** Makes the directory ready; an earlier output in it is kept, one directory deeper. */
  static OutputDirectory prepare(Optional<Path> wanted) throws BadRequest {
    try {
      if (wanted.isEmpty()) {
        return new OutputDirectory(Files.createTempDirectory("cloister-trace-"));
      }
      Files.createDirectories(wanted.get());
      keepEarlier(wanted.get());
      return new OutputDirectory(wanted.get());
    } catch (IOException e) {
      throw new BadRequest(
          "--out %s: not a directory that can be written to (%s)"
              .formatted(wanted.map(Path::toString).orElse(""), e));
    }
  }

  private static void keepEarlier(Path directory) throws IOException {
    var there = FILES.stream().map(directory::resolve).filter(Files::exists).toList();
    if (there.isEmpty()) {
      return;
    }
    var number = 1;
    while (Files.exists(directory.resolve("earlier-" + number))) {
      number++;
    }
    var earlier = Files.createDirectory(directory.resolve("earlier-" + number));
    for (var file : there) {
      Files.move(file, earlier.resolve(file.getFileName()));
    }
  }

  Path path() {
    return directory;
  }

  void writePid() throws IOException {
    Files.writeString(directory.resolve(PID), ProcessHandle.current().pid() + "\n");
  }

  /** Seals a plan whose output lies here; when that fails, nothing is left of it. */
  SealedContext seal(ContextPlan plan) throws BadRequest, IOException {
    try {
      return plan.seal();
    } catch (IOException e) {
      Files.deleteIfExists(directory.resolve(PID));
      throw new BadRequest(String.valueOf(e.getMessage()));
    } catch (RuntimeException e) {
      Files.deleteIfExists(directory.resolve(PID));
      throw e;
    }
  }

  void writePosture(Posture posture) throws IOException {
    write(
        POSTURE,
        json -> {
          json.writeStartArray();
          for (var finding : posture.findings()) {
            json.writeStartObject();
            json.writeStringProperty("guarantee", finding.guarantee().label());
            json.writeStringProperty("state", finding.state().name());
            json.writeStringProperty("evidence", finding.evidence());
            json.writeEndObject();
          }
          json.writeEndArray();
        });
  }

  void writeSummary(TraceSummary summary) throws IOException {
    write(
        SUMMARY,
        json -> {
          json.writeStartObject();
          json.writeNumberProperty("received", summary.received());
          json.writeNumberProperty("analysed", summary.analysed());
          numbers(json, "lost", summary.lost());
          json.writeNumberProperty("tcpFlows", summary.tcpFlows());
          json.writeNumberProperty("ipDatagramsReassembled", summary.ipDatagramsReassembled());
          json.writeNumberProperty("httpRequests", summary.httpRequests());
          json.writeNumberProperty("httpResponses", summary.httpResponses());
          json.writeNumberProperty("holeBytes", summary.holeBytes());
          json.writeNumberProperty("conflictingBytes", summary.conflictingBytes());
          json.writeNumberProperty("erroneousFlows", summary.erroneousFlows());
          numbers(json, "evicted", summary.evicted());
          json.writeNumberProperty("spilledBytes", summary.spilledBytes());
          json.writeNumberProperty("peakResidentBytes", ResidentMemory.peakBytes());
          json.writeEndObject();
        });
  }

  private static void numbers(JsonGenerator json, String name, Map<String, Long> numbers) {
    json.writeName(name);
    json.writeStartObject();
    numbers.forEach(json::writeNumberProperty);
    json.writeEndObject();
  }

  private void write(String name, Consumer<JsonGenerator> content) throws IOException {
    var context =
        new ObjectWriteContext.Base() {
          @Override
          public tools.jackson.core.PrettyPrinter getPrettyPrinter() {
            return new DefaultPrettyPrinter();
          }
        };
    try (var out = Files.newBufferedWriter(directory.resolve(name));
        var json = JsonFactory.builder().build().createGenerator(context, out)) {
      content.accept(json);
      json.writeRaw('\n');
    }
  }
}
