package dev.cloister.sandbox.runtime.wasm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cloister.core.policy.Resource;
import dev.cloister.core.testing.RequiresProgram;
import dev.cloister.sandbox.runtime.Ending;
import dev.cloister.sandbox.runtime.Ending.Cause;
import dev.cloister.sandbox.testing.FakeCellApi;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Modules that reach beyond their memory, their stack, their tables and their time. */
@RequiresProgram("wat2wasm")
final class BoundsEscapeTest {
  private static final String NO_ANSWER_IS_VALID =
      "(if (i32.ge_s (local.get $n) (i32.const 0)) (then (drop (call $send (i32.const 0) (i32.const"
          + " 1)))))";

  @TempDir private Path directory;
  private GuestRun.World world;

  @BeforeEach
  void layOut() throws Exception {
    world = GuestRun.World.in(directory);
  }

  static Stream<String> callsBeyondTheMemory() {
    return Stream.of(
            "2097151 2", "2097152 1", "2147483647 8", "-1 8", "-8 -1", "0 -1", "0 2147483647")
        .flatMap(span -> {
          var at = "(i32.const " + span.split(" ", -1)[0] + ")";
          var pair = at + " (i32.const " + span.split(" ", -1)[1] + ")";
          var good = "(i32.const 0) (i32.const 1) ";
          return Stream.of(
              "send " + pair,
              "get " + pair,
              "delete " + pair,
              "tor " + pair,
              "put " + pair + good,
              "put " + good + pair,
              "call " + pair + good,
              "call " + good + pair,
              "fetch " + pair + good + good + good,
              "fetch " + good + pair + good + good,
              "fetch " + good + good + pair + good,
              "fetch " + good + good + "(i32.const 0) (i32.const 0)" + pair);
        });
  }

  @ParameterizedTest
  @MethodSource("callsBeyondTheMemory")
  void aCallWithMemoryThatIsNotItsOwnDoesNothing(String call) throws Exception {
    var run =
        world.module(Assembler.doing("(local.set $n (call $" + call + "))" + NO_ANSWER_IS_VALID));
    assertThat(run.sent()).isEmpty();
    if (!run.ending().equals(Ending.exited(0))) {
      assertThat(run.ending().detail()).contains("out of bounds");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "(i32.store (i32.const 2097149) (i32.const 1))",
        "(i32.store (i32.const -4) (i32.const 1))",
        "(i32.store offset=4294967295 (i32.const 1) (i32.const 1))",
        "(drop (i64.load (i32.const 2147483647)))",
        "(drop (i64.load offset=2147483647 (i32.const 2147483647)))",
        "(memory.fill (i32.const 2097000) (i32.const 1) (i32.const 1000))",
        "(memory.fill (i32.const 1) (i32.const 1) (i32.const -1))",
        "(memory.copy (i32.const 0) (i32.const 2097000) (i32.const 1000))",
        "(memory.copy (i32.const 2097000) (i32.const 0) (i32.const 1000))",
        "(memory.copy (i32.const 0) (i32.const -1) (i32.const -1))",
        "(call $fail (i32.const -1) (i32.const 9))",
        "(drop (call $list)) (drop (call $take (i32.const 2097152) (i32.const 1)))",
        "(unreachable)",
        "(drop (i32.div_s (i32.const 1) (i32.const 0)))",
        "(drop (i32.trunc_f32_s (f32.const nan)))"
      })
  void anInstructionBeyondItsBoundsTraps(String instruction) throws Exception {
    var run = world.module(Assembler.doing(instruction));
    assertThat(run.ending().cause()).isEqualTo(Cause.FAILED);
    assertThat(run.ending().detail()).startsWith("trap: ");
  }

  @ParameterizedTest
  @CsvSource({"0, 1", "10000, 255", "900, 1", "1100, 255", "65535, 255", "-1, 255"})
  void theMemoryGrowsToTheLimitAndNoFurther(int pages, int answer) throws Exception {
    var run =
        world.module(
            Assembler.doing(
                "(i32.store8 (i32.const 0) (select (i32.const 255) (i32.const 1)"
                    + "(i32.lt_s (memory.grow (i32.const "
                    + pages
                    + ")) (i32.const 0)))) (drop (call $send (i32.const 0) (i32.const 1)))"));
    assertThat(run.number()).isEqualTo(answer);
    assertThat(run.usage().memoryPeakBytes()).isLessThanOrEqualTo(64L << 20);
  }

