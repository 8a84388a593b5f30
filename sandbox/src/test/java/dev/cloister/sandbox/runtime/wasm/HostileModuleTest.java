package dev.cloister.sandbox.runtime.wasm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cloister.core.policy.Resource;
import dev.cloister.core.testing.RequiresProgram;
import dev.cloister.sandbox.runtime.Ending;
import dev.cloister.sandbox.runtime.Ending.Cause;
import java.io.ByteArrayOutputStream;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Modules that are none, that ask for what there is not, or that are made to cost their reader. */
@RequiresProgram("wat2wasm")
final class HostileModuleTest {
  private static final String START = "(func (export \"_start\"))";
  private static final String MEMORY = "(memory (export \"memory\") 1)";
  private static final int MUTATIONS = 400;

  @TempDir private Path directory;
  private GuestRun.World world;

  @BeforeEach
  void layOut() throws Exception {
    world = GuestRun.World.in(directory);
  }

  private void refused(byte[] module, String why) throws Exception {
    var run = world.module(module);
    assertThat(run.ending().cause()).isEqualTo(Cause.FAILED);
    assertThat(run.ending().detail()).contains(why);
    assertThat(run.sent()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          (import "env" "abort" (func))                          | it imports env.abort: allowed are
          (import "cell" "open" (func))                          | it imports cell.open
          (import "wasi_snapshot_preview1" "exec" (func))        | it imports wasi_snapshot_preview1.exec
          (import "wasi_unstable" "fd_close" (func))             | it imports wasi_unstable.fd_close
          (import "cell" "send" (func))                          | it imports cell.send as
          (import "cell" "send" (func (param i64 i32)))          | it imports cell.send as
          (import "cell" "send" (global i32))                    | it imports cell.send
          (import "cell" "send" (table 1 funcref))               | it imports cell.send
          (import "wasi_snapshot_preview1" "proc_exit" (func))   | it imports wasi_snapshot_preview1.proc_exit as
          (memory 1)                                             | 2 entries in the memory section
          (memory 1 1 shared)                                    | 2 entries in the memory section
          (table 65537 funcref)                                  | tables of 65537 entries
          (table 4294967295 funcref)                             |
          (type (struct (field i32)))                            | a type of form 95
          (type (array i32))                                     | a type of form 94
          (func (drop (v128.const i64x2 0 0)))                   |
          (func (drop (i32.atomic.load (i32.const 0))))          |
          (func (return_call 0))                                 | instruction RETURN_CALL
          (tag (param i32)) (func (throw 0 (i32.const 1)))       |
          (func (try (do)))                                      |
          (data (i32.const 65536) "x")                           | out of bounds
          (data (i32.const -1) "x")                              | out of bounds
          (func $s unreachable) (start $s)                       | unreachable
          """)
  void whatThereIsNotIsRefusedByName(String definition, String why) throws Exception {
    var module =
        definition.contains("import")
            ? "(module " + definition + MEMORY + START + ")"
            : "(module " + MEMORY + START + definition + ")";
    refused(Assembler.module(module), why == null ? "" : why);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          (module)                                                                  | 0 memories
          (module (memory 1) (func (export "_start")))                              | no memory named memory
          (module (memory (export "memory") 1))                                     | no function named _start
          (module (memory (export "memory") 1) (global (export "_start") i32 (i32.const 1))) | no function named _start
          (module (memory (export "memory") 1) (func (export "_start") (param i32)))  | must be () -> ()
          (module (memory (export "memory") 1) (func (export "_start") (result i32) (i32.const 1))) | must be () -> ()
          (module (memory (export "memory") 1 1 shared) (func (export "_start")))   | shared
          (module (import "cell" "memory" (memory 1)) (func (export "_start")))     | 0 memories
          """)
  void whatIsNoProgramIsRefused(String module, String why) throws Exception {
    refused(Assembler.module(module), why);
  }

  @Test
  void aMemoryThatBeginsAboveTheLimitIsTheLimits() throws Exception {
    var run =
        world.module(Assembler.module("(module (memory (export \"memory\") 2000)" + START + ")"));
    assertThat(run.ending().limit()).contains(Resource.MEMORY_BYTES);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "00",
        "0061736d",
        "0061736d02000000",
        "7f454c46",
        "0061736d0100000001ffffffff0f",
        "0061736d010000000d00",
        "0061736d01000000ff00",
        "0061736d010000000a05ffffffff0f00",
        "0061736d010000000b06ffffffff0f0000",
        "0061736d010000000b0801004100" + "0bffffffff0f",
        "0061736d0100000001808080808080808080"
      })
  void whatIsNoModuleIsRefused(String hex) throws Exception {
    refused(HexFormat.of().parseHex(hex), "");
  }

