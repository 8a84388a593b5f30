package dev.cloister.benchmarks;

import dev.cloister.core.context.ContextPlan;
import dev.cloister.core.context.SealedContext;
import dev.cloister.core.posture.Guarantees;
import dev.cloister.core.testing.FakeHost;
import dev.cloister.core.testing.FakePolicy;
import dev.cloister.core.testing.MemoryEgress;
import dev.cloister.crypto.storage.SpillPlan;
import dev.cloister.crypto.storage.SpillReader;
import dev.cloister.crypto.storage.SpillStore;
import dev.cloister.crypto.storage.SpillStore.Vacancy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.Blackhole;

/** Packets through the spill store on one thread: put in, read, released. */
@State(Scope.Benchmark)
@Fork(1)
@Warmup(iterations = 5, time = 2)
@Measurement(iterations = 5, time = 2)
public class SpillBenchmark {
  private static final byte[] NO_HEAD = {};

  /** Where the packets lie until they are read. */
  public enum Place {
    /** In memory, as they came. */
    MEMORY,
    /** On disk, encrypted, but for the last few blocks. */
    DISK
  }

  /** Where the packets lie until they are read. */
  @Param private Place place = Place.MEMORY;

  private Path directory = Path.of("");
  private @Nullable SealedContext box;
  private @Nullable SpillReader reader;

  /** Opens a store. */
  @Setup(Level.Trial)
  public void open() throws IOException {
    directory = Files.createTempDirectory("cloister-benchmark-");
    box =
        ContextPlan.named("benchmark", Guarantees.lab())
            .host(new FakeHost())
            .parse(FakePolicy.lines())
            .release(FakePolicy.keepingLines())
            .store(plan())
            .egress(MemoryEgress.named("out"))
            .seal();
    reader = store().reader();
  }

  private SpillPlan plan() {
    var plan = SpillStore.in(directory);
    return switch (place) {
      case MEMORY -> plan.memoryBytes(128L << 20).diskBytes(0);
      case DISK -> plan.memoryBytes(0).diskBytes(1L << 30);
    };
  }

  private SpillStore store() {
    return Objects.requireNonNull(box).part(SpillStore.class);
  }

  /** Closes it, and deletes its directory. */
  @TearDown(Level.Trial)
  public void close() throws IOException {
    Objects.requireNonNull(box).close();
    Files.delete(directory);
  }

  /** Puts every frame in, reads every one, releases them. */
  @Benchmark
  public void through(Traffic traffic, PacketCount count, Blackhole hole) {
    var store = store();
    for (var frame : traffic.frames()) {
      while (store.vacancy(frame.length()) == Vacancy.AFTER_DRAIN) {
        store.drain();
      }
      store.append(NO_HEAD, frame.bytes(), frame.offset(), frame.length());
    }
    var packets = 0;
    var stored = Objects.requireNonNull(reader);
    while (stored.next()) {
      hole.consume(stored.bytes()[stored.offset()]);
      packets++;
    }
    store.release(stored.position());
    if (packets != traffic.frames().size()) {
      throw new IllegalStateException(packets + " of " + traffic.frames().size());
    }
    count.packets += packets;
  }
}
