package dev.cloister.tracing.capture;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cloister.core.ledger.Event;
import dev.cloister.core.ledger.Ledger;
import dev.cloister.core.testing.RequiresProgram;
import dev.cloister.tracing.TraceCounter;
import dev.cloister.tracing.capture.Taken.Copy;
import dev.cloister.tracing.testing.Endpoint;
import dev.cloister.tracing.testing.Packets;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A link of this kernel: what is sent on it comes, or is counted as lost. */
@RequiresProgram(
    value = {"ip", "python3", "tcpdump", "trafgen"},
    root = true)
@Timeout(60)
final class LiveLinkTest extends LinkTests {
  private static final int BARE_IP = 101;
  private static final LiveLink LINK = LiveLink.on(Veth.NEAR);

  @TempDir private Path directory;

  @Override
  LiveLink link() {
    return LINK;
  }

  @Override
  LiveLink link(PacketFilter filter) {
    return LINK.filter(filter);
  }

  @Override
  LiveLink link(int snapBytes) {
    return LINK.snapBytes(snapBytes);
  }

  @Test
  void framesAreThoseThatTcpdumpRecords() throws IOException {
    var file = directory.resolve("by-tcpdump.pcap");
    var frames = frames(100);
    try (var source = veth.open(LINK, ledger)) {
      var tcpdump =
          veth.command(
                  "tcpdump", "-i", Veth.NEAR, "-n", "-U", "--nano", "-c", "100", "-w", file + "")
              .redirectErrorStream(true)
              .start();
      // What it says first is that it listens.
      assertThat(tcpdump.getInputStream().read()).isPositive();
      veth.send(Veth.FAR, frames);
      assertThat(tcpdump.onExit().join().exitValue()).isZero();
      take(source, 100);
    }
    assertThat(taken()).isEqualTo(hex(frames));
    assertThat(given)
        .usingRecursiveComparison()
        .ignoringFields("timeNanos")
        .isEqualTo(Taken.from(file).frames());
    // Both are told the kernel's one time stamp.
    assertThat(given.stream().map(Copy::timeNanos))
        .isEqualTo(Taken.from(file).frames().stream().map(Copy::timeNanos).toList());
  }

  @Test
  void aProgramOfTcpdumpIsAFilter() throws IOException {
    var program = veth.inside("tcpdump", "-ddd", "-i", Veth.NEAR, "udp src port 1007");
    var text = program.lines().filter(line -> !line.startsWith("Warning")).toList();
    try (var source = veth.open(LINK.filter(PacketFilter.parse(String.join("\n", text))), ledger)) {
      veth.send(Veth.FAR, frames(20));
      take(source, 1);
    }
    assertThat(taken()).isEqualTo(hex(List.of(frame(1007, "frame 7"))));
  }

  @ParameterizedTest
  @CsvSource({"8100,64", "88a8,64", "8100,1000"})
  void aTagThatTheInterfaceTookOffStandsInTheFrameAgain(String type, int snap) throws IOException {
    var plain = HexFormat.of().formatHex(frame(2000, "tagged".repeat(20)));
    var tagged = plain.substring(0, 24) + type + "6007" + plain.substring(24);
    try (var source = veth.open(LINK.snapBytes(snap), ledger)) {
      veth.send(Veth.FAR, List.of(HexFormat.of().parseHex(tagged)));
      take(source, 1);
    }
    assertThat(taken()).containsExactly(tagged.substring(0, Math.min(tagged.length(), 2 * snap)));
    assertThat(given.getFirst().wireLength()).isEqualTo(tagged.length() / 2);
  }

  @Test
  void whatFindsTheRingFullIsCountedToTheFrame() throws IOException {
    var frames = frames(5000);
    try (var source = veth.open(LINK.ring(4 * 4096, 4096), ledger)) {
      veth.send(Veth.FAR, frames);
      take(source, frames.size());
      assertThat(lost()).isPositive();
      // The first fill the ring; from then on it has room again.
      assertThat(taken()).isEqualTo(hex(frames.subList(0, given.size())));
      veth.send(Veth.FAR, frames(10));
      take(source, frames.size() + 10);
      assertThat(taken()).endsWith(hex(frames(10)).toArray(String[]::new));
    }
    assertThat(ledger.tally(TraceCounter.RECEIVED).get()).isEqualTo(lost());
  }

  /** A flood of another process, at full speed, while a slow reader takes it. */
  @Test
  void aFloodIsGivenOrLostToTheFrame() throws IOException {
    try (var source = veth.open(LINK.ring(16 * 4096, 4096), ledger)) {
      var flood =
          veth.command(
                  "sh",
                  "-c",
                  "echo '{ fill(0x02, 12), const16(0x0800), fill(0x45, 200) }' |"
                      + " trafgen --in - --out far --num 200000 --cpus 1")
              .redirectErrorStream(true)
              .start();
      var count = new int[1];
      while (flood.isAlive()) {
        source.poll(_ -> count[0]++, 256);
      }
      assertThat(new String(flood.getInputStream().readAllBytes(), US_ASCII))
          .contains(" 200000 packets outgoing");
      for (var quiet = 0; quiet < 2; ) {
        quiet = source.poll(_ -> count[0]++, 256) == 0 ? quiet + 1 : 0;
      }
      assertThat(count[0] + lost()).isEqualTo(200_000);
      assertThat(count[0]).isPositive();
    }
  }

