package dev.cloister.tor.onion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cloister.core.TimeSource;
import dev.cloister.tor.OnionAddress;
import dev.cloister.tor.control.ControlLimits;
import dev.cloister.tor.control.ScriptedLink;
import dev.cloister.tor.socks.Destination;
import dev.cloister.tor.socks.Isolation;
import dev.cloister.tor.socks.SocksCode;
import dev.cloister.tor.socks.SocksFailure;
import dev.cloister.tor.socks.TorStream;
import dev.cloister.tor.socks.TorStreams;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Which failures are tried again, how often, and what is told at the end. */
@Timeout(30)
final class OnionStreamsTest {
  private static final Destination ONION =
      new Destination(OnionAddress.of(new byte[32]).text(), 80);
  private static final Duration SOON = Duration.ofSeconds(20);
  private static final OnionRetries QUICK =
      new OnionRetries(4, Duration.ofMillis(1), Duration.ofMillis(2), Duration.ofSeconds(3));

  /** What opening gives, in order; after the last, a stream. */
  private final Deque<IOException> outcomes = new ArrayDeque<>();

  private final List<Duration> timeouts = new ArrayList<>();
  private final TorStreams torStreams =
      (_, _, timeout) -> {
        timeouts.add(timeout);
        if (!outcomes.isEmpty()) {
          throw outcomes.poll();
        }
        return new Nothing();
      };
  private final OnionStreams streams =
      OnionStreams.over(torStreams, TimeSource.system()).retries(QUICK);

  /** A stream that is at its end. */
  private static final class Nothing implements TorStream {
    @Override
    public int read(ByteBuffer into) {
      return -1;
    }

    @Override
    public int write(ByteBuffer from) {
      return from.remaining();
    }

    @Override
    public void timeout(Duration most) {}

    @Override
    public void shutdownOutput() {}

    @Override
    public boolean isOpen() {
      return true;
    }

    @Override
    public void close() {}
  }

  private static SocksFailure refused(SocksCode code) {
    return new SocksFailure(code, ONION.toString());
  }

  private void open(Destination to, Duration within) throws IOException {
    streams.open(to, Isolation.none(), within).close();
  }

  private void outcomes(IOException... failures) {
    outcomes.addAll(Arrays.asList(failures));
  }

  @ParameterizedTest
  @EnumSource
  void whatMayHelpIsTriedAgainAndNothingElse(SocksCode code) throws IOException {
    outcomes(refused(code));
    if (code.retriable()) {
      open(ONION, SOON);
      assertThat(timeouts).hasSize(2);
    } else {
      assertThatExceptionOfType(SocksFailure.class)
          .isThrownBy(() -> open(ONION, SOON))
          .satisfies(failure -> assertThat(failure.code()).isEqualTo(code));
      assertThat(timeouts).hasSize(1);
    }
  }

  @Test
  void aTryThatHangsIsCutOffAndTriedAgain() throws IOException {
    outcomes(new SocketTimeoutException("no answer"));
    open(ONION, SOON);
    assertThat(timeouts).hasSize(2).startsWith(QUICK.tryMost());
  }

  @Test
  void theTriesAreBoundedAndTheErrorNamesEveryCause() {
    outcomes(
        refused(SocksCode.ONION_NOT_FOUND),
        refused(SocksCode.ONION_NOT_FOUND),
        new SocketTimeoutException("no answer within 3 s"),
        refused(SocksCode.ONION_INTRODUCTION_FAILED));
    assertThatThrownBy(() -> open(ONION, SOON))
        .isInstanceOf(OnionUnreachable.class)
        .hasMessageContaining(ONION + " was not reached within ")
        .hasMessageContaining("all tries are used up")
        .hasMessageContaining(
            "2 x ONION_NOT_FOUND, 1 x no answer within 3 s, 1 x ONION_INTRODUCTION_FAILED")
        .cause()
        .hasMessageContaining("introduction failed");
    assertThat(timeouts).hasSize(4);
  }

  @Test
  void whatIsFinalAfterSomeTriesEndsThemWithAll() {
    outcomes(refused(SocksCode.ONION_NOT_FOUND), refused(SocksCode.ONION_MISSING_AUTHORIZATION));
    assertThatThrownBy(() -> open(ONION, SOON))
        .isInstanceOf(OnionUnreachable.class)
        .hasMessageContaining("no further try would help")
        .hasMessageContaining("1 x ONION_NOT_FOUND, 1 x ONION_MISSING_AUTHORIZATION");
  }

