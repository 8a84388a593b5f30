package dev.cloister.sandbox.guest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.cloister.core.internal.Deadline;
import dev.cloister.core.testing.FakeTime;
import dev.cloister.sandbox.guest.GuestEnd.Broken;
import dev.cloister.sandbox.guest.GuestEnd.Exited;
import dev.cloister.sandbox.runtime.Turn;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.SynchronousQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A guest that is served by one thread, and lent to another while it waits for a message. */
@Timeout(60)
final class LentTest {
  private static final Duration LONG = Duration.ofSeconds(30);
  private static final Duration SHORT = Duration.ofMillis(50);
  private static final String FOREVER = "\u00ff\u00ff\u00ff\u00ff";

  /** What a guest says, as it comes. */
  private static final class Saying extends InputStream {
    private byte[] said = new byte[0];
    private boolean over;

    synchronized void say(byte[] more) {
      said = Arrays.copyOf(said, said.length + more.length);
      System.arraycopy(more, 0, said, said.length - more.length, more.length);
      notifyAll();
    }

    @Override
    public synchronized void close() {
      over = true;
      notifyAll();
    }

    @Override
    public synchronized int available() {
      return said.length;
    }

    /** An interruption ends the wait, and stays. */
    synchronized boolean comes(Duration atMost) {
      var deadline = Deadline.in(atMost);
      try {
        while (said.length == 0 && !over && !deadline.hasPassed()) {
          wait(deadline.millisLeft());
        }
      } catch (InterruptedException _) {
        Thread.currentThread().interrupt();
      }
      return said.length > 0 || over;
    }

    @Override
    public synchronized int read(byte[] into, int at, int length) {
      while (!comes(Duration.ofDays(1))) {
        if (Thread.currentThread().isInterrupted()) {
          return -1;
        }
      }
      var count = Math.min(length, said.length);
      System.arraycopy(said, 0, into, at, count);
      said = Arrays.copyOfRange(said, count, said.length);
      return count == 0 ? -1 : count;
    }

    @Override
    public int read() {
      throw new UnsupportedOperationException("a byte alone is never read");
    }
  }

  /** Lends to the test, and waits until it gives back. */
  private static final class Lending extends ScriptedApi {
    final BlockingQueue<Turn> turns = new SynchronousQueue<>();
    final BlockingQueue<Boolean> returned = new SynchronousQueue<>();
    final List<Thread> senders = new ArrayList<>();
    Runnable whenSent = () -> {};

    @Override
    public Optional<byte[]> receive(Duration timeout, Turn turn) throws InterruptedException {
      turns.put(turn);
      returned.take();
      return Optional.empty();
    }

    @Override
    public void send(byte[] message) {
      senders.add(Thread.currentThread());
      super.send(message);
      whenSent.run();
    }
  }

  private final Saying guest = new Saying();
  private final ByteArrayOutputStream replies =
      new ByteArrayOutputStream() {
        @Override
        public void write(byte[] bytes) throws IOException {
          if (deaf) {
            throw new IOException("Broken pipe");
          }
          super.write(bytes);
        }
      };
  private final Lending api = new Lending();
  private final Frames frames = new Frames();
  private final CompletableFuture<GuestEnd> end = new CompletableFuture<>();
  private volatile boolean room = true;
  private volatile boolean deaf;
  private Thread lender = Thread.currentThread();
  private int said;

  @BeforeEach
  void aGuestWaitsForAMessage() throws InterruptedException {
    var channel =
        new GuestChannel(
            guest,
            replies,
            new Pipes() {
              @Override
              public boolean haveOutput(Duration atMost) {
                return guest.comes(atMost);
              }

              @Override
              public boolean haveRoom(int bytes) {
                return room && bytes <= 4096;
              }
            });
    say(frames.hello());
    channel.awaitHello(LONG, () -> true, FakeTime.startingAt(ScriptedApi.NOW));
    channel.load(new byte[0]);
    replies.reset();
    lender = Thread.ofPlatform().start(() -> end.complete(channel.serve(api)));
    say(frames.next(0x10, FOREVER));
  }

  @AfterEach
  void itsThreadEnds() throws InterruptedException {
    guest.close();
    lender.interrupt();
    lender.join();
  }

  /** Says what of the frames was not said yet. */
  private void say(Frames all) {
    var bytes = all.bytes();
    guest.say(Arrays.copyOfRange(bytes, said, bytes.length));
    said = bytes.length;
  }

  private void sayHalf(Frames all) {
    var bytes = all.bytes();
    var half = (said + bytes.length) / 2;
    guest.say(Arrays.copyOfRange(bytes, said, half));
    said = half;
  }

  private void giveBack() throws InterruptedException {
    api.returned.put(true);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }

  @Test
  void aMessageIsHandedOverAndAnsweredOnTheThreadThatBroughtIt() throws Exception {
    var turn = api.turns.take();
    assertThat(turn.fits(5)).isTrue();
    say(frames.next(0x12, "answer"));
    turn.take(bytes("hello"), LONG);
    assertThat(api.fromFunction).containsExactly(bytes("answer"));
    assertThat(api.senders).containsExactly(Thread.currentThread());
    assertThat(replies.toByteArray())
        .isEqualTo(new Frames().frame(0x40, 1, "hello").frame(0x40, 2, "").bytes());

    say(frames.next(0x12, "more").next(0x20, "\3"));
    giveBack();
    assertThat(end.join()).isEqualTo(new Exited(3));
    assertThat(api.senders).containsExactly(Thread.currentThread(), lender);
  }