  @Test
  void aLinkThatGoesDownIsWaitedForAndComesBack() throws IOException {
    try (var source = veth.open(LINK, ledger)) {
      veth.send(Veth.FAR, frames(3));
      take(source, 3);
      veth.down(Veth.NEAR);
      var begun = System.nanoTime();
      for (var i = 0; i < 10; i++) {
        assertThat(source.poll(_ -> {}, 1)).isZero();
      }
      // The first is woken by the kernel; the others wait, and don't spin.
      assertThat(System.nanoTime() - begun).isGreaterThan(TimeUnit.MILLISECONDS.toNanos(9 * 40));
      assertThat(events()).containsExactly(Event.LINK_DOWN);
      veth.up(Veth.NEAR);
      while (events().size() < 2) {
        source.poll(_ -> {}, 1);
      }
      veth.send(Veth.FAR, frames(3));
      take(source, 6);
    }
    assertThat(events()).containsExactly(Event.LINK_DOWN, Event.LINK_UP);
    assertThat(ledger.tally(TraceCounter.LINK_DOWNS).get()).isOne();
  }

  @Test
  void aLinkThatIsDownWhenItIsOpenedIsWaitedFor() throws IOException {
    veth.down(Veth.NEAR);
    try (var source = veth.open(LINK, ledger)) {
      while (events().isEmpty()) {
        assertThat(source.poll(_ -> {}, 1)).isZero();
      }
      veth.up(Veth.NEAR);
      while (events().size() < 2) {
        source.poll(_ -> {}, 1);
      }
      veth.send(Veth.FAR, frames(3));
      take(source, 3);
    }
    assertThat(events()).containsExactly(Event.LINK_DOWN, Event.LINK_UP);
  }

  @Test
  void aGroupSharesTheFlowsAndNoFrameComesTwice() throws IOException {
    var there = Endpoint.of("192.0.2.1", 53);
    var frames =
        IntStream.range(0, 1000)
            .mapToObj(i -> {
              var here = Endpoint.of("10.0.0.1", 1000 + i % 100);
              var data = ("frame " + i).getBytes(US_ASCII);
              return i % 200 < 100
                  ? Packets.udp(here, there, data)
                  : Packets.udp(there, here, data);
            })
            .toList();
    var link = LINK.fanoutGroup(4711);
    var second = new ArrayList<Copy>();
    try (var one = veth.open(link, ledger);
        var other = veth.open(link, Ledger.of(link.counters()))) {
      veth.send(Veth.FAR, frames);
      while (given.size() + second.size() < frames.size()) {
        one.poll(frame -> given.add(Copy.of(frame)), 256);
        other.poll(frame -> second.add(Copy.of(frame)), 256);
      }
    }
    assertThat(Stream.concat(given.stream(), second.stream()).map(Copy::hex))
        .containsExactlyInAnyOrderElementsOf(hex(frames));
    assertThat(flows(given)).isNotEmpty().doesNotContainAnyElementsOf(flows(second));
    assertThat(flows(second)).isNotEmpty();
  }

  /** The client's port, on whichever side it stands. */
  private static List<Integer> flows(List<Copy> frames) {
    return frames.stream()
        .map(frame -> {
          var source = Integer.parseInt(frame.hex().substring(68, 72), 16);
          return source == 53 ? Integer.parseInt(frame.hex().substring(72, 76), 16) : source;
        })
        .distinct()
        .toList();
  }

  @Test
  void onALoopbackEachFrameComesOnce() throws IOException {
    veth.up("lo");
    try (var source = veth.open(LiveLink.on("lo"), ledger)) {
      veth.inside(
          "/usr/bin/python3",
          "-c",
          "import socket; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
              + "for i in range(5): s.sendto(b'hello %d' % i, ('127.0.0.1', 9))");
      // Each is answered: nobody has that port.
      take(source, 10);
      assertThat(source.poll(_ -> {}, 1)).isZero();
    }
    assertThat(given).extracting(Copy::linkType).containsOnly(ETHERNET);
  }

  @Test
  void aTunnelGivesBareIp() throws IOException {
    veth.ip("tuntap", "add", "bare", "mode", "tun");
    veth.up("bare");
    var packet = Arrays.copyOfRange(frame(2000, "bare"), 14, 46);
    try (var source = veth.open(LiveLink.on("bare"), ledger)) {
      veth.inside(
          "/usr/bin/python3",
          "-c",
          """
          import fcntl, os, struct
          tun = os.open('/dev/net/tun', os.O_RDWR)
          fcntl.ioctl(tun, 0x400454ca, struct.pack('16sH22x', b'bare', 0x1001))
          os.write(tun, bytes.fromhex('%s'))
          """
              .formatted(HexFormat.of().formatHex(packet)));
      take(source, 1);
    }
    assertThat(taken()).isEqualTo(hex(List.of(packet)));
    assertThat(given.getFirst().linkType()).isEqualTo(BARE_IP);
  }

  @Test
  void oneViewOfOneArrayIsGivenAgainAndAgain() throws IOException {
    Set<Object> views = Collections.newSetFromMap(new IdentityHashMap<>());
    try (var source = veth.open(LINK.ring(64 << 12, 4096), ledger)) {
      for (var i = 0; i < 5; i++) {
        veth.send(Veth.FAR, frames(100));
        var count = new int[1];
        while (count[0] < 100) {
          source.poll(
              frame -> {
                count[0]++;
                views.add(frame);
                views.add(frame.bytes());
              },
              256);
        }
      }
    }
    assertThat(views).hasSize(2);
  }
}
