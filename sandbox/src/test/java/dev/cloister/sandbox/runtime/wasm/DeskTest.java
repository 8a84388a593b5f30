package dev.cloister.sandbox.runtime.wasm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.cloister.sandbox.guest.DirectCalls;
import dev.cloister.sandbox.testing.FakeCellApi;
import java.util.concurrent.Executors;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class DeskTest {
  private final Desk desk = new Desk();
  private final DirectCalls calls = new DirectCalls(FakeCellApi.denying());

  @Test
  void aCallIsAnsweredToWhoLaidIt() throws Exception {
    try (var executor = Executors.newVirtualThreadPerTaskExecutor()) {
      var asked = executor.submit(() -> desk.ask(_ -> "answer"));
      desk.next().orElseThrow().carry(calls);
      desk.answered();
      assertThat(asked.get(30, TimeUnit.SECONDS)).isEqualTo("answer");
    }
  }

  @Test
  void aCallWhoseCallerWasInterruptedIsNotCarried() throws Exception {
    Thread.currentThread().interrupt();
    assertThatExceptionOfType(InterruptedException.class)
        .isThrownBy(() -> desk.ask(_ -> "nobody waits for it"));
    var taken = new FutureTask<>(desk::next);
    var taker = Thread.ofPlatform().start(taken);
    while (!taken.isDone() && taker.getState() != Thread.State.WAITING) {
      Thread.onSpinWait();
    }
    assertThat(taken.isDone()).isFalse();
    desk.leave();
    assertThat(taken.get()).isEmpty();
  }

  @Test
  void nothingIsTakenWhenTheCallerHasLeft() throws InterruptedException {
    desk.leave();
    assertThat(desk.next()).isEmpty();
  }
}
