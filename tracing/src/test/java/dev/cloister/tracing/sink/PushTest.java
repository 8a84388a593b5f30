package dev.cloister.tracing.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.cloister.core.TimeSource;
import dev.cloister.core.context.ContextPlan;
import dev.cloister.core.context.SealedContext;
import dev.cloister.core.gate.Declaration;
import dev.cloister.core.gate.Egress;
import dev.cloister.core.ledger.HeartbeatVerifier.Verdict;
import dev.cloister.core.ledger.HeartbeatVerifier.Word;
import dev.cloister.core.ledger.HeartbeatWatch;
import dev.cloister.core.posture.Guarantees;
import dev.cloister.core.testing.EgressContract;
import dev.cloister.core.testing.FakePolicy;
import dev.cloister.core.testing.FakePolicy.Line;
import dev.cloister.core.testing.FakeTime;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The contract of every way out, and what a peer can do to one that is pushed. */
@Timeout(60)
final class PushTest extends EgressContract {
  private static final Duration PERIOD = Duration.ofSeconds(10);
  private static final String LINE = "x".repeat(1000);

  @TempDir private Path directory;
  private final FakeTime time = FakeTime.startingAt(Instant.EPOCH);
  private Peer peer;

  PushTest() {}

  @BeforeEach
  void somebodyListens() throws IOException {
    peer = Peer.at(UnixDomainSocketAddress.of(directory.resolve("peer")));
  }

  @AfterEach
  void hangUp() throws IOException {
    peer.close();
  }

  private Push push() {
    return Push.to(directory.resolve("peer").toString());
  }

  @Override
  protected Declaration<Egress> egress() {
    peer.reading();
    return push();
  }

  @Override
  protected String linesSent() throws IOException {
    return peer.lines();
  }

  @Override
  protected List<String> heartbeatsSent() throws IOException {
    return peer.heartbeats();
  }

  private SealedContext seal(Push push) throws IOException {
    return seal(push, time);
  }

  private static SealedContext seal(Push push, TimeSource clock) throws IOException {
    return ContextPlan.named("test", Guarantees.lab())
        .time(clock)
        .heartbeat(PERIOD)
        .parse(FakePolicy.lines())
        .release(FakePolicy.keepingLines())
        .egress(push)
        .seal();
  }

  private static void publish(SealedContext box, int lines) throws IOException {
    try (var batch = box.releases().batch()) {
      for (var i = 0; i < lines; i++) {
        batch.add(new Line(LINE));
        box.publish(batch.take());
      }
    }
  }

  private static long counted(SealedContext box, PushCounter counter) {
    return box.ledger().tally(counter).get();
  }

  private List<Verdict> watched(SealedContext box) throws IOException {
    var watch = HeartbeatWatch.ofOutput(Optional.of(box.identity().publicKey()), PERIOD, time);
    return peer.read().lines().flatMap(line -> watch.line(line).verdict().stream()).toList();
  }

