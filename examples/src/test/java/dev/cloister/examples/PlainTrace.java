package dev.cloister.examples;

import dev.cloister.core.context.ContextPlan;
import dev.cloister.core.posture.Guarantees;
import dev.cloister.crypto.testing.PlainStore;
import dev.cloister.tracing.capture.PacketFile;
import dev.cloister.tracing.http.Http;
import dev.cloister.tracing.sink.JsonLines;
import dev.cloister.tracing.tracer.Tracer;
import java.io.IOException;
import java.nio.file.Path;

/** What {@link Trace} does, deferred, over a store that hides nothing: a program of the lab. */
final class PlainTrace {
  private PlainTrace() {}

  /** Traces a file into an output directory, through a spill directory and some memory. */
  public static void main(String... arguments) throws IOException {
    var plan =
        ContextPlan.named("plain", Guarantees.lab())
            .ingress(PacketFile.at(Path.of(arguments[0])))
            .store(PlainStore.in(Path.of(arguments[2])).memoryBytes(Long.parseLong(arguments[3])))
            .parse(Http.schema())
            .release(Shipped.policy())
            .egress(JsonLines.to(Path.of(arguments[1])));
    try (var box = plan.seal();
        var threads = new TraceThreads(box, Tracer.in(box).deferred().parse(Http.parser()))) {
      threads.run(true);
    }
  }
}