  @Test
  void theTimeIsForAllTriesTogether() {
    var slow = new OnionRetries(100, Duration.ofMillis(20), Duration.ofMillis(20), SOON);
    for (var i = 0; i < 100; i++) {
      outcomes(refused(SocksCode.ONION_NOT_FOUND));
    }
    assertThatThrownBy(() ->
            streams.retries(slow).open(ONION, Isolation.none(), Duration.ofMillis(200)).close())
        .isInstanceOf(OnionUnreachable.class)
        .hasMessageContaining("the time of PT0.2S is over");
    assertThat(timeouts).hasSizeBetween(2, 15).allMatch(t -> t.toMillis() <= 200);
  }

  @Test
  void aTorThatIsNotThereIsToldAtOnce() {
    outcomes(new ConnectException("nobody listens"));
    assertThatThrownBy(() -> open(ONION, SOON)).isInstanceOf(ConnectException.class);
    outcomes(refused(SocksCode.ONION_NOT_FOUND), new ConnectException("nobody listens"));
    assertThatThrownBy(() -> open(ONION, SOON))
        .hasMessageContaining("1 x ONION_NOT_FOUND, 1 x nobody listens");
  }

  @Test
  void whatIsNoOnionServiceGoesThroughOnce() {
    outcomes(refused(SocksCode.HOST_UNREACHABLE));
    assertThatExceptionOfType(SocksFailure.class)
        .isThrownBy(() -> open(new Destination("a.example", 80), SOON));
    assertThat(timeouts).containsExactly(SOON);
  }

  @Test
  void aMistypedAddressIsNotAskedFor() {
    var mistyped = new Destination("a".repeat(56) + ".onion", 80);
    assertThatExceptionOfType(SocksFailure.class)
        .isThrownBy(() -> open(mistyped, SOON))
        .satisfies(e -> assertThat(e.code()).isEqualTo(SocksCode.ONION_BAD_ADDRESS))
        .havingCause()
        .withMessageContaining("onion address");
    assertThat(timeouts).isEmpty();
  }

  @Test
  void labelsBeforeTheAddressAreTheServicesOwn() throws IOException {
    open(new Destination("www." + ONION.host(), 80), SOON);
    assertThat(timeouts).hasSize(1);
  }

  @Test
  void anInterruptEndsThePause() {
    outcomes(refused(SocksCode.ONION_NOT_FOUND));
    Thread.currentThread().interrupt();
    assertThatThrownBy(() -> open(ONION, SOON)).isExactlyInstanceOf(InterruptedIOException.class);
    assertThat(Thread.interrupted()).isTrue();
  }

  @Test
  void anInterruptOfATryEndsAllTries() {
    outcomes(refused(SocksCode.ONION_NOT_FOUND), new ClosedByInterruptException());
    assertThatThrownBy(() -> open(ONION, SOON)).isInstanceOf(ClosedByInterruptException.class);
    assertThat(timeouts).hasSize(2);
  }

  @Test
  void aDescriptorThatCameEndsThePause() throws IOException {
    var id = ONION.host().substring(0, 56);
    var received = "650 HS_DESC RECEIVED " + id + " NO_AUTH $" + "A".repeat(40) + " desc\r\n";
    try (var control =
        ScriptedLink.control(
            ControlLimits.DEFAULT,
            command -> "250 OK\r\n" + (command.equals("HSFETCH " + id + "\r\n") ? received : ""))) {
      outcomes(refused(SocksCode.ONION_NOT_FOUND));
      var endless = new OnionRetries(2, Duration.ofHours(1), Duration.ofHours(1), SOON);
      streams
          .retries(endless)
          .hearing(control)
          .open(ONION, Isolation.none(), Duration.ofHours(2))
          .close();
    }
    assertThat(timeouts).hasSize(2);
  }

  @Test
  void aControlConnectionThatEndsIsToldWithWhatFailedBefore() throws IOException {
    outcomes(refused(SocksCode.ONION_NOT_FOUND));
    try (var control = ScriptedLink.control(ControlLimits.DEFAULT, _ -> ScriptedLink.CLOSES)) {
      assertThatThrownBy(() -> streams.hearing(control).open(ONION, Isolation.none(), SOON).close())
          .isInstanceOf(OnionUnreachable.class)
          .hasMessageContaining("1 x ONION_NOT_FOUND, 1 x tor closed the control connection");
    }
  }
}
