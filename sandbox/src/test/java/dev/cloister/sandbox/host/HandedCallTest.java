package dev.cloister.sandbox.host;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.cloister.core.TimeSource;
import dev.cloister.core.testing.RequiresProgram;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Calls to a process, each of which its caller serves himself where he can. */
@RequiresProgram("python3")
@Timeout(120)
final class HandedCallTest {
  private static final Duration SHORT = Duration.ofMillis(100);
  private static final String ECHO =
      """
      import cell
      while (message := cell.receive()) is not None:
          cell.send(message)
      """;

  @TempDir private Path directory;
  private PythonWorld world;

  @BeforeEach
  void open() throws IOException {
    world =
        new PythonWorld(
            directory, PythonWorld.POLICY, RealRuntime.PROCESS.open(), TimeSource.system());
  }

  @AfterEach
  void close() throws IOException {
    world.close();
  }

  private byte[] call(StartedCell cell, String message, Duration deadline) throws IOException {
    return world.host.call(PythonWorld.shown(cell), message.getBytes(UTF_8), deadline);
  }

  private String answer(StartedCell cell, String message) throws IOException {
    return new String(call(cell, message, PythonWorld.LONG), UTF_8);
  }

  /** Each asks for its own, some too much for a pipe. */
  private Callable<Integer> caller(StartedCell cell, int number) {
    return () -> {
      for (var i = 0; i < 100; i++) {
        var message = number + "." + i + "x".repeat(i % 50 == 49 ? 40_000 : 0);
        assertThat(answer(cell, message)).isEqualTo(message);
      }
      return number;
    };
  }

  @Test
  void manyCallersOnThreadsOfBothKindsGetEachHisOwnAnswer() throws Exception {
    var cell = world.running(ECHO);
    try (var platform = Executors.newCachedThreadPool();
        var virtual = Executors.newVirtualThreadPerTaskExecutor()) {
      var callers =
          IntStream.range(0, 6)
              .mapToObj(i -> (i < 3 ? platform : virtual).submit(caller(cell, i)))
              .toList();
      assertThat(callers).extracting(Future::get).containsExactly(0, 1, 2, 3, 4, 5);
    }
  }

  @Test
  void whatAFunctionAsksBeforeItsAnswerIsAnswered() throws IOException {
    var cell =
        world.running(
            """
            import cell
            while (message := cell.receive()) is not None:
                cell.store.put("last", message)
                cell.send(cell.store.get("last") + b"%d" % len(cell.random(3)))
            """);
    for (var i = 0; i < 200; i++) {
      assertThat(answer(cell, i + ":")).isEqualTo(i + ":3");
    }
  }

  @Test
  void anAnswerThatComesTooLateIsNotTheNextOnes() throws IOException {
    var cell =
        world.running(
            """
            import cell, time
            while (message := cell.receive()) is not None:
                time.sleep(0.5)
                cell.send(message)
            """);
    for (var i = 0; i < 3; i++) {
      assertThatExceptionOfType(IOException.class)
          .isThrownBy(() -> call(cell, "late", SHORT))
          .withMessageStartingWith("no answer within");
      assertThat(answer(cell, "in time")).isEqualTo("in time");
    }
  }

  @Test
  void aCallOfAFunctionThatIsShutDownMeanwhileFailsAtOnce() throws Exception {
    var cell =
        world.running(
            """
            import cell, time
            cell.receive()
            time.sleep(100)
            """);
    var called = new CompletableFuture<Void>();
    var caller =
        Thread.ofPlatform()
            .start(() -> {
              try {
                call(cell, "shut down", PythonWorld.LONG);
                called.complete(null);
              } catch (IOException e) {
                called.completeExceptionally(e);
              }
            });
    while (caller.getState() != Thread.State.RUNNABLE && caller.isAlive()) {
      Thread.onSpinWait();
    }
    Thread.sleep(SHORT);
    world.host.shutdown(Shown.now(cell.grant().shutdown()));
    caller.join();
    assertThat(called).isCompletedExceptionally();
    assertThatExceptionOfType(Exception.class)
        .isThrownBy(called::get)
        .withMessageContaining("the function ended without an answer");
  }

  @Test
  void aCallerWhoIsInterruptedGivesTheFunctionBack() throws Exception {
    var cell =
        world.running(
            """
            import cell, time
            while (message := cell.receive()) is not None:
                cell.store.put("received", message)
                time.sleep(1 if message == b"slow" else 0)
                cell.send(message)
            """);
    var interrupted = new CompletableFuture<Boolean>();
    var caller =
        Thread.ofPlatform()
            .start(() -> {
              try {
                call(cell, "slow", PythonWorld.LONG);
                interrupted.complete(false);
              } catch (IOException _) {
                interrupted.complete(Thread.currentThread().isInterrupted());
              }
            });
    Thread.sleep(SHORT);
    caller.interrupt();
    assertThat(interrupted.get()).isTrue();
    assertThat(answer(cell, "after")).isEqualTo("after");
  }

  /** It could read what it wrote itself, so that nothing is left when the host has looked. */
  @Test
  void noneOpensItsPipesAgain() throws Exception {
    var cell =
        world.running(
            """
            import cell
            refused = 0
            for end, mode in (cell._channel.sink, "rb"), (cell._channel.source, "wb"):
                try:
                    open("/proc/self/fd/%d" % end, mode, buffering=0)
                except OSError:
                    refused += 1
            while (message := cell.receive()) is not None:
                cell.send(b"%d" % refused)
            """);
    assertThat(answer(cell, "both?")).isEqualTo("2");
  }

  /** Its answers fill the pipe, more or less. */
  @ParameterizedTest
  @ValueSource(ints = {0, 6_000, 6_800, 7_000, 7_150, 7_250, 7_280})
  void oneThatDoesNotReadItsAnswersHoldsNoCallerBeyondHisTime(int unread) throws Exception {
    var cell =
        world.running(
            """
            import cell, time
            for i in range(%d):
                cell._channel.write(0x11)
            cell._channel.write(0x10, b"\\xff\\xff\\xff\\xff")
            time.sleep(100)
            """
                .formatted(unread));
    for (var length : new int[] {1, 1_000, 4_000, 5_000}) {
      assertThatExceptionOfType(IOException.class)
          .isThrownBy(() -> call(cell, "x".repeat(length), SHORT))
          .withMessageMatching("no answer within.*|the function takes no message now.*");
    }
  }
}
