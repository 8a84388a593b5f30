package dev.cloister.sandbox.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.cloister.core.Denied;
import dev.cloister.core.testing.FakeTime;
import dev.cloister.core.testing.RequiresProgram;
import dev.cloister.sandbox.internal.Threads;
import dev.cloister.sandbox.runtime.Ending;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Functions that end in every way there is, one of each way a host; afterwards the machine is as it
 * was. 100 lives unless {@code -Dcloister.lives=N} says more, always whole rounds.
 */
@RequiresProgram(
    value = {"python3", "bwrap", "ip", "nft"},
    root = true)
final class LivesTest {
  private static final int LIVES = Integer.getInteger("cloister.lives", 100);
  private static final long HEAP_BYTES = 5L << 20;

  @TempDir private Path directory;
  private final AtomicInteger threadsMade = new AtomicInteger();

  /** One host, and a cell for each way. */
  private final class Round implements AutoCloseable {
    final FakeTime time = FakeTime.startingAt(Instant.parse("2026-01-02T03:04:05Z"));
    final PythonWorld world;
    final Map<Way, Attachment> attached = new EnumMap<>(Way.class);
    final Map<Way, StartedCell> cells = new EnumMap<>(Way.class);
    final Map<Way, Ending> endings = new EnumMap<>(Way.class);

    Round(RealRuntime kind) throws Exception {
      world = new PythonWorld(directory, kind, LivesTest.this::thread, time);
    }

    void start(Way way) throws Exception {
      var cell =
          way == Way.NEVER_LOADED
              ? world.host.start(PythonWorld.manifest(way.code, way.limits))
              : world.running(way.code, way.limits);
      cells.put(way, cell);
      attached.put(way, world.attached(cell));
      if (way != Way.NEVER_LOADED && way.code.contains("b'on'")) {
        assertThat(world.next(attached.get(way))).as("%s is on", way).isNotEmpty();
      }
    }

    StartedCell cell(Way way) {
      return Objects.requireNonNull(cells.get(way));
    }

    void end(Way way) throws Exception {
      endings.put(way, world.ended(Objects.requireNonNull(attached.get(way))));
    }

    void run() throws Exception {
      killOne();
      var all = EnumSet.complementOf(EnumSet.of(Way.KILLED, Way.HOST_CLOSED));
      for (var way : all) {
        start(way);
      }
      flood(cell(Way.BYTES_IN));
      world.host.shutdown(Shown.now(cell(Way.SHUT_DOWN).grant().shutdown()));
      for (var way : all) {
        if (way.isItsOwn() || way == Way.BYTES_IN || way == Way.SHUT_DOWN) {
          end(way);
        }
      }
      time.advance(Duration.ofSeconds(61));
      end(Way.WALL);
      end(Way.DEAF_TO_WALL);
      end(Way.NEVER_LOADED);
      time.advance(Duration.ofMinutes(9));
      end(Way.LIFETIME);
      // What nobody read is kept as long as the cell, and no longer.
      world.host.tick();
      assertThat(world.host.ledger().counters()).containsEntry("cells.living", 0L);
      start(Way.HOST_CLOSED);
      world.close();
      end(Way.HOST_CLOSED);
    }

    /** It is the only one, so all that this process started is its. */
    private void killOne() throws Exception {
      var before = ProcessHandle.current().descendants().collect(Collectors.toSet());
      start(Way.KILLED);
      var after = new HashSet<>(ProcessHandle.current().descendants().toList());
      after.removeAll(before);
      assertThat(after).isNotEmpty();
      after.forEach(ProcessHandle::destroyForcibly);
      end(Way.KILLED);
    }

    private void flood(StartedCell cell) {
      assertThatExceptionOfType(Denied.class)
          .isThrownBy(() -> {
            while (true) {
              world.host.send(PythonWorld.shown(cell), new byte[100_000]);
            }
          })
          .withMessageContaining("limits.bytesIn");
    }

    @Override
    public void close() throws IOException {
      world.close();
    }
  }

  private Thread thread(Runnable work) {
    return Thread.ofPlatform().name("spawns " + threadsMade.incrementAndGet()).unstarted(work);
  }

  private void round(RealRuntime kind) throws Exception {
    try (var round = new Round(kind)) {
      round.run();
      round.endings.entrySet().removeIf(ending -> ending.getKey().isToldBy(ending.getValue()));
      assertThat(round.endings).as("endings that were told wrongly").isEmpty();
    }
  }

  private static long heapBytes() throws InterruptedException {
    var least = Long.MAX_VALUE;
    for (var i = 0; i < 3; i++) {
      System.gc();
      Thread.sleep(50);
      var runtime = Runtime.getRuntime();
      least = Math.min(least, runtime.totalMemory() - runtime.freeMemory());
    }
    return least;
  }

  @ParameterizedTest
  @EnumSource(
      names = {"UNGROUPED", "UNGROUPED_CONTAINER"},
      mode = EnumSource.Mode.EXCLUDE)
  void nothingIsLeftHoweverALifeEnds(RealRuntime kind) throws Exception {
    // What is loaded and pooled once is not what a life leaves.
    round(kind);
    // The collector first: it closes what other tests left open.
    var heap = heapBytes();
    var before = Machine.ofThisProcess(directory);
    for (var lives = Way.values().length; lives < LIVES; lives += Way.values().length) {
      round(kind);
    }
    var after = Machine.whenLike(before, directory);
    assertThat(after.beyond(before)).as(() -> "what was left; " + Threads.now()).isEmpty();
    assertThat(before.beyond(after)).as("what went").isEmpty();
    assertThat(heapBytes() - heap).as("bytes that the heap grew by").isLessThan(HEAP_BYTES);
  }
}
