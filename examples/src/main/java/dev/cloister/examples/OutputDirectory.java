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
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
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

  /** How to take back what was done before the seal, the last first. */
  private final Deque<Undoing> undoing = new ArrayDeque<>();

  private OutputDirectory(Path directory) {
    this.directory = directory;
  }

  /** Takes something back. */
  private interface Undoing {
    void run() throws IOException;
  }

  /** What is declared once it is known where the output goes. */
  interface Planned {
    ContextPlan into(Path directory) throws BadRequest;
  }

  /**
   * Makes the directory ready, and writes the process's number into it, first of all; an earlier
   * output in it is kept, one directory deeper.
   */
  static OutputDirectory prepare(Optional<Path> wanted) throws BadRequest {
    var output = new OutputDirectory(wanted.isPresent() ? wanted.get() : temporary());
    try {
      if (wanted.isEmpty()) {
        output.undoing.push(() -> Files.delete(output.directory));
      }
      output.make();
      output.keepEarlier();
      output.writePid();
      return output;
    } catch (IOException e) {
      output.undo();
      throw new BadRequest(
          "--out %s: not a directory that can be written to (%s)".formatted(output.directory, e));
    }
  }

  private static Path temporary() throws BadRequest {
    try {
      return Files.createTempDirectory("cloister-trace-");
    } catch (IOException e) {
      throw new BadRequest("no temporary directory can be made: give one with --out (" + e + ")");
    }
  }

  private void make() throws IOException {
    var missing = new ArrayDeque<Path>();
    @Nullable Path at = directory.toAbsolutePath();
    while (at != null && Files.notExists(at)) {
      missing.push(at);
      at = at.getParent();
    }
    for (var path : missing) {
      Files.createDirectory(path);
      undoing.push(() -> Files.delete(path));
    }
  }

  private void keepEarlier() throws IOException {
    var there = FILES.stream().map(directory::resolve).filter(Files::exists).toList();
    if (there.isEmpty()) {
      return;
    }
    var number = 1;
    while (Files.exists(directory.resolve("earlier-" + number))) {
      number++;
    }
    var earlier = Files.createDirectory(directory.resolve("earlier-" + number));
    undoing.push(() -> Files.delete(earlier));
    for (var file : there) {
      var kept = Files.move(file, earlier.resolve(file.getFileName()));
      undoing.push(() -> Files.move(kept, file));
    }
  }

  private void writePid() throws IOException {
    var pid = directory.resolve(PID);
    undoing.push(() -> Files.deleteIfExists(pid));
    Files.writeString(pid, ProcessHandle.current().pid() + "\n");
  }

  private void undo() {
    while (!undoing.isEmpty()) {
      try {
        undoing.pop().run();
      } catch (IOException _) {
        // What cannot be taken back stays; the reason for it all is what people need to see.
      }
    }
  }

  Path path() {
    return directory;
  }

  /** Seals a plan whose output lies here; when that fails, all is as it was before. */
  SealedContext seal(Planned planned) throws BadRequest {
    try {
      return planned.into(directory).seal();
    } catch (IOException e) {
      undo();
      throw new BadRequest(String.valueOf(e.getMessage()));
    } catch (BadRequest | RuntimeException e) {
      undo();
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
