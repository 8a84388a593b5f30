package dev.cloister.core.internal.os;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.cloister.core.NativeCallException;
import dev.cloister.core.internal.os.Confining.Pipe;
import dev.cloister.core.internal.os.Confining.Readiness;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The real calls, from threads that this test can lose. */
@EnabledOnOs(OS.LINUX)
final class ConfiningTest {
  private static final int SIGKILL = 9;
  private static final Duration LONG = Duration.ofSeconds(30);

  private final Confining system = OperatingSystem.current().confining();

  /** Starts a shell whose output is read from the pipe. */
  private int shell(String script, Pipe output) {
    var input = system.pipe();
    var starter =
        system.prepare(
            List.of("/bin/sh", "-c", script),
            List.of("GREETING=hello"),
            "/usr",
            List.of(input.reading(), output.writing(), output.writing()));
    try {
      return starter.start();
    } finally {
      starter.close();
      system.close(input.reading());
      system.close(input.writing());
      system.close(output.writing());
    }
  }

  private Confining.Ending ending(int pid) {
    var descriptor = system.processDescriptor(pid);
    assertThat(system.ready(LONG, descriptor)).containsExactly(Readiness.READABLE);
    system.close(descriptor);
    return system.reap(pid).orElseThrow();
  }

  /** Runs on a thread that ends with what was put on it. */
  private static void onAThreadToLose(Runnable act) throws InterruptedException {
    var failure = new AtomicReference<Throwable>();
    var thread = Thread.ofPlatform().unstarted(act);
    thread.setUncaughtExceptionHandler((_, e) -> failure.set(e));
    thread.start();
    thread.join();
    assertThat(failure.get()).isNull();
  }

  @Test
  void aProgramGetsItsEnvironmentDirectoryAndPipesAndNothingElse() throws IOException {
    var output = system.pipe();
    var pid = shell("echo $GREETING from $(pwd), $(ls /proc/self/fd | wc -l) open; env", output);
    try (var said = new FileInputStream("/proc/self/fd/" + output.reading())) {
      system.close(output.reading());
      // Three, and the one that lists them.
      assertThat(new String(said.readAllBytes(), UTF_8))
          .startsWith("hello from /usr, 4 open\n")
          .doesNotContain("PATH=");
    }
    assertThat(ending(pid).exit()).isZero();
  }

  @Test
  void howItEndedIsToldOnce() {
    var output = system.pipe();
    var ending = ending(shell("exit 7", output));
    system.close(output.reading());
    assertThat(ending.exit()).isEqualTo(7);
    assertThat(ending.peakBytes()).isPositive();
  }

  @Test
  void aKilledGroupTakesTheChildrenOfTheChild() throws IOException {
    var output = system.pipe();
    var pid = shell("sleep 1000 & echo $!; wait", output);
    assertThat(system.ready(LONG, output.reading())).containsExactly(Readiness.READABLE);
    assertThat(system.reap(pid)).isEqualTo(Optional.empty());
    system.killGroup(pid);
    assertThat(ending(pid).exit()).isEqualTo(128 + SIGKILL);
    // The sleeper held the other end too.
    try (var said = new FileInputStream("/proc/self/fd/" + output.reading())) {
      assertThat(said.readAllBytes()).isNotEmpty();
    }
    assertThat(system.ready(LONG, output.reading())).containsExactly(Readiness.ENDED);
    system.close(output.reading());
    system.killGroup(pid);
  }

  @Test
  void aSignalReachesTheLivingAlone() {
    var output = system.pipe();
    var pid = shell("exec sleep 1000", output);
    var descriptor = system.processDescriptor(pid);
    assertThat(system.signal(descriptor, SIGKILL)).isTrue();
    assertThat(ending(pid).exit()).isEqualTo(137);
    assertThat(system.signal(descriptor, SIGKILL)).isFalse();
    system.close(descriptor);
    system.close(output.reading());
  }

  @Test
  void aLimitIsTheOneThatTheKernelShows() throws IOException {
    var output = system.pipe();
    var pid = shell("exec sleep 1000", output);
    system.limit(pid, 7, 17);
    assertThat(Files.readString(Path.of("/proc/" + pid + "/limits")))
        .containsPattern("Max open files +17 +17 ");
    system.killGroup(pid);
    ending(pid);
    system.close(output.reading());
  }

