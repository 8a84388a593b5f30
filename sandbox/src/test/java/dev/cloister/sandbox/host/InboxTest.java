package dev.cloister.sandbox.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.cloister.core.internal.Deadline;
import dev.cloister.sandbox.runtime.Turn;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A function that waits at its inbox and is lent meanwhile. */
@Timeout(60)
final class InboxTest {
  private static final Duration LONG = Duration.ofSeconds(30);
  private static final byte[] MESSAGE = {1, 2, 3};

  /** Does what a test says, on the thread that takes it. */
  private static final class ScriptedTurn implements Turn {
    final List<Thread> takers = new ArrayList<>();
    final CountDownLatch recalled = new CountDownLatch(1);
    Act act = () -> {};
    boolean fits = true;

    private interface Act {
      void run() throws InterruptedException;
    }

    @Override
    public boolean fits(int bytes) {
      return fits;
    }

    @Override
    public void take(byte[] message, Duration atMost) throws InterruptedException {
      takers.add(Thread.currentThread());
      act.run();
    }

    @Override
    public void recall() {
      recalled.countDown();
    }
  }

  private final Inbox inbox = new Inbox(1000);
  private final ScriptedTurn turn = new ScriptedTurn();
  private final CompletableFuture<Optional<byte[]>> received = new CompletableFuture<>();
  private final AtomicBoolean interrupted = new AtomicBoolean();
  private Thread lender = Thread.currentThread();

  @BeforeEach
  void aFunctionWaits() throws InterruptedException {
    lender =
        Thread.ofPlatform()
            .start(() -> {
              try {
                received.complete(inbox.take(LONG, turn));
              } catch (InterruptedException e) {
                received.completeExceptionally(e);
              }
              interrupted.set(Thread.currentThread().isInterrupted());
            });
    while (lender.getState() != Thread.State.TIMED_WAITING) {
      Thread.onSpinWait();
    }
  }

  @AfterEach
  void itsThreadEnds() throws InterruptedException {
    lender.interrupt();
    lender.join();
  }

  private OptionalLong hand() throws InterruptedException {
    return inbox.hand(MESSAGE, Deadline.in(LONG), () -> true);
  }

  @Test
  void whoBringsAMessageServesTheFunctionAndTheLenderWaits() throws InterruptedException {
    turn.act =
        () -> {
          assertThat(inbox.lastTaken()).isZero();
          assertThat(received).isNotDone();
        };
    assertThat(hand()).hasValue(0);
    assertThat(turn.takers).containsExactly(Thread.currentThread());
    assertThat(received.join()).isEmpty();
  }

  @Test
  void aTurnIsTakenOnce() throws InterruptedException {
    assertThat(hand()).hasValue(0);
    assertThat(hand()).isEmpty();
    assertThat(inbox.offer(MESSAGE)).hasValue(1);
  }

  @Test
  void aMessageThatComesMeanwhileWaits() throws InterruptedException {
    turn.act =
        () -> {
          assertThat(inbox.offer(MESSAGE)).hasValue(1);
          assertThat(inbox.lastTaken()).isZero();
        };
    assertThat(hand()).hasValue(0);
    assertThat(received.join()).isEmpty();
    assertThat(inbox.take(LONG)).hasValue(MESSAGE);
  }

  @Test
  void anInterruptedLenderRecallsAndStaysInterrupted() throws InterruptedException {
    turn.act =
        () -> {
          lender.interrupt();
          turn.recalled.await();
        };
    assertThat(hand()).hasValue(0);
    assertThat(received.join()).isEmpty();
    lender.join();
    assertThat(interrupted).isTrue();
  }

  @Test
  void aTurnIsGivenBackHoweverItEnds() {
    turn.act =
        () -> {
          throw new InterruptedException("the caller");
        };
    assertThatExceptionOfType(InterruptedException.class).isThrownBy(this::hand);
    assertThat(received.join()).isEmpty();
  }

  @Test
  void itIsNotTakenWhereSomethingCouldHaveToWait() throws Exception {
    turn.fits = false;
    assertThat(hand()).isEmpty();
    turn.fits = true;
    assertThat(inbox.hand(MESSAGE, Deadline.in(LONG), () -> false)).isEmpty();
    var virtual = new CompletableFuture<OptionalLong>();
    Thread.ofVirtual()
        .start(() -> {
          try {
            virtual.complete(hand());
          } catch (InterruptedException e) {
            virtual.completeExceptionally(e);
          }
        });
    assertThat(virtual.get()).isEmpty();
    inbox.end();
    assertThat(hand()).isEmpty();
    assertThat(turn.takers).isEmpty();
    assertThat(received.join()).isEmpty();
  }
}
