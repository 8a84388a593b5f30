package dev.cloister.tracing.capture;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cloister.core.gate.Declaration;
import dev.cloister.core.ledger.Event;
import dev.cloister.core.ledger.Ledger;
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

/** What is sent on a link comes, or is counted as lost, by whichever way it is captured. */
abstract class LinkTests {
  static final int ETHERNET = 1;

  final Ledger ledger = Ledger.of(List.of(TraceCounter.values()));
  final List<Copy> given = new ArrayList<>();
  Veth veth;

  /** Declares the near end. */
  abstract Declaration<PacketSource> link();

  abstract Declaration<PacketSource> link(PacketFilter filter);

  /** Declares it with so little of each frame. */
  abstract Declaration<PacketSource> link(int snapBytes);

  @BeforeEach
  final void make() throws IOException {
    veth = Veth.make();
  }

  @AfterEach
  final void remove() throws IOException {
    veth.close();
  }

  static byte[] frame(int port, String text) {
    return Packets.udp(
        Endpoint.of("10.0.0.1", port), Endpoint.of("192.0.2.1", 53), text.getBytes(US_ASCII));
  }

  static List<byte[]> frames(int count) {
    return IntStream.range(0, count).mapToObj(i -> frame(1000 + i, "frame " + i)).toList();
  }

  static List<String> hex(List<byte[]> frames) {
    return frames.stream().map(HexFormat.of()::formatHex).toList();
  }

  final List<String> taken() {
    return given.stream().map(Copy::hex).toList();
  }

  final long count(TraceCounter counter) {
    return ledger.tally(counter).get();
  }

  final List<Event> events() {
    return ledger.events().stream().map(Ledger.Entry::event).toList();
  }

  final long lost() {
    return count(TraceCounter.LOST_IN_RING);
  }

  /** Polls until so many frames were given and lost; what else comes fails the test. */
  final void take(PacketSource source, int frames) throws IOException {
    while (given.size() + lost() < frames) {
      assertThat(source.poll(frame -> given.add(Copy.of(frame)), 256)).isNotNegative();
    }
    assertThat(given.size() + lost()).isEqualTo(frames);
  }

  @Test
  final void whatTheFilterKeepsOutIsNeitherGivenNorLost() throws IOException {
    var filter = PacketFilter.compile("udp src port 1003 or udp src port 1005", ETHERNET);
    try (var source = veth.open(link(filter), ledger)) {
      veth.send(Veth.FAR, frames(20));
      take(source, 2);
      source.stop();
      assertThat(source.poll(_ -> {}, 1)).isEqualTo(-1);
    }
    assertThat(taken()).isEqualTo(hex(List.of(frame(1003, "frame 3"), frame(1005, "frame 5"))));
    assertThat(count(TraceCounter.RECEIVED)).isZero();
  }

  @Test
  final void aCutFrameKeepsTheLengthItHad() throws IOException {
    var frame = frame(2000, "x".repeat(900));
    try (var source = veth.open(link(64), ledger)) {
      veth.send(Veth.FAR, List.of(frame));
      take(source, 1);
    }
    assertThat(taken()).isEqualTo(hex(List.of(Arrays.copyOf(frame, 64))));
    assertThat(given.getFirst().wireLength()).isEqualTo(frame.length);
    assertThat(given.getFirst().linkType()).isEqualTo(ETHERNET);
  }

  @Test
  final void whatIsLeftAtTheEndIsCountedToTheFrame() throws Exception {
    try (var source = veth.open(link(), ledger)) {
      veth.send(Veth.FAR, frames(100));
      while (given.size() < 7) {
        source.poll(frame -> given.add(Copy.of(frame)), 7 - given.size());
      }
      awaitLastBlock();
      source.stop();
      assertThat(source.poll(frame -> given.add(Copy.of(frame)), 7)).isEqualTo(-1);
      assertThat(source.poll(frame -> given.add(Copy.of(frame)), 7)).isEqualTo(-1);
    }
    assertThat(given).hasSize(7);
    assertThat(count(TraceCounter.LOST_UNREAD)).isEqualTo(93);
    assertThat(count(TraceCounter.RECEIVED)).isEqualTo(93);
  }

  /** Waits, where what is left is counted by reading it, until all of it can be read. */
  void awaitLastBlock() throws InterruptedException {}

  @Test
  final void aLinkThatIsRemovedGivesWhatItHadAndEnds() throws IOException {
    try (var source = veth.open(link(), ledger)) {
      veth.send(Veth.FAR, frames(300));
      veth.remove();
      while (source.poll(frame -> given.add(Copy.of(frame)), 7) >= 0) {
        // Until the end.
      }
      assertThat(source.damage()).isPresent();
    }
    assertThat(taken()).isEqualTo(hex(frames(300)));
    assertThat(events()).containsExactly(Event.LINK_GONE);
    assertThat(count(TraceCounter.LINKS_GONE)).isOne();
    assertThat(count(TraceCounter.LOST_UNREAD)).isZero();
  }
}