  @Test
  void whatIsHereAlreadyIsNotWaitedFor() throws Exception {
    var turn = api.turns.take();
    say(frames.next(0x12, "first").next(0x10, FOREVER).next(0x12, "second"));
    turn.take(bytes("hello"), LONG);
    giveBack();
    var again = api.turns.take();
    again.take(bytes("hello again"), Duration.ofDays(1));
    assertThat(api.fromFunction).containsExactly(bytes("first"), bytes("second"));
    giveBack();
  }

  @Test
  void anyOtherCallIsLeftToTheThreadThatLent() throws Exception {
    var turn = api.turns.take();
    say(frames.next(0x17, "\0\0\0\1"));
    turn.take(bytes("hello"), LONG);
    assertThat(replies.toByteArray()).isEqualTo(new Frames().frame(0x40, 1, "hello").bytes());
    say(frames.next(0x12, "answer").next(0x20, "\0"));
    giveBack();
    assertThat(end.join()).isEqualTo(new Exited(0));
    assertThat(api.senders).containsExactly(lender);
  }

  @Test
  void oneThatIsLateIsGivenBackWithWhatItHasSaid() throws Exception {
    var turn = api.turns.take();
    sayHalf(frames.next(0x12, "a late answer"));
    turn.take(bytes("hello"), SHORT);
    assertThat(api.fromFunction).isEmpty();
    giveBack();
    say(frames.next(0x20, "\0"));
    assertThat(end.join()).isEqualTo(new Exited(0));
    assertThat(api.fromFunction).containsExactly(bytes("a late answer"));
    assertThat(api.senders).containsExactly(lender);
  }

  @Test
  void oneThatDoesNotReadItsAnswersKeepsNobodyButTheThreadThatLent() throws Exception {
    var turn = api.turns.take();
    room = false;
    assertThat(turn.fits(0)).isFalse();
    room = true;
    assertThat(turn.fits(4096)).isFalse();
    assertThat(turn.fits(4087)).isTrue();
    room = false;
    say(frames.next(0x12, "answer"));
    turn.take(bytes("hello"), LONG);
    assertThat(api.fromFunction).isEmpty();
    giveBack();
    say(frames.next(0x20, "\0"));
    assertThat(end.join()).isEqualTo(new Exited(0));
    assertThat(api.senders).containsExactly(lender);
  }

  @Test
  void oneThatClosedItsInputKeepsNobodyButTheThreadThatLent() throws Exception {
    var turn = api.turns.take();
    deaf = true;
    turn.take(bytes("hello"), Duration.ofDays(1));
    giveBack();
    say(frames.next(0x20, "\4"));
    assertThat(end.join()).isEqualTo(new Exited(4));
  }

  @Test
  void oneThatClosesItsInputAfterTheMessageDoesSoToo() throws Exception {
    var turn = api.turns.take();
    api.whenSent = () -> deaf = true;
    say(frames.next(0x12, "answer"));
    turn.take(bytes("hello"), Duration.ofDays(1));
    assertThat(api.fromFunction).containsExactly(bytes("answer"));
    giveBack();
    guest.close();
    assertThat(end.join()).isEqualTo(new Broken(Breach.NOT_READING));
  }

  @Test
  void howItEndsMeanwhileIsToldByTheThreadThatLent() throws Exception {
    var turn = api.turns.take();
    guest.close();
    turn.take(bytes("hello"), LONG);
    giveBack();
    assertThat(end.join()).isEqualTo(new Broken(Breach.CLOSED));
  }

  @Test
  void whatNoGuestMaySendEndsItAlsoWhileItIsLent() throws Exception {
    var turn = api.turns.take();
    say(frames.frame(0x12, 7, "out of turn"));
    turn.take(bytes("hello"), LONG);
    giveBack();
    assertThat(end.join()).isEqualTo(new Broken(Breach.OUT_OF_TURN));
    assertThat(api.fromFunction).isEmpty();
  }

  @Test
  void itsLastWordIsHeardAlsoWhileItIsLent() throws Exception {
    var turn = api.turns.take();
    say(frames.next(0x20, "\5"));
    turn.take(bytes("hello"), LONG);
    giveBack();
    assertThat(end.join()).isEqualTo(new Exited(5));
  }

  @Test
  void whoIsRecalledGivesUp() throws Exception {
    var turn = api.turns.take();
    var recalling = Thread.ofPlatform().start(turn::recall);
    turn.take(bytes("hello"), Duration.ofDays(1));
    recalling.join();
    giveBack();
  }

  @Test
  void whoIsInterruptedGivesUpAndSaysSo() throws Exception {
    var turn = api.turns.take();
    Thread.currentThread().interrupt();
    assertThatExceptionOfType(InterruptedException.class)
        .isThrownBy(() -> turn.take(bytes("hello"), Duration.ofDays(1)));
    giveBack();
    say(frames.next(0x12, "answer").next(0x20, "\0"));
    assertThat(end.join()).isEqualTo(new Exited(0));
  }
}
