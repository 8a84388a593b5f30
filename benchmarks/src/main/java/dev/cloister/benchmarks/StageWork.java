package dev.cloister.benchmarks;

import dev.cloister.core.context.ContextPlan;
import dev.cloister.core.posture.Guarantees;
import dev.cloister.crypto.storage.SpillStore;
import dev.cloister.tracing.TraceCounter;
import dev.cloister.tracing.anonymize.AnonymizationPolicy;
import dev.cloister.tracing.capture.PacketFile;
import dev.cloister.tracing.flow.Direction;
import dev.cloister.tracing.flow.EndCause;
import dev.cloister.tracing.flow.Flow;
import dev.cloister.tracing.flow.OverlapPolicy;
import dev.cloister.tracing.flow.ReassemblyLimits;
import dev.cloister.tracing.flow.StreamListener;
import dev.cloister.tracing.flow.TcpReassembler;
import dev.cloister.tracing.http.Http;
import dev.cloister.tracing.packet.PacketDecoder;
import dev.cloister.tracing.sink.JsonLines;
import dev.cloister.tracing.tracer.Tracer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** The work of each stage, as a user of the library would write it. */
final class StageWork {
  private static final int POLL_MOST = 1024;

  private StageWork() {}

  /** What a stage counted. */
  record Counts(long packets, long connections, long streamBytes, long requests, long responses) {}

  static Counts run(Stage stage, Path capture, Path out) throws IOException {
    return switch (stage) {
      case WALK -> walk(capture);
      case STREAMS -> streams(capture);
      case LINES -> lines(capture, out);
    };
  }

  private static Counts walk(Path capture) throws IOException {
    var packets = new long[2];
    var decoder =
        new PacketDecoder(packet -> {
          packets[0]++;
          packets[1] += packet.isTcp() ? packet.sourcePort() ^ packet.sequence() : 0;
        });
    try (var source = PacketFile.at(capture).open()) {
      while (source.poll(decoder::decode, POLL_MOST) >= 0) {
        // Decoded as it came.
      }
    }
    if (packets[1] == 0) {
      throw new IllegalStateException("no packet had a port");
    }
    return new Counts(packets[0], 0, 0, 0, 0);
  }

  /** Counts bytes, and touches each segment. */
  private static final class ByteCount implements StreamListener {
    private long bytes;
    private long touched;

    @Override
    public void data(
        Flow flow,
        Direction direction,
        long position,
        byte[] array,
        int offset,
        int length,
        long timeNanos) {
      bytes += length;
      touched += array[offset];
    }

    @Override
    public void gap(Flow flow, Direction direction, long position, long length, long time) {
      throw new IllegalStateException("a generated capture has no gaps");
    }

    @Override
    public void end(Flow flow, EndCause cause, long timeNanos) {}
  }

  private static Counts streams(Path capture) throws IOException {
    var count = new ByteCount();
    var reassembler = new TcpReassembler(ReassemblyLimits.forTracing(), OverlapPolicy.FIRST, count);
    var packets = new long[2];
    var decoder =
        new PacketDecoder(packet -> {
          packets[0]++;
          packets[1] = packet.timeNanos();
          if (packet.isTcp()) {
            reassembler.accept(packet);
          }
        });
    try (var source = PacketFile.at(capture).open()) {
      while (source.poll(decoder::decode, POLL_MOST) >= 0) {
        // Ordered as it came.
      }
    }
    reassembler.finish(packets[1]);
    if (count.touched == 0) {
      throw new IllegalStateException("no segment had a byte");
    }
    return new Counts(packets[0], reassembler.flows(), count.bytes, 0, 0);
  }

  private static Counts lines(Path capture, Path out) throws IOException {
    var plan =
        ContextPlan.named("pipeline", accepting())
            .ingress(PacketFile.at(capture))
            .store(SpillStore.in(out.resolve("spill")).memoryBytes(64L << 20).diskBytes(0))
            .parse(Http.schema())
            .release(policy())
            .egress(JsonLines.to(out));
    Counts counts;
    try (var box = plan.seal();
        var threads = Executors.newCachedThreadPool()) {
      var tracer = Tracer.in(box).parse(Http.parser());
      Future<?> capturing = threads.submit(() -> step(tracer::capture));
      tracer.analyse();
      finish(capturing);
      var summary = tracer.summary();
      counts =
          new Counts(
              summary.analysed(),
              summary.tcpFlows(),
              box.ledger().tally(TraceCounter.STREAM_BYTES).get(),
              summary.httpRequests(),
              summary.httpResponses());
    }
    Files.delete(out.resolve(JsonLines.TRACE));
    Files.delete(out.resolve(JsonLines.HEARTBEATS));
    return counts;
  }

  /** A step that may fail. */
  private interface Step {
    void run() throws IOException;
  }

  private static boolean step(Step step) throws IOException {
    step.run();
    return true;
  }

  private static void finish(Future<?> step) throws IOException {
    try {
      step.get();
    } catch (InterruptedException e) {
      throw new IOException("the capture did not end", e);
    } catch (ExecutionException e) {
      throw new IOException("the capture failed", e);
    }
  }

  private static Guarantees accepting() {
    return Guarantees.tracer().acceptAll("a measurement");
  }

  /** What an example lets out, so that the figure is of what users run. */
  private static AnonymizationPolicy policy() throws IOException {
    return AnonymizationPolicy.load(Path.of("examples", "policies", "http.yaml"));
  }
}
