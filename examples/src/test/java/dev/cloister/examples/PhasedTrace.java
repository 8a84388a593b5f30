package dev.cloister.examples;

import dev.cloister.core.context.ContextPlan;
import dev.cloister.core.posture.Guarantees;
import dev.cloister.crypto.storage.SpillStore;
import dev.cloister.tracing.capture.PacketFile;
import dev.cloister.tracing.http.Http;
import dev.cloister.tracing.sink.JsonLines;
import dev.cloister.tracing.tracer.Tracer;
import java.io.IOException;
import java.nio.file.Path;

/**
 * What {@link Trace} does, one step after the other, each named on standard output as it begins:
 * capture, with the writing of what memory cannot hold; analysis; the end.
 */
final class PhasedTrace {
  static final String CAPTURE = "capture";
  static final String ANALYSIS = "analysis";
  static final String CLOSE = "close";
  private static final String OVER = "over";

  private PhasedTrace() {}

  /** Traces a file into an output directory, through a spill directory and some memory. */
  public static void main(String... arguments) throws IOException {
    var guarantees = Guarantees.tracer().acceptAll("whatever holds here, it is killed");
    var plan =
        ContextPlan.named("phased", guarantees)
            .ingress(PacketFile.at(Path.of(arguments[0])))
            .store(SpillStore.in(Path.of(arguments[2])).memoryBytes(Long.parseLong(arguments[3])))
            .parse(Http.schema())
            .release(Shipped.policy())
            .egress(JsonLines.to(Path.of(arguments[1])));
    try (var box = plan.seal()) {
      var tracer = Tracer.in(box).deferred().parse(Http.parser());
      IO.println(CAPTURE);
      tracer.capture();
      tracer.spill();
      IO.println(ANALYSIS);
      tracer.analyse();
      IO.println(CLOSE);
    }
    IO.println(OVER);
  }
}
