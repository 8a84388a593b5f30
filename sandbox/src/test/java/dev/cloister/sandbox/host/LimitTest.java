package dev.cloister.sandbox.host;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.cloister.core.Denied;
import dev.cloister.core.TimeSource;
import dev.cloister.core.policy.Resource;
import dev.cloister.core.testing.RequiresProgram;
import dev.cloister.sandbox.runtime.Ending.Cause;
import dev.cloister.sandbox.runtime.RuntimeLabel.Claim;
import dev.cloister.sandbox.runtime.Usage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every limit that a host says it enforces is reached by a function that wants more: it is told
 * which, and has used at most 5 % or 100 ms beyond it, and nothing at all of what is counted.
 */
@RequiresProgram(
    value = {"python3", "bwrap", "ip", "nft"},
    root = true)
final class LimitTest {
  private static final Duration SLACK = Duration.ofMillis(100);

  @TempDir private Path directory;

  private PythonWorld world(RealRuntime kind) throws IOException {
    return new PythonWorld(directory, PythonWorld.POLICY, kind.open(), TimeSource.system());
  }

  @TestFactory
  Stream<DynamicTest> useBeyondALimitStaysWithinTheSlack() {
    return Arrays.stream(RealRuntime.values()).flatMap(this::ofEach);
  }

  private Stream<DynamicTest> ofEach(RealRuntime kind) {
    try (var world = world(kind)) {
      var claims = world.host.labels().getFirst().claims();
      return Arrays.stream(Excess.values())
          .filter(excess -> claims.get(excess.resource) == Claim.ENFORCED)
          .map(excess -> dynamicTest(kind + " " + excess, () -> reach(kind, excess)));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private void reach(RealRuntime kind, Excess excess) throws Exception {
    try (var world = world(kind)) {
      var limit = excess.resource.amount(excess.limit);
      var cell = world.running(excess.code, excess.resource.label() + ": " + excess.limit);
      var attached = world.attached(cell);
      if (excess == Excess.CPU_SHARE) {
        holdsTheShare(world, attached, cell, limit);
        return;
      }
      if (excess == Excess.BYTES_IN) {
        flood(world, cell);
      }
      var longestGap = endAtLimit(world, attached, excess.resource);
      var usage = attached.usage();
      switch (excess) {
        case CPU_SECONDS -> within(usage.cpuNanos(), limit * 1000, SLACK);
        case WALL_SECONDS -> within(usage.wallNanos(), limit * 1000, SLACK.plusNanos(longestGap));
        case PROCESSES, OPEN_FILES -> assertThat(mostSaid(attached)).isBetween(1L, limit);
        default -> {
          assertThat(usedOf(excess.resource, usage)).isBetween(limit / 2, limit);
        }
      }
      assertThat(filesBytes()).isLessThanOrEqualTo(100_000);
    }
  }

  private static void within(long usedNanos, long limitNanos, Duration slack) {
    assertThat(usedNanos)
        .isBetween(
            limitNanos - SLACK.toNanos(),
            Math.max(limitNanos + slack.toNanos(), limitNanos * 105 / 100));
  }

  private static long usedOf(Resource resource, Usage usage) {
    return switch (resource) {
      case MEMORY_BYTES -> usage.memoryPeakBytes();
      case DISK_BYTES -> usage.diskBytes();
      case BYTES_IN -> usage.bytesIn();
      case BYTES_OUT -> usage.bytesOut();
      case CPU_SECONDS, CPU_SHARE, WALL_SECONDS, PROCESSES, OPEN_FILES ->
          throw new IllegalArgumentException(resource.label());
    };
  }

  /** Ticks as it is asked to; returns the longest time between two, which a busy machine makes. */
  private static long endAtLimit(PythonWorld world, Attachment attached, Resource resource)
      throws Exception {
    var longestGap = 0L;
    var last = System.nanoTime();
    while (attached.ending().isEmpty()) {
      var next = world.host.tick();
      TimeUnit.NANOSECONDS.sleep(Math.clamp(next, 1, 5_000_000));
      var now = System.nanoTime();
      longestGap = Math.max(longestGap, now - last);
      last = now;
    }
    assertThat(attached.ending().orElseThrow().limit()).contains(resource);
    return longestGap;
  }

  private static void flood(PythonWorld world, StartedCell cell) {
    assertThatExceptionOfType(Denied.class)
        .isThrownBy(() -> {
          for (var i = 0; ; i++) {
            world.host.send(PythonWorld.shown(cell), new byte[i * 997 % 9000]);
          }
        });
  }

  /** A share is no amount that is used up: nothing ends, and it never gets more. */
  private static void holdsTheShare(
      PythonWorld world, Attachment attached, StartedCell cell, long millionths) throws Exception {
    var began = System.nanoTime();
    var before = attached.usage().cpuNanos();
    while (System.nanoTime() - began < TimeUnit.MILLISECONDS.toNanos(1500)) {
      world.host.tick();
      Thread.sleep(5);
    }
    var used = attached.usage().cpuNanos() - before;
    var given = (System.nanoTime() - began) / 1_000_000 * millionths;
    assertThat(used)
        .isLessThan(Math.max(given + SLACK.toNanos(), given * 105 / 100))
        .isGreaterThan(0);
    world.host.shutdown(Shown.now(cell.grant().shutdown()));
    assertThat(attached.ending().orElseThrow().cause()).isEqualTo(Cause.SHUT_DOWN);
  }

  /** The largest number that the function sent. */
  private static long mostSaid(Attachment attached) throws InterruptedException {
    var most = 1L;
    while (!attached.isAtEnd()) {
      var message = attached.receive(PythonWorld.LONG).orElseThrow();
      most = Math.max(most, Long.parseLong(new String(message.bytes(), US_ASCII)));
    }
    return most;
  }

  private long filesBytes() throws IOException {
    var sum = 0L;
    try (var files = Files.walk(directory.resolve("cells"))) {
      for (var file : files.filter(Files::isRegularFile).toList()) {
        sum += Files.size(file);
      }
    }
    return sum;
  }
}
