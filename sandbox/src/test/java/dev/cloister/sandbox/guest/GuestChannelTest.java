package dev.cloister.sandbox.guest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.cloister.core.testing.FakeTime;
import dev.cloister.sandbox.guest.GuestEnd.Broken;
import dev.cloister.sandbox.guest.GuestEnd.Exited;
import dev.cloister.sandbox.guest.GuestEnd.HostFailed;
import dev.cloister.sandbox.guest.GuestEnd.Raised;
import dev.cloister.sandbox.guest.GuestEnd.Stopped;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** A hostile guest over streams in memory. */
final class GuestChannelTest {
  private static final Duration DEADLINE = Duration.ofSeconds(10);

  private final ScriptedApi api = new ScriptedApi();
  private final FakeTime time = FakeTime.startingAt(ScriptedApi.NOW);
  private final ByteArrayOutputStream replies = new ByteArrayOutputStream();

  private GuestEnd serve(InputStream guest, OutputStream toGuest) throws InterruptedException {
    var channel = new GuestChannel(guest, toGuest, 1 << 20);
    channel.awaitHello(DEADLINE, () -> false, time);
    channel.load("code".getBytes(UTF_8));
    return channel.serve(api);
  }

  private GuestEnd serve(byte[] guest) throws InterruptedException {
    return serve(new ByteArrayInputStream(guest), replies);
  }

  private GuestEnd serve(Consumer<Frames> says) throws InterruptedException {
    var frames = new Frames().hello();
    says.accept(frames);
    return serve(frames.bytes());
  }

  @Test
  void aGuestIsServedUntilItsEnd() throws InterruptedException {
    assertThat(serve(guest -> guest.next(0x12, "hi").next(0x20, "\7"))).isEqualTo(new Exited(7));
    assertThat(api.fromFunction).containsExactly("hi".getBytes(UTF_8));
    assertThat(replies.toByteArray())
        .isEqualTo(new Frames().frame(0x02, 0, "\0\1\0\20\0\0code").frame(0x40, 1, "").bytes());
  }

  private static Arguments broken(Breach cause, Consumer<Frames> says) {
    var frames = new Frames().hello();
    says.accept(frames);
    return Arguments.of(cause, frames);
  }

  static List<Arguments> breaches() {
    return List.of(
        Arguments.of(Breach.CLOSED, new Frames()),
        Arguments.of(Breach.CLOSED, new Frames().frame(0x01, 0, "cloister\0")),
        Arguments.of(Breach.WRONG_VERSION, new Frames().frame(0x01, 0, "cloister\0\2")),
        Arguments.of(Breach.MALFORMED, new Frames().frame(0x01, 0, "Cloister\0\1")),
        Arguments.of(Breach.OUT_OF_TURN, new Frames().frame(0x01, 1, "cloister\0\1")),
        Arguments.of(Breach.OUT_OF_TURN, new Frames().frame(0x12, 0, "cloister\0\1")),
        Arguments.of(Breach.TOO_LONG, new Frames().frame(0x01, 0, "cloister\0\1more")),
        broken(Breach.CLOSED, guest -> guest.next(0x11, "")),
        broken(Breach.OUT_OF_TURN, Frames::hello),
        broken(Breach.OUT_OF_TURN, guest -> guest.frame(0x11, 0, "")),
        broken(Breach.OUT_OF_TURN, guest -> guest.frame(0x11, 2, "")),
        broken(Breach.OUT_OF_TURN, guest -> guest.frame(0x11, 1, "").frame(0x11, 1, "")),
        broken(Breach.UNKNOWN_TYPE, guest -> guest.next(0x02, "")),
        broken(Breach.UNKNOWN_TYPE, guest -> guest.next(0x40, "")),
        broken(Breach.UNKNOWN_TYPE, guest -> guest.next(0xff, "")),
        broken(Breach.TOO_LONG, guest -> guest.raw(0x7fff_ffff)),
        broken(Breach.TOO_LONG, guest -> guest.raw(-1)),
        broken(Breach.TOO_LONG, guest -> guest.raw((1 << 20) + 1)),
        broken(Breach.MALFORMED, guest -> guest.raw(0)),
        broken(Breach.MALFORMED, guest -> guest.raw(4)),
        broken(Breach.TRUNCATED, guest -> guest.raw(1 << 20)),
        broken(Breach.MALFORMED, guest -> guest.next(0x10, "")),
        broken(Breach.MALFORMED, guest -> guest.next(0x10, "\0\0\0\0\0")),
        broken(Breach.MALFORMED, guest -> guest.next(0x11, "x")),
        broken(Breach.MALFORMED, guest -> guest.next(0x13, "")),
        broken(Breach.MALFORMED, guest -> guest.next(0x13, "n".repeat(256))),
        broken(Breach.MALFORMED, guest -> guest.next(0x13, new byte[] {(byte) 0xff})),
        broken(Breach.MALFORMED, guest -> guest.next(0x14, "\0")),
        broken(Breach.MALFORMED, guest -> guest.next(0x14, "\0\2a")),
        broken(Breach.MALFORMED, guest -> guest.next(0x14, "\0\0a")),
        broken(Breach.MALFORMED, guest -> guest.next(0x15, "")),
        broken(Breach.MALFORMED, guest -> guest.next(0x16, "x")),
        broken(Breach.MALFORMED, guest -> guest.next(0x17, "\0\1\0\1")),
        broken(Breach.MALFORMED, guest -> guest.next(0x18, "x")),
        broken(Breach.MALFORMED, guest -> guest.next(0x19, "\0\1a\0\1b\0\u0081")),
        broken(Breach.MALFORMED, guest -> guest.next(0x19, "\0\1a\0\1b\0\1\0\1c")),
        broken(Breach.MALFORMED, guest -> guest.next(0x1a, "\0\5four")),
        broken(Breach.MALFORMED, guest -> guest.next(0x1b, "n".repeat(4097))),
        broken(Breach.MALFORMED, guest -> guest.next(0x1c, "")),
        broken(Breach.MALFORMED, guest -> guest.next(0x1c, "\0\0")),
        broken(Breach.MALFORMED, guest -> guest.next(0x20, "")),
        broken(Breach.MALFORMED, guest -> guest.next(0x21, "n".repeat(513))));
  }

