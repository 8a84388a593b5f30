package dev.cloister.tracing.tracer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cloister.core.testing.RequiresShared;
import dev.cloister.core.testing.SharedData;
import dev.cloister.tracing.capture.NotACapture;
import dev.cloister.tracing.capture.PacketFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * Whatever the bytes of a capture, a trace of it ends in time and in bounded memory, accounts for
 * every frame, and says no more than where the damage is. Of the seeded damages {@code
 * -Dcloister.mutations=N} are tried. Heap is measured as {@link HeapWatch} says.
 */
@RequiresShared
final class HostileCapturesTest {
  private static final int MUTATIONS = Integer.getInteger("cloister.mutations", 2_000);
  private static final long NANOS_MAX = Duration.ofSeconds(10).toNanos();
  private static final long HEAP_BYTES_MAX = 64L << 20;

  @TempDir private Path directory = Path.of("");

  @Test
  @Timeout(value = 15, unit = TimeUnit.MINUTES, threadMode = ThreadMode.SEPARATE_THREAD)
  void noDamageToACaptureEscapesHangsOrGrows() throws IOException {
    var mutations = Mutations.of(SharedData.path("pcaps/dev"));
    var traced = 0;
    var damaged = 0;
    var frames = 0L;
    var records = 0L;
    trace(mutations.mutation(-1), -1);
    try (var heap = HeapWatch.allowing(HEAP_BYTES_MAX)) {
      for (var seed = 0; seed < MUTATIONS; seed++) {
        var start = System.nanoTime();
        var trace = trace(mutations.mutation(seed), seed);
        assertThat(System.nanoTime() - start).as("seed %d: time", seed).isLessThan(NANOS_MAX);
        if (trace != null) {
          traced++;
          damaged += trace.damage().isPresent() ? 1 : 0;
          frames += trace.summary().received();
          records += trace.records().size();
        }
      }
      assertThat(heap.grownMost()).isLessThan(HEAP_BYTES_MAX);
    }
    assertThat(traced).as("traced").isGreaterThan(MUTATIONS / 2);
    assertThat(damaged).as("damaged").isBetween(MUTATIONS / 20, traced - MUTATIONS / 20);
    assertThat(frames).as("frames").isGreaterThan(10L * MUTATIONS);
    assertThat(records).as("records").isGreaterThan(MUTATIONS / 4);
  }

  /** Returns null where the bytes are those of no capture. */
  private @Nullable HostileTrace trace(byte[] bytes, long seed) throws IOException {
    var file = Files.write(directory.resolve("capture"), bytes);
    try {
      var trace =
          HostileTrace.of(
              PacketFile.at(file), HostileTrace.ANONYMIZING, directory.resolve("spill"));
      var summary = trace.summary();
      assertThat(summary.received()).isEqualTo(summary.analysed() + trace.lost());
      assertThat(trace.lost()).as("nothing is lost of a file").isZero();
      assertThat(summary.erroneousFlows()).isZero();
      trace
          .damage()
          .ifPresent(damage -> assertThat(damage.offset()).isBetween(0L, (long) bytes.length));
      return trace;
    } catch (NotACapture _) {
      return null;
    } catch (IOException | RuntimeException | Error e) {
      throw new AssertionError("seed " + seed, e);
    }
  }
}