  @ParameterizedTest
  @CsvSource({"/no/such/program,2", "/etc/passwd,13"})
  void aProgramThatCannotRunIsAnErrno(String path, int errno) {
    var input = system.pipe();
    var ends = List.of(input.reading(), input.writing(), input.writing());
    try (var starter = system.prepare(List.of(path), List.of(), "/", ends)) {
      assertThatExceptionOfType(NativeCallException.class)
          .isThrownBy(starter::start)
          .satisfies(e -> assertThat(e.call()).isEqualTo("posix_spawn"))
          .satisfies(e -> assertThat(e.errno()).isEqualTo(errno));
    }
    system.close(input.reading());
    system.close(input.writing());
  }

  @Test
  void aPipeTellsWhetherItHasRoom() throws IOException {
    var pipe = system.pipe();
    var block = new byte[Confining.ROOM_BYTES];
    try (var in = new FileOutputStream("/proc/self/fd/" + pipe.writing())) {
      assertThat(system.hasRoom(pipe.writing())).isTrue();
      while (system.hasRoom(pipe.writing())) {
        in.write(block);
      }
      try (var out = new FileInputStream("/proc/self/fd/" + pipe.reading())) {
        out.readNBytes(block.length);
        assertThat(system.hasRoom(pipe.writing())).isTrue();
        in.write(block);
        assertThat(system.hasRoom(pipe.writing())).isFalse();
      }
      system.close(pipe.reading());
      assertThat(system.hasRoom(pipe.writing())).isTrue();
    }
    system.close(pipe.writing());
  }

  @Test
  void aThreadIsKeptOnAProcessorAndLetGo() throws InterruptedException {
    var all = system.processors();
    assertThat(all.cardinality()).isEqualTo(Runtime.getRuntime().availableProcessors());
    var last = new BitSet();
    last.set(all.length() - 1);
    var seen = new AtomicReference<List<BitSet>>();
    var thread =
        Thread.ofPlatform()
            .start(() -> {
              system.keepOn(0, last);
              var within = system.processors();
              system.keepOn(0, all);
              seen.set(List.of(within, system.processors()));
            });
    thread.join();
    assertThat(seen.get()).containsExactly(last, all);
    assertThat(system.processors()).isEqualTo(all);
    assertThat(system.keepOn(Integer.MAX_VALUE, all)).isFalse();
    assertThatExceptionOfType(NativeCallException.class)
        .isThrownBy(() -> system.keepOn(0, new BitSet()))
        .satisfies(e -> assertThat(e.call()).isEqualTo("sched_setaffinity"));
  }

  @Test
  void aLookAtADescriptorTellsQuietReadableAndEnded() {
    var pipe = system.pipe();
    assertThat(system.ready(Duration.ZERO, pipe.reading())).containsExactly(Readiness.QUIET);
    system.close(pipe.writing());
    assertThat(system.ready(LONG, pipe.reading())).containsExactly(Readiness.ENDED);
    system.close(pipe.reading());
  }

  @Test
  void anUnknownDescriptorOrProcessIsAnErrno() {
    assertThatExceptionOfType(NativeCallException.class)
        .isThrownBy(() -> system.next(-1))
        .satisfies(e -> assertThat(e.errno()).isEqualTo(9));
    assertThatExceptionOfType(NativeCallException.class)
        .isThrownBy(() -> system.allow(-1, "/no/such", 4))
        .withMessage("open failed: ENOENT");
    assertThatExceptionOfType(NativeCallException.class)
        .isThrownBy(() -> system.limit(-1, 7, 1))
        .satisfies(e -> assertThat(e.call()).isEqualTo("prlimit"));
  }

  @Test
  void whatIsPutOnAThreadIsOnNoOther() throws InterruptedException, IOException {
    var seen = new AtomicReference<String>();
    onAThreadToLose(() -> {
      system.refuseNewPrivileges();
      // ld [0]; ret ALLOW
      system.filter(
          new byte[] {0x20, 0, 0, 0, 0, 0, 0, 0, 6, 0, 0, 0, 0, 0, (byte) 0xff, 0x7f}, false);
      try {
        seen.set(Files.readString(Path.of("/proc/thread-self/status")));
      } catch (IOException e) {
        throw new IllegalStateException(e);
      }
    });
    assertThat(seen.get()).contains("NoNewPrivs:\t1", "Seccomp:\t2");
    assertThat(Files.readString(Path.of("/proc/thread-self/status"))).contains("Seccomp:\t0");
  }

  @Test
  void theArchitectureOfThisProcessIsOneOfTheKnown() {
    assertThat(Architecture.current()).isPresent();
    assertThat(Architecture.unknown()).contains("os.arch", "amd64", "aarch64");
  }
}
