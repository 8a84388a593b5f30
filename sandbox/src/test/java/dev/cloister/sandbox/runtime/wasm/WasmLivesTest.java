package dev.cloister.sandbox.runtime.wasm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cloister.core.policy.Resource;
import dev.cloister.core.testing.RequiresProgram;
import dev.cloister.sandbox.runtime.Ending;
import dev.cloister.sandbox.runtime.Ending.Cause;
import dev.cloister.sandbox.testing.FakeCellApi;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Functions that end in every way there is; afterwards no thread and no memory of theirs is left.
 */
@RequiresProgram("wat2wasm")
final class WasmLivesTest {
  private static final int ROUNDS = 20;
  private static final long HEAP_BYTES = 8L << 20;

  private final Queue<Thread> made = new ConcurrentLinkedQueue<>();
  private final WasmRuntime runtime = WasmRuntime.create(this::thread);

  @TempDir private Path directory;
  private GuestRun.World world;

  private Thread thread(Runnable work) {
    var thread = Thread.ofPlatform().daemon().stackSize(WasmRuntime.STACK_BYTES).unstarted(work);
    made.add(thread);
    return thread;
  }

  @BeforeEach
  void layOut() throws IOException {
    world = GuestRun.World.in(directory);
  }

  private Ending life(byte[] code, boolean stopped) throws Exception {
    var api = FakeCellApi.denying();
    var limits = GuestRun.limits().with(Resource.MEMORY_BYTES, 32L << 20);
    try (var tasks = Executors.newThreadPerTaskExecutor(Executors.defaultThreadFactory());
        var guest = runtime.start(WasmFunctions.launch("one", world.webAssembly(), limits))) {
      var run = tasks.submit(() -> guest.run(code, api));
      if (stopped) {
        api.taken();
        guest.stop(Ending.of(Cause.SHUT_DOWN));
      }
      return run.get(60, TimeUnit.SECONDS);
    }
  }

  private void everyWay() throws Exception {
    var send = "(drop (call $send (i32.const 0) (i32.const 1)))";
    assertThat(life(Assembler.doing(send), false)).isEqualTo(Ending.exited(0));
    assertThat(life(Assembler.doing("unreachable"), false).cause()).isEqualTo(Cause.FAILED);
    assertThat(life(new byte[100], false).cause()).isEqualTo(Cause.FAILED);
    assertThat(life(Assembler.doing("(drop (call $exit (i32.const 3)))"), false))
        .isEqualTo(Ending.exited(3));
    assertThat(life(Assembler.doing(send + "(loop $l (br $l))"), true).cause())
        .isEqualTo(Cause.SHUT_DOWN);
    assertThat(life(Assembler.doing(send + "(drop (call $receive (i32.const -1)))"), true).cause())
        .isEqualTo(Cause.SHUT_DOWN);
    assertThat(life(Assembler.doing("(drop (memory.grow (i32.const 400)))"), false))
        .isEqualTo(Ending.exited(0));
  }

  private static long usedHeap() {
    var least = Long.MAX_VALUE;
    for (var i = 0; i < 4; i++) {
      System.gc();
      least =
          Math.min(least, Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory());
    }
    return least;
  }

  @Test
  void nothingIsLeftOfFunctionsThatEnded() throws Exception {
    everyWay();
    var before = usedHeap();
    for (var i = 0; i < ROUNDS; i++) {
      everyWay();
    }
    assertThat(made).hasSize(7 * (ROUNDS + 1)).noneMatch(Thread::isAlive);
    made.clear();
    assertThat(usedHeap() - before).isLessThan(HEAP_BYTES);
  }

  /** Measured from the word to the ending, on a machine that may be busy: the least of several. */
  @ParameterizedTest
  @ValueSource(strings = {"(loop $l (br $l))", "(loop $l (drop (call $poll)) (br $l))"})
  void anEndlessLoopDiesSoonAfterItIsStopped(String loop) throws Exception {
    var module = Assembler.doing("(drop (call $send (i32.const 0) (i32.const 1)))" + loop);
    assertThat(leastTimeToDie(module, false)).isLessThan(Duration.ofMillis(100));
  }

  @Test
  void anEndlessScriptDiesSoonAfterItIsStopped() throws Exception {
    var script = "cell.send(new Uint8Array(1)); for (;;);".getBytes(StandardCharsets.UTF_8);
    assertThat(leastTimeToDie(script, true)).isLessThan(Duration.ofMillis(100));
  }

  private Duration leastTimeToDie(byte[] code, boolean script) throws Exception {
    var least = Long.MAX_VALUE;
    var image = script ? world.javaScript() : world.webAssembly();
    for (var i = 0; i < 5; i++) {
      var api = FakeCellApi.denying();
      try (var tasks = Executors.newThreadPerTaskExecutor(Executors.defaultThreadFactory());
          var guest = runtime.start(WasmFunctions.launch("one", image, GuestRun.limits()))) {
        var run = tasks.submit(() -> guest.run(code, api));
        api.taken();
        var began = System.nanoTime();
        guest.stop(Ending.of(Cause.SHUT_DOWN));
        run.get(60, TimeUnit.SECONDS);
        least = Math.min(least, System.nanoTime() - began);
      }
    }
    return Duration.ofNanos(least);
  }
}