  @ParameterizedTest
  @MethodSource("breaches")
  void whatNoGuestMaySendEndsItWithTheCause(Breach cause, Frames sent) throws InterruptedException {
    assertThat(serve(sent.bytes())).isEqualTo(new Broken(cause));
  }

  @ParameterizedTest
  @EnumSource
  void everyCauseHasALabel(Breach cause) {
    assertThat(cause.label()).startsWith("breach.");
  }

  @Test
  void aConversationCutAnywhereIsToldAsCut() throws InterruptedException {
    var whole =
        new Frames()
            .hello()
            .next(0x12, "message")
            .next(0x14, "\0\1nvalue")
            .next(0x19, "\0\1u\0\1m\0\1\0\1a\0\1bbody")
            .next(0x21, "Error: x")
            .bytes();
    assertThat(serve(whole)).isEqualTo(new Raised("Error: x"));
    for (var end = 0; end < whole.length; end++) {
      assertThat(serve(Arrays.copyOf(whole, end)))
          .as("cut after %d bytes", end)
          .isIn(new Broken(Breach.CLOSED), new Broken(Breach.TRUNCATED));
    }
  }

  /** Tells the size of each buffer that it is asked to fill. */
  static final class Watched extends FilterInputStream {
    private int largest;
    private long came;
    private final int atOnce;

    Watched(byte[] bytes, int atOnce) {
      super(new ByteArrayInputStream(bytes));
      this.atOnce = atOnce;
    }

    @Override
    public int read(byte[] into, int at, int length) throws IOException {
      largest = Math.max(largest, into.length);
      var count = super.read(into, at, Math.min(length, atOnce));
      came += Math.max(0, count);
      assertThat(into.length).as("buffer").isLessThanOrEqualTo((int) Math.max(8192, 2 * came));
      return count;
    }
  }

  @Test
  void aClaimedLengthIsNotAllocatedBeforeItsBytesArrive() throws InterruptedException {
    var claimed = new Frames().hello().raw(1 << 20).raw(0x12000000);
    var nothing = new Watched(claimed.bytes(), Integer.MAX_VALUE);
    assertThat(serve(nothing, replies)).isEqualTo(new Broken(Breach.TRUNCATED));
    assertThat(nothing.largest).isLessThanOrEqualTo(8192);

    var all = new Frames().hello().next(0x12, new byte[1 << 19]).next(0x20, "\0");
    var message = new Watched(all.bytes(), 1000);
    assertThat(serve(message, replies)).isEqualTo(new Exited(0));
    assertThat(message.largest).isEqualTo(GuestChannel.HEAD_BYTES + (1 << 19));
  }