  /** Sections of many entries in few bytes, or of more bytes than a reader should hold. */
  @ParameterizedTest
  @CsvSource({
    "3, a0c21e, entries in the function section",
    "10, a0c21e, entries in the code section",
    "1, a0c21e, entries in the type section",
    "10, 01ffff7f, a function of",
    "10, 010801ffffffff0f7f0b0b, size of",
    "11, 010041000bffffffff07, announced",
    "11, 0105, mode"
  })
  void aSectionThatLiesIsRefused(int id, String content, String why) throws Exception {
    var bytes = HexFormat.of().parseHex(content);
    var module = new ByteArrayOutputStream();
    module.writeBytes(HexFormat.of().parseHex("0061736d01000000"));
    module.write(id);
    module.write(bytes.length);
    module.writeBytes(bytes);
    refused(module.toByteArray(), why);
  }

  @Test
  void aModuleThatIsTooLongIsRefused() throws Exception {
    var module = Arrays.copyOf(HexFormat.of().parseHex("0061736d01000000"), (4 << 20) + 1);
    refused(module, "at most 4194304");
  }

  @Test
  void manyLocalsAreRefused() throws Exception {
    var locals = " (local" + " i64".repeat(1025) + ")";
    refused(Assembler.module("(module " + MEMORY + START + "(func" + locals + "))"), "1024 locals");
  }

  /** Nothing of it fits a method of the JVM; it is interpreted, or ends at its limit of time. */
  @ParameterizedTest
  @ValueSource(ints = {1, 40})
  void functionsTooLargeToCompileEndWithinTheirLimits(int functions) throws Exception {
    var large =
        "(func (param i32) (result i32) (local.get 0)"
            + "(i32.const 99999)(i32.add)".repeat(12_000)
            + ")";
    var module = "(module " + MEMORY + START + large.repeat(functions) + ")";
    var limits =
        GuestRun.limits().with(Resource.CPU_SECONDS, "3").with(Resource.MEMORY_BYTES, 512L << 20);
    var run = GuestRun.of(world.webAssembly(), Assembler.module(module), limits);
    assertThat(run.usage().cpuNanos()).isLessThan(6_000_000_000L);
    assertThat(
            run.ending().equals(Ending.exited(0))
                || run.ending().limit().filter(Resource.CPU_SECONDS::equals).isPresent())
        .as(run.ending().toString())
        .isTrue();
  }

  @ParameterizedTest
  @ValueSource(ints = {1_000, 20_000})
  void deepNestingIsSurvived(int depth) throws Exception {
    var body = "(func" + "(block".repeat(depth) + ")".repeat(depth) + ")";
    // The assembler nests too, and not as deep: binary.
    var run =
        world.module(
            depth > 1_000
                ? nested(depth)
                : Assembler.module("(module " + MEMORY + START + body + ")"));
    assertThat(run.ending().cause()).isIn(Cause.EXITED, Cause.FAILED);
  }

  /** One function, exported as the entry, of blocks within blocks. */
  private static byte[] nested(int depth) {
    var body = new ByteArrayOutputStream();
    body.write(0);
    for (var i = 0; i < depth; i++) {
      body.write(0x02);
      body.write(0x40);
    }
    for (var i = 0; i <= depth; i++) {
      body.write(0x0b);
    }
    var module = new ByteArrayOutputStream();
    module.writeBytes(
        HexFormat.of()
            .parseHex(
                "0061736d01000000010401600000030201000503010001071302066d656d6f727902000"
                    + "65f7374617274"
                    + "0000"));
    var code = new ByteArrayOutputStream();
    code.write(1);
    number(code, body.size());
    code.writeBytes(body.toByteArray());
    module.write(10);
    number(module, code.size());
    module.writeBytes(code.toByteArray());
    return module.toByteArray();
  }

  private static void number(ByteArrayOutputStream to, int value) {
    var left = value;
    while (left > 0x7f) {
      to.write((left & 0x7f) | 0x80);
      left >>>= 7;
    }
    to.write(left);
  }

  /** Whatever bytes come: an ending, no exception, and the next function runs. */
  @Test
  void aDamagedModuleIsSurvived() throws Exception {
    var seed = Long.getLong("cloister.seed", 20261122);
    var random = new Random(seed);
    var good =
        Assembler.program(
            """
            (table 4 funcref) (elem (i32.const 0) $f) (data (i32.const 0) "some data")
            (global $g (mut i32) (i32.const 7))
            (func $f (param i32) (result i32) (local i64)
              (block (loop (br_if 1 (i32.const 1))) (global.set $g (i32.const 9)))
              (i32.load offset=4 (local.get 0)))
            (func (export "_start") (drop (call $f (i32.const 16)))
              (drop (call $send (i32.const 0) (i32.const 9))))
            """);
    var limits = GuestRun.limits().with(Resource.CPU_SECONDS, "1");
    for (var i = 0; i < MUTATIONS; i++) {
      var bad = good.clone();
      for (var changes = 1 + random.nextInt(4); changes > 0; changes--) {
        bad[random.nextInt(bad.length)] = (byte) random.nextInt(256);
      }
      var run = GuestRun.of(world.webAssembly(), bad, limits);
      assertThat(run.ending().cause())
          .as("seed %d, mutation %d: %s", seed, i, run.ending())
          .isIn(Cause.EXITED, Cause.FAILED, Cause.LIMIT);
    }
    assertThat(world.module(good).said()).isEqualTo("some data");
  }
}
