package dev.cloister.tracing.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cloister.core.Mode;
import dev.cloister.core.ledger.Ledger;
import dev.cloister.core.posture.Guarantee;
import dev.cloister.core.posture.Posture.State;
import dev.cloister.core.testing.RequiresProgram;
import dev.cloister.tracing.TraceCounter;
import dev.cloister.tracing.capture.Taken.Copy;
import java.io.IOException;
import java.util.ArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is sent on a link comes by way of libpcap, or is counted as lost. */
@RequiresProgram(
    value = {"ip", "python3", "tcpdump", "trafgen"},
    root = true)
@Timeout(60)
final class PortableLinkTest extends LinkTests {
  private static final PortableLink LINK = PortableLink.on(Veth.NEAR);

  @Override
  PortableLink link() {
    return LINK;
  }

  @Override
  PortableLink link(PacketFilter filter) {
    return LINK.filter(filter);
  }

  @Override
  PortableLink link(int snapBytes) {
    return LINK.snapBytes(snapBytes);
  }

  /** As the ring's, blocks are handed over after 10 ms. */
  @Override
  void awaitLastBlock() throws InterruptedException {
    Thread.sleep(100);
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
      assertThat(lost()).isPositive();
      assertThat(frames + lost()).isEqualTo(100_000);
      assertThat(count(TraceCounter.RECEIVED)).isEqualTo(lost());
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
    assertThat(lost()).isZero();
    assertThat(ledger.events()).isEmpty();
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