  @Test
  void aGuestThatNeverGreetsIsGivenUpAtTheDeadline() throws InterruptedException {
    var channel = new GuestChannel(new ByteArrayInputStream(new byte[18]), replies);
    var greeted =
        channel.awaitHello(
            DEADLINE,
            () -> {
              time.advance(Duration.ofSeconds(3));
              return true;
            },
            time);
    channel.load(new byte[0]);
    assertThat(greeted).isFalse();
    assertThat(replies.size()).isZero();
    assertThat(channel.serve(api)).isEqualTo(new Broken(Breach.NO_HELLO));
  }

  @Test
  void aSlowGuestIsServed() throws InterruptedException {
    var bytes = new Frames().hello().next(0x14, "\0\1nvalue").next(0x20, "\0").bytes();
    assertThat(serve(new Watched(bytes, 1), replies)).isEqualTo(new Exited(0));
    assertThat(api.store).containsKey("n");
  }

  private static final class DeafGuest extends OutputStream {
    private int taken;

    @Override
    public void write(int b) throws IOException {
      if (++taken > 40) {
        throw new IOException("Broken pipe");
      }
    }
  }

  @Test
  void aGuestThatTakesNoAnswersIsToldSo() throws InterruptedException {
    var guest = new Frames().hello().next(0x17, "\0\0\1\0").next(0x11, "").bytes();
    assertThat(serve(new ByteArrayInputStream(guest), new DeafGuest()))
        .isEqualTo(new Broken(Breach.NOT_READING));
  }

  @Test
  void aGuestThatWentWithoutItsAnswerHasItsLastWord() throws InterruptedException {
    var guest = new Frames().hello().next(0x17, "\0\0\1\0").next(0x21, "MemoryError").bytes();
    assertThat(serve(new ByteArrayInputStream(guest), new DeafGuest()))
        .isInstanceOfSatisfying(Raised.class, end -> assertThat(end.outOfMemory()).isTrue());
  }

  @Test
  void anAnswerThatFitsNoFrameFails() throws InterruptedException {
    api.store.put("n", new byte[1 << 20]);
    serve(guest -> guest.next(0x13, "n").next(0x20, "\0"));
    assertThat(replies.toString(UTF_8))
        .endsWith("an answer of 1048576 bytes: at most 1048571 fit into a frame");
  }

  @Test
  void aFaultOfTheHostEndsTheServiceAndIsKept() throws InterruptedException {
    var fault = new IllegalStateException("a defect");
    api.failWith(fault);
    assertThat(serve(guest -> guest.next(0x11, ""))).isEqualTo(new HostFailed(fault));
  }

  @Test
  void anInterruptedCallEndsTheServiceAndTheThreadStaysInterrupted() throws InterruptedException {
    var channel =
        new GuestChannel(
            new ByteArrayInputStream(new Frames().hello().next(0x10, "\0\0\1\0").bytes()), replies);
    channel.awaitHello(DEADLINE, () -> true, time);
    channel.load(new byte[0]);
    Thread.currentThread().interrupt();
    assertThat(channel.serve(api)).isEqualTo(new Stopped());
    assertThat(Thread.interrupted()).isTrue();
  }

  @Test
  void theStepsAreTakenOnceAndInOrder() throws InterruptedException {
    var channel = new GuestChannel(new ByteArrayInputStream(new Frames().hello().bytes()), replies);
    assertThatIllegalStateException().isThrownBy(() -> channel.load(new byte[0]));
    assertThatIllegalStateException().isThrownBy(() -> channel.serve(api));
    assertThat(channel.awaitHello(DEADLINE, () -> true, time)).isTrue();
    channel.load(new byte[0]);
    assertThatIllegalStateException().isThrownBy(() -> channel.load(new byte[0]));
    channel.serve(api);
    assertThatIllegalStateException().isThrownBy(() -> channel.serve(api));
  }

  @Test
  void codeThatFitsNoFrameIsRefused() throws InterruptedException {
    var channel =
        new GuestChannel(new ByteArrayInputStream(new Frames().hello().bytes()), replies, 1024);
    channel.awaitHello(DEADLINE, () -> true, time);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> channel.load(new byte[1014]))
        .withMessage("code of 1014 bytes: at most 1013");
    channel.load(new byte[1013]);
    assertThat(replies.size()).isEqualTo(1028);
  }
}
