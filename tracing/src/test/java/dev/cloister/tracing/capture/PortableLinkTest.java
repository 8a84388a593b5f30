package dev.cloister.tracing.capture;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cloister.core.Mode;
import dev.cloister.core.ledger.Event;
import dev.cloister.core.ledger.Ledger;
import dev.cloister.core.posture.Guarantee;
import dev.cloister.core.posture.Posture.State;
import dev.cloister.core.testing.RequiresProgram;
import dev.cloister.tracing.TraceCounter;
import dev.cloister.tracing.capture.Taken.Copy;
import dev.cloister.tracing.testing.Endpoint;
import dev.cloister.tracing.testing.Packets;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is sent on a link comes by way of libpcap, or is counted as lost. */
@RequiresProgram(
    value = {"ip", "python3", "tcpdump", "trafgen"},
    root = true)
@Timeout(60)
final class PortableLinkTest {
  private static final int ETHERNET = 1;
  private static final PortableLink LINK = PortableLink.on(Veth.NEAR);

  private final Ledger ledger = Ledger.of(LINK.counters());
  private final List<Copy> given = new ArrayList<>();
  private Veth veth;

  @BeforeEach
  void make() throws IOException {
    veth = Veth.make();
  }

  @AfterEach
  void remove() throws IOException {
    veth.close();
  }

  private static List<byte[]> frames(int count) {
    return IntStream.range(0, count)
        .mapToObj(i ->
            Packets.udp(
                Endpoint.of("10.0.0.1", 1000 + i),
                Endpoint.of("192.0.2.1", 53),
                ("frame " + i).getBytes(US_ASCII)))
        .toList();
  }

  private static List<String> hex(List<byte[]> frames) {
    return frames.stream().map(HexFormat.of()::formatHex).toList();
  }

  private List<String> taken() {
    return given.stream().map(Copy::hex).toList();
  }

  private long count(TraceCounter counter) {
    return ledger.tally(counter).get();
  }

  private void take(PacketSource source, int frames) throws IOException {
    while (given.size() < frames) {
      assertThat(source.poll(frame -> given.add(Copy.of(frame)), 256)).isNotNegative();
    }
    assertThat(given).hasSize(frames);
  }

  @Test
  void framesAreThoseOfTheRing() throws IOException {
    var ring = LiveLink.on(Veth.NEAR);
    var byRing = new ArrayList<Copy>();
    try (var source = veth.open(LINK, ledger);
        var other = veth.open(ring, Ledger.of(ring.counters()))) {
      veth.send(Veth.FAR, frames(100));
      take(source, 100);
      while (byRing.size() < 100) {
        other.poll(frame -> byRing.add(Copy.of(frame)), 256);
      }
    }
    assertThat(taken()).isEqualTo(hex(frames(100)));
    // The time stamps too, which are the kernel's.
    assertThat(given).isEqualTo(byRing);
  }

  @Test
  void whatTheFilterKeepsOutIsNeitherGivenNorLost() throws IOException {
    var filter = PacketFilter.compile("udp src port 1003 or udp src port 1005", ETHERNET);
    try (var source = veth.open(LINK.filter(filter), ledger)) {
      veth.send(Veth.FAR, frames(20));
      take(source, 2);
      source.stop();
      assertThat(source.poll(_ -> {}, 1)).isEqualTo(-1);
    }
    assertThat(taken()).isEqualTo(hex(List.of(frames(20).get(3), frames(20).get(5))));
    assertThat(count(TraceCounter.RECEIVED)).isZero();
  }

  @Test
  void aCutFrameKeepsTheLengthItHad() throws IOException {
    var frame = frames(1).getFirst();
    try (var source = veth.open(LINK.snapBytes(64), ledger)) {
      var longer = Arrays.copyOf(frame, 900);
      veth.send(Veth.FAR, List.of(longer));
      take(source, 1);
      assertThat(taken()).isEqualTo(hex(List.of(Arrays.copyOf(longer, 64))));
    }
    assertThat(given.getFirst().wireLength()).isEqualTo(900);
    assertThat(given.getFirst().linkType()).isEqualTo(ETHERNET);
  }

  @Test
  void whatIsLeftAtTheEndIsCountedToTheFrame() throws IOException {
    try (var source = veth.open(LINK, ledger)) {
      veth.send(Veth.FAR, frames(100));
      while (given.size() < 7) {
        source.poll(frame -> given.add(Copy.of(frame)), 7 - given.size());
      }
      // As the ring does, libpcap hands frames over by blocks, after 10 ms.
      veth.inside("sleep", "0.1");
      source.stop();
      assertThat(source.poll(frame -> given.add(Copy.of(frame)), 7)).isEqualTo(-1);
      assertThat(source.poll(frame -> given.add(Copy.of(frame)), 7)).isEqualTo(-1);
    }
    assertThat(given).hasSize(7);
    assertThat(count(TraceCounter.LOST_UNREAD)).isEqualTo(93);
    assertThat(count(TraceCounter.RECEIVED)).isEqualTo(93);
  }