  @Test
  void whatArrivesOverTcpIsWholeAndBound() throws IOException, InterruptedException {
    try (var tcp = Peer.at(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))) {
      var port = ((InetSocketAddress) tcp.address()).getPort();
      var box = seal(Push.to("127.0.0.1:" + port));
      var watch = HeartbeatWatch.ofOutput(Optional.of(box.identity().publicKey()), PERIOD, time);
      publish(box, 5);
      time.advance(PERIOD);
      box.tick();
      box.close();
      while (tcp.heartbeats().size() < 3) {
        Thread.sleep(1);
      }
      assertThat(tcp.read().lines().flatMap(line -> watch.line(line).verdict().stream()))
          .containsExactly(new Verdict(Word.VALID, "", ""));
    }
  }

  @Test
  void aPeerThatDoesNotReadHoldsNobodyUpAndCostsWhatDoesNotFit() throws IOException {
    try (var box = seal(push().bufferBytes(50_000).closeWithin(Duration.ZERO))) {
      publish(box, 2000);
      time.advance(PERIOD);
      box.tick();
      var dropped = counted(box, PushCounter.DROPPED_LINES);
      assertThat(dropped).isPositive();
      assertThat(counted(box, PushCounter.WAITING_BYTES)).isPositive().isLessThanOrEqualTo(50_000);
      // It reads again: what waited comes, and the heartbeat that is next tells of the rest.
      do {
        peer.read();
        box.tick();
      } while (counted(box, PushCounter.WAITING_BYTES) > 0);
      time.advance(PERIOD);
      box.tick();
      // The header is one line more.
      assertThat(peer.lines().lines().count()).isEqualTo(2001 - dropped);
      assertThat(watched(box)).extracting(Verdict::word).containsAnyOf(Word.ALTERED, Word.GAP);
    }
  }

  @Test
  void aPeerThatHangsUpIsCalledAgainAndHearsWholeLines() throws IOException {
    try (var box = seal(push().retryEvery(Duration.ofSeconds(2)))) {
      publish(box, 1);
      peer.hangUp();
      publish(box, 3);
      assertThat(counted(box, PushCounter.CONNECTIONS)).isEqualTo(1);
      assertThat(box.tick()).isEqualTo(Duration.ofSeconds(2).toNanos());
      time.advance(Duration.ofSeconds(2));
      box.tick();
      assertThat(counted(box, PushCounter.CONNECTIONS)).isEqualTo(2);
      publish(box, 1);
      assertThat(peer.lines().lines()).isNotEmpty().allMatch(LINE::equals);
    }
  }

  /** The monotonic one, which should not; the box need not wait until it is there again. */
  @Test
  void aClockThatGoesBackKeepsNobodyFromThePeer() throws IOException {
    var back = new AtomicLong();
    var clock =
        new TimeSource() {
          @Override
          public Instant now() {
            return time.now();
          }

          @Override
          public long nanoTime() {
            return time.nanoTime() - back.get();
          }
        };
    try (var box = seal(push().retryEvery(Duration.ofSeconds(2)), clock)) {
      publish(box, 1);
      peer.hangUp();
      publish(box, 3);
      back.set(Duration.ofHours(1).toNanos());
      box.tick();
      assertThat(counted(box, PushCounter.CONNECTIONS)).isEqualTo(2);
    }
  }

  @Test
  void aPeerThatIsGoneForGoodCostsLinesAndNothingElse() throws IOException {
    var box = seal(push().bufferBytes(10_000));
    peer.close();
    publish(box, 100);
    for (var i = 0; i < 5; i++) {
      time.advance(PERIOD);
      box.tick();
    }
    box.close();
    assertThat(counted(box, PushCounter.CONNECTIONS)).isEqualTo(1);
    assertThat(counted(box, PushCounter.WAITING_BYTES)).isZero();
    // The header and the first heartbeat were sent while the peer was there.
    assertThat(counted(box, PushCounter.DROPPED_LINES)).isEqualTo(100);
    assertThat(counted(box, PushCounter.DROPPED_HEARTBEATS)).isEqualTo(6);
  }

  @Test
  void whatThePeerSaysIsNotHeard() throws IOException {
    try (var box = seal(push())) {
      for (var i = 0; i < 100; i++) {
        peer.say(LINE);
        publish(box, 1);
      }
      assertThat(peer.lines().lines().count()).isEqualTo(101);
    }
  }

  @Test
  void aSealWithNobodyToPushToIsRefusedInOneLine() throws IOException {
    peer.close();
    assertThatIOException()
        .isThrownBy(() -> seal(push()))
        .withMessageContaining("peer cannot be pushed to")
        .withMessageEndingWith("start what listens there before the seal");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "host", "host:", ":80", "host:0", "host:65536", "host:-1", "::1:80", "a:b:80"})
  void whatIsNeitherAHostAndPortNorAPathIsRefused(String target) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Push.to(target))
        .withMessageContaining("allowed are host:port");
  }

  @ParameterizedTest
  @ValueSource(strings = {"host:1", "192.0.2.1:65535", "[::1]:80", "./socket", "/run/socket:80"})
  void whatIsOneIsTaken(String target) {
    assertThat(Push.to(target).target()).isEqualTo(target);
  }
}