  @Test
  void aTableGrowsToItsBoundAndNoFurther() throws Exception {
    var run =
        world.module(
            Assembler.program(
                """
                (table $t 1 funcref)
                (func (export "_start")
                  (i32.store (i32.const 0)
                    (table.grow $t (ref.null func) (i32.const 65535)))
                  (i32.store (i32.const 4) (table.grow $t (ref.null func) (i32.const 1)))
                  (drop (call $send (i32.const 0) (i32.const 8))))
                """));
    assertThat(run.sent().getFirst()).containsExactly(1, 0, 0, 0, -1, -1, -1, -1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "(func $f (call $f)) (func (export \"_start\") (call $f))",
        "(func $f (export \"_start\") (call $f))",
        "(func $f (param i32) (result i32) (i32.add (i32.const 1) (call $f (local.get 0))))"
            + "(func (export \"_start\") (drop (call $f (i32.const 1))))",
        "(table 1 funcref) (elem (i32.const 0) $f) (type $v (func))(func $f (call_indirect (type"
            + " $v) (i32.const 0))) (func (export \"_start\") (call $f))",
        "(func $f (drop (call $poll)) (call $f)) (func (export \"_start\") (call $f))"
      })
  void deepRecursionIsAnEndingWithItsReason(String definitions) throws Exception {
    var run = world.module(Assembler.program(definitions));
    assertThat(run.ending().cause()).isEqualTo(Cause.FAILED);
    assertThat(run.ending().detail()).startsWith("call stack exhausted");
    var next = world.module(Assembler.doing("(drop (call $send (i32.const 0) (i32.const 1)))"));
    assertThat(next.ending()).isEqualTo(Ending.exited(0));
  }

  static Stream<String> endless() {
    return Stream.of(
        "(func (export \"_start\") (loop $l (br $l)))",
        "(func $s (loop $l (br $l))) (start $s) (func (export \"_start\"))",
        "(func (export \"_start\") (loop $l (drop (call $poll)) (br $l)))",
        "(func (export \"_start\") (loop $l (drop (call $time)) (br $l)))",
        "(func (export \"_start\") (loop $l (br_if $l (i32.const 1))))",
        "(func (export \"_start\") (loop $l (br_table $l $l (i32.const 7))))",
        "(func (export \"_start\") (loop $l"
            + "(memory.fill (i32.const 0) (i32.const 7) (i32.const 2097152)) (br $l)))",
        "(func (export \"_start\") (loop $l"
            + "(memory.copy (i32.const 1) (i32.const 0) (i32.const 2097151)) (br $l)))",
        "(func $f) (func (export \"_start\") (loop $l (call $f) (br $l)))",
        "(func (export \"_start\") (loop $l (drop (memory.grow (i32.const 1))) (br $l)))",
        "(func $f (param i32) (if (local.get 0) (then"
            + " (call $f (i32.sub (local.get 0) (i32.const 1)))"
            + " (call $f (i32.sub (local.get 0) (i32.const 1))))))"
            + " (func (export \"_start\") (call $f (i32.const 60)))");
  }

  @ParameterizedTest
  @MethodSource("endless")
  void whatNeverEndsIsEndedByItsLimitOfTime(String definitions) throws Exception {
    var limits = GuestRun.limits().with(Resource.CPU_SECONDS, "0.3");
    var run = GuestRun.of(world.webAssembly(), Assembler.program(definitions), limits);
    assertThat(run.ending().limit()).isEqualTo(Optional.of(Resource.CPU_SECONDS));
    assertThat(run.usage().cpuNanos()).isBetween(300_000_000L, 2_000_000_000L);
  }

  /** What waits uses no time, and is ended when it is told to. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "(drop (call $receive (i32.const -1)))",
        "(i64.store (i32.const 24) (i64.const 3600000000000))"
            + "(drop (call $sleep (i32.const 0) (i32.const 512) (i32.const 1) (i32.const 600)))",
        "(i64.store (i32.const 24) (i64.const -1))"
            + "(drop (call $sleep (i32.const 0) (i32.const 512) (i32.const 1) (i32.const 600)))"
      })
  void whatWaitsEndsWhenItIsStopped(String waiting) throws Exception {
    var module =
        Assembler.module(
            """
            (module
              (import "cell" "receive" (func $receive (param i32) (result i32)))
              (import "cell" "send" (func $send (param i32 i32) (result i32)))
              (import "wasi_snapshot_preview1" "poll_oneoff"
                (func $sleep (param i32 i32 i32 i32) (result i32)))
              (memory (export "memory") 1)
              (func (export "_start") (drop (call $send (i32.const 0) (i32.const 1))) %s))
            """
                .formatted(waiting));
    var api = FakeCellApi.denying();
    var why = Ending.of(Cause.SHUT_DOWN);
    try (var tasks = Executors.newThreadPerTaskExecutor(Executors.defaultThreadFactory());
        var guest =
            GuestRun.RUNTIME.start(
                WasmFunctions.launch("one", world.webAssembly(), GuestRun.limits()))) {
      var run = tasks.submit(() -> guest.run(module, api));
      assertThat(api.taken()).hasSize(1);
      guest.stop(why);
      assertThat(run.get(10, TimeUnit.SECONDS)).isEqualTo(why);
    }
  }
}