  @Test
  void aFloodIsGivenOrLostToTheFrame() throws IOException {
    try (var source = veth.open(LINK.bufferBytes(1 << 20), ledger)) {
      var flood =
          veth.inside(
              "sh",
              "-c",
              "echo '{ fill(0x02, 12), const16(0x0800), fill(0x45, 200) }' |"
                  + " trafgen --in - --out far --num 100000 --cpus 1");
      assertThat(flood).contains(" 100000 packets outgoing");
      var frames = 0;
      for (var quiet = 0; quiet < 20; ) {
        var polled = source.poll(_ -> {}, 256);
        frames += polled;
        quiet = polled == 0 ? quiet + 1 : 0;
      }
      assertThat(frames).isPositive();
      assertThat(count(TraceCounter.LOST_IN_RING)).isPositive();
      assertThat(frames + count(TraceCounter.LOST_IN_RING)).isEqualTo(100_000);
      assertThat(count(TraceCounter.RECEIVED)).isEqualTo(count(TraceCounter.LOST_IN_RING));
    }
  }

  @Test
  void aLinkThatGoesDownIsWaitedForAndComesBack() throws IOException {
    try (var source = veth.open(LINK, ledger)) {
      veth.send(Veth.FAR, frames(3));
      take(source, 3);
      veth.down(Veth.NEAR);
      for (var i = 0; i < 20; i++) {
        assertThat(source.poll(_ -> {}, 1)).isZero();
      }
      veth.up(Veth.NEAR);
      veth.send(Veth.FAR, frames(3));
      take(source, 6);
      assertThat(source.damage()).isEmpty();
    }
    assertThat(ledger.events()).isEmpty();
  }

  @Test
  void aLinkThatIsRemovedGivesWhatItHadAndEnds() throws IOException {
    try (var source = veth.open(LINK, ledger)) {
      veth.send(Veth.FAR, frames(300));
      veth.remove();
      while (source.poll(frame -> given.add(Copy.of(frame)), 7) >= 0) {
        // Until the end.
      }
      assertThat(source.damage()).isPresent();
    }
    assertThat(taken()).isEqualTo(hex(frames(300)));
    assertThat(ledger.events().stream().map(Ledger.Entry::event)).containsExactly(Event.LINK_GONE);
    assertThat(count(TraceCounter.LINKS_GONE)).isOne();
    assertThat(count(TraceCounter.LOST_UNREAD)).isZero();
  }

  @Test
  void closedUnderWhoeverPollsItGivesNothingMore() throws Exception {
    var source = veth.open(LINK, ledger);
    var polling =
        Thread.ofPlatform()
            .start(() -> {
              try {
                while (source.poll(_ -> {}, 1) >= 0) {
                  // Until it is closed.
                }
              } catch (IOException e) {
                throw new IllegalStateException(e);
              }
            });
    source.close();
    source.close();
    polling.join();
    assertThat(source.poll(_ -> {}, 1)).isEqualTo(-1);
  }

  @Test
  void itSaysThatItsSocketSends() throws IOException {
    assertThat(veth.inside(LINK::probe))
        .singleElement()
        .satisfies(finding -> {
          assertThat(finding.guarantee()).isEqualTo(Guarantee.CONNECTIONS_CONFINED);
          assertThat(finding.state()).isEqualTo(State.WEAKENED);
          assertThat(finding.evidence()).contains(Veth.NEAR);
        });
    assertThat(LINK.runsIn(Mode.LAB)).isFalse();
  }

  @Test
  void whatCannotBeCapturedFromIsNamed() throws IOException {
    assertThatThrownBy(() -> veth.open(PortableLink.on("nowhere"), ledger))
        .isInstanceOf(NotALink.class)
        .hasMessageContainingAll("interface nowhere", "No such device", "tcpdump -D");
    var bare = PacketFilter.compile("udp", 101);
    assertThatThrownBy(() -> veth.open(LINK.filter(bare), ledger))
        .isInstanceOf(NotALink.class)
        .hasMessageContaining("of link type 1: compile the filter for that");
  }

  @Test
  void settingsOutOfRangeAreRefused() {
    assertThatThrownBy(() -> PortableLink.on(" ")).hasMessageContaining("must be named");
    assertThatThrownBy(() -> LINK.snapBytes(63)).hasMessageContaining("snapBytes 63: allowed are");
    assertThatThrownBy(() -> LINK.snapBytes(262_145)).hasMessageContaining("snapBytes 262145");
    assertThatThrownBy(() -> LINK.bufferBytes(1000)).hasMessageContaining("at least 1048576");
  }
}
