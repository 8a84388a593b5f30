package dev.cloister.benchmarks;

import dev.cloister.core.context.ContextPlan;
import dev.cloister.core.context.SealedContext;
import dev.cloister.core.ledger.Counter;
import dev.cloister.core.posture.Guarantees;
import dev.cloister.core.testing.FakeHost;
import dev.cloister.core.testing.MemoryEgress;
import dev.cloister.tracing.anonymize.AnonymizationPolicy;
import dev.cloister.tracing.flow.EndCause;
import dev.cloister.tracing.flow.Flow;
import dev.cloister.tracing.http.Http;
import dev.cloister.tracing.record.Emitter;
import dev.cloister.tracing.record.Field;
import dev.cloister.tracing.record.RawRecord;
import dev.cloister.tracing.record.StreamParser;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.Blackhole;

/** From ordered streams to records, and from records to anonymized lines. */
@State(Scope.Benchmark)
@Fork(1)
@Warmup(iterations = 5, time = 2)
@Measurement(iterations = 5, time = 2)
public class HttpBenchmark {
  private static final int BATCH_BYTES = 64 << 10;

  private final SealedContext box = context();
  private final List<RawRecord> records = new ArrayList<>();

  /** A context that releases by the shipped policy. */
  private static SealedContext context() {
    try {
      return ContextPlan.named("benchmark", Guarantees.lab())
          .host(new FakeHost())
          .parse(Http.schema())
          .release(AnonymizationPolicy.load(Path.of("examples", "policies", "http.yaml")))
          .egress(MemoryEgress.named("out"))
          .seal();
    } catch (IOException e) {
      throw new IllegalStateException("run it from the root of the project", e);
    }
  }

  /** Asks for what the policy wants, as a tracer does. */
  private abstract class Output implements Emitter {
    private final boolean[] wanted = new boolean[Http.schema().fields().size()];

    Output() {
      for (var field : Http.schema().fields()) {
        wanted[field.index()] = box.releases().isWanted(Http.schema(), field.path());
      }
    }

    @Override
    public boolean wants(Field field) {
      return wanted[field.index()];
    }

    @Override
    public RawRecord record() {
      return Http.schema().newRecord().clear(0);
    }

    @Override
    public void count(Counter counter, long amount) {}
  }

  /** Keeps each record. */
  private final class Keeper extends Output {
    @Override
    public void emit(RawRecord found) {
      records.add(found);
    }
  }

  /** Lends records again. */
  private final class Lender extends Output {
    private final List<RawRecord> spare = new ArrayList<>();
    private long emitted;

    @Override
    public RawRecord record() {
      return spare.isEmpty() ? super.record() : spare.removeLast().clear(0);
    }

    @Override
    public void emit(RawRecord found) {
      emitted++;
      spare.add(found);
    }
  }

  /** Parses the traffic once, to have records to release. */
  @Setup(Level.Trial)
  public void keep(Traffic traffic) {
    parse(traffic, new Keeper());
    if (records.size() != Traffic.REQUESTS) {
      throw new IllegalStateException(records.size() + " records of " + Traffic.REQUESTS);
    }
  }

  private static void parse(Traffic traffic, Emitter output) {
    var parser = Http.parser();
    Map<Flow, StreamParser> streams = new HashMap<>();
    for (var segment : traffic.segments()) {
      var stream = streams.computeIfAbsent(segment.flow(), flow -> parser.open(flow, output));
      if (segment.bytes().isPresent()) {
        var bytes = segment.bytes().get().array;
        stream.data(segment.direction(), bytes, 0, bytes.length, segment.timeNanos());
      } else {
        stream.end(EndCause.FINISHED, segment.timeNanos());
        streams.remove(segment.flow());
      }
    }
  }

  /** Ends the context. */
  @TearDown(Level.Trial)
  public void close() throws IOException {
    box.close();
  }

  /** Parses streams that lie in memory, for the fields that the policy wants. */
  @Benchmark
  @OperationsPerInvocation(Traffic.REQUESTS)
  public long parse(Traffic traffic) {
    var output = new Lender();
    parse(traffic, output);
    return output.emitted;
  }

  /** Anonymizes records and writes each as a line. */
  @Benchmark
  @OperationsPerInvocation(Traffic.REQUESTS)
  public void release(Blackhole hole) {
    try (var batch = box.releases().batch()) {
      for (var found : records) {
        batch.add(found);
        if (batch.sizeBytes() >= BATCH_BYTES) {
          hole.consume(batch.take());
        }
      }
      hole.consume(batch.take());
    }
  }
}
