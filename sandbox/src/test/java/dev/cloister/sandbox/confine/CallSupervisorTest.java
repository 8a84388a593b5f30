package dev.cloister.sandbox.confine;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cloister.core.testing.RequiresProgram;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Calls that wait for an answer, by guests that make them. */
@RequiresProgram(value = "python3", root = true)
final class CallSupervisorTest {
  private static final String FLOOD =
      """
      import ctypes
      libc = ctypes.CDLL(None, use_errno=True)
      for i in range(5000): libc.syscall(41, 2, 1, 0)
      print('through')
      """;

  @Test
  void aFloodOfRefusedCallsIsCountedInBoundedSteps() throws IOException, InterruptedException {
    try (var child = Guest.spawn(Guest.filter(), FLOOD).start(Guest.THREADS)) {
      child.calls().seal();
      while (child.process().isAlive()) {
        assertThat(child.calls().drain()).isLessThanOrEqualTo(CallSupervisor.CALLS_PER_DRAIN);
        Thread.sleep(1);
      }
      assertThat(child.calls().denied()).contains(new DeniedCall("socket", 5000));
    }
  }

  @Test
  void manyNamesAreCountedTogetherBeyondTheBound() throws IOException, InterruptedException {
    var guest =
        Guest.confined(
            """
            import ctypes
            libc = ctypes.CDLL(None, use_errno=True)
            for i in range(600, 700): libc.syscall(i)
            """);
    assertThat(guest.denied()).hasSize(CallSupervisor.MOST_NAMES + 1);
    assertThat(guest.denied().getLast()).isEqualTo(new DeniedCall(CallSupervisor.OTHERS, 36));
  }

  @Test
  void nobodyThereMeansNobodyIsLetThrough() throws IOException, InterruptedException {
    var code =
        """
        import ctypes
        libc = ctypes.CDLL(None, use_errno=True)
        print(libc.syscall(41, 2, 1, 0), ctypes.get_errno(), flush=True)
        """;
    try (var child = Guest.spawn(Guest.filter(), code).start(Guest.THREADS)) {
      // As the kernel does when this process dies.
      child.calls().close();
      assertThat(child.process().waitFor(30, TimeUnit.SECONDS)).isTrue();
      assertThat(new String(child.process().getInputStream().readAllBytes(), UTF_8).strip())
          .isEqualTo("-1 38");
      assertThat(child.calls().drain()).isZero();
    }
  }

  private static final String EXECUTING =
      """
      import os
      try: os.execv('/bin/echo', ['echo', 'executed'])
      except OSError as e: print(e.errno)
      """;

  @Test
  void aProgramIsStartedBeforeTheSealAndNotAfterIt() throws IOException, InterruptedException {
    try (var child = Guest.spawn(Guest.filter(), EXECUTING).start(Guest.THREADS)) {
      assertThat(child.awaitOutput(Duration.ofSeconds(30))).isTrue();
      assertThat(child.process().getInputStream().readAllBytes()).startsWith('e');
    }
    var guest = Guest.confined(EXECUTING);
    assertThat(guest.output()).isEqualTo("1");
    assertThat(guest.deniedNames()).containsExactly("execve");
  }

  @Test
  void withoutAListenerCallsAreRefusedUnnamed() throws IOException, InterruptedException {
    var code =
        """
        import ctypes
        libc = ctypes.CDLL(None, use_errno=True)
        print(libc.syscall(41, 2, 1, 0), ctypes.get_errno(), flush=True)
        """;
    try (var child = Guest.spawn(Guest.filter(), code).unsupervised().start(Guest.THREADS)) {
      assertThat(child.confinement().callsNamed()).isFalse();
      assertThat(child.confinement().lacks()).anyMatch(line -> line.contains("not named"));
      assertThat(child.process().waitFor(30, TimeUnit.SECONDS)).isTrue();
      assertThat(new String(child.process().getInputStream().readAllBytes(), UTF_8).strip())
          .isEqualTo("-1 1");
    }
  }
}
