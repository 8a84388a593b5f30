package dev.cloister.tracing.capture;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cloister.tracing.capture.Taken.Copy;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Files of blocks: sections, interfaces, their clocks, and every block that holds a packet. */
final class PcapngFileTest {
  private static final int ETHERNET = 1;
  private static final int IPV4 = 228;
  private static final byte[] DATA = {1, 2, 3, 4, 5};

  /** Microseconds, the clock of an interface that says nothing. */
  private static final long UNITS = 1_700_000_000_123_456L;

  private static final long NANOS = UNITS * 1000;

  @TempDir private Path directory;

  private static Stream<ByteOrder> orders() {
    return Stream.of(ByteOrder.BIG_ENDIAN, ByteOrder.LITTLE_ENDIAN);
  }

  private static PcapngBytes section(ByteOrder order) {
    return new PcapngBytes().section(order);
  }

  private static PcapngBytes section() {
    return section(ByteOrder.LITTLE_ENDIAN);
  }

  private Taken taken(PcapngBytes file) throws IOException {
    return Taken.from(file.writeTo(directory.resolve("capture.pcapng")));
  }

  private List<Copy> frames(PcapngBytes file) throws IOException {
    var taken = taken(file);
    assertThat(taken.damage()).isEmpty();
    return taken.frames();
  }

  private static Copy whole(int linkType, long nanos) {
    return Copy.whole(DATA, linkType, nanos);
  }

  @ParameterizedTest
  @MethodSource("orders")
  void enhancedPacketsAreRead(ByteOrder order) throws IOException {
    assertThat(frames(section(order).described(ETHERNET, 0).enhanced(0, UNITS, DATA)))
        .containsExactly(whole(ETHERNET, NANOS));
  }

  @ParameterizedTest
  @MethodSource("orders")
  void obsoletePacketsAreRead(ByteOrder order) throws IOException {
    assertThat(frames(section(order).described(ETHERNET, 0).old(0, UNITS, DATA)))
        .containsExactly(whole(ETHERNET, NANOS));
  }

  @ParameterizedTest
  @MethodSource("orders")
  void simplePacketsAreReadAndHaveNoTime(ByteOrder order) throws IOException {
    assertThat(frames(section(order).described(ETHERNET, 0).simple(DATA.length, DATA)))
        .containsExactly(whole(ETHERNET, 0));
  }

  @Test
  void aSimplePacketIsCutWhereItsInterfaceCuts() throws IOException {
    var file =
        section().described(ETHERNET, 2).simple(1500, new byte[] {1, 2, 0, 0}).described(IPV4, 0);

    assertThat(frames(file)).containsExactly(new Copy("0102", 1500, ETHERNET, 0));
  }

  @Test
  void aSimplePacketIsOfTheFirstInterface() throws IOException {
    assertThat(frames(section().described(IPV4, 0).described(ETHERNET, 0).simple(5, DATA)))
        .containsExactly(whole(IPV4, 0));
  }

  @Test
  void aPacketThatWasCutKeepsItsLengthOnTheWire() throws IOException {
    assertThat(frames(section().described(ETHERNET, 5).enhanced(0, UNITS, DATA, 1514)))
        .containsExactly(new Copy("0102030405", 1514, ETHERNET, NANOS));
  }

  @Test
  void eachInterfaceHasItsLinkAndItsClock() throws IOException {
    var file =
        section()
            .described(ETHERNET, 6, 0)
            .described(IPV4, 9, 0)
            .enhanced(1, NANOS + 789, DATA)
            .enhanced(0, UNITS, DATA);

    assertThat(frames(file)).containsExactly(whole(IPV4, NANOS + 789), whole(ETHERNET, NANOS));
  }

  @Test
  void eachSectionHasItsByteOrderAndItsInterfaces() throws IOException {
    var file =
        section(ByteOrder.BIG_ENDIAN)
            .described(ETHERNET, 0)
            .enhanced(0, UNITS, DATA)
            .section(ByteOrder.LITTLE_ENDIAN)
            .described(IPV4, 9, 0)
            .enhanced(0, NANOS, DATA)
            .section(ByteOrder.BIG_ENDIAN)
            .described(113, 0)
            .old(0, UNITS, DATA);

    assertThat(frames(file))
        .containsExactly(whole(ETHERNET, NANOS), whole(IPV4, NANOS), whole(113, NANOS));
  }

  /** The last two have more digits than a nanosecond: what is left is the time's beginning. */
  @ParameterizedTest
  @CsvSource({
    "0x00, 1700000000, 1700000000000000000",
    "0x03, 1700000000123, 1700000000123000000",
    "0x06, 1700000000123456, 1700000000123456000",
    "0x09, 1700000000123456789, 1700000000123456789",
    "0x0c, 5123456789012, 5123456789",
    "0x7f, 9223372036854775807, 0",
    "0x80, 1700000000, 1700000000000000000",
    "0x81, 3, 1500000000",
    "0x94, 1782579200131072, 1700000000125000000",
    "0xa0, 7301444403200000000, 1700000000000000000",
    "0xbf, 4611686018427387904, 500000000",
    "0xc0, 4611686018427387904, 250000000",
    "0xc1, 4611686018427387904, 125000000",
    "0xff, 4611686018427387904, 0"
  })
  void timeIsCountedInPowersOfTenAndOfTwo(int resolution, long units, long nanos)
      throws IOException {
    var file = section().described(ETHERNET, resolution, 0).enhanced(0, units, DATA);

    assertThat(frames(file)).containsExactly(whole(ETHERNET, nanos));
  }

  @ParameterizedTest
  @CsvSource({"3600", "-3600", "1700000000"})
  void anOffsetMovesAnInterfacesClock(long seconds) throws IOException {
    for (var order : orders().toList()) {
      var file = section(order).described(ETHERNET, 6, seconds).enhanced(0, 7_200_000_000L, DATA);

      assertThat(frames(file))
          .as("%s", order)
          .containsExactly(whole(ETHERNET, (7200 + seconds) * 1_000_000_000L));
    }
  }

  @Test
  void optionsThatDoNotFitAreLeftAside() throws IOException {
    var file = section();
    var description = file.body().putShort((short) ETHERNET).putShort((short) 0).putInt(0);
    file.block(
            PcapngBytes.INTERFACE, description.putShort((short) 9).putShort((short) 200).putInt(9))
        .enhanced(0, UNITS, DATA);

    assertThat(frames(file)).containsExactly(whole(ETHERNET, NANOS));
  }

  /** Name resolution, statistics, secrets, and a type that nobody has given yet. */
  @ParameterizedTest
  @CsvSource({"4", "5", "10", "0x12345678", "0x80000001"})
  void blocksThatHoldNothingCapturedArePassedOver(String type) throws IOException {
    var file = section().described(ETHERNET, 0);
    file.block(Long.decode(type).intValue(), file.body().putLong(-1)).enhanced(0, UNITS, DATA);

    assertThat(frames(file)).containsExactly(whole(ETHERNET, NANOS));
  }

  @ParameterizedTest
  @CsvSource({"0xbad, 1", "0x40000bad, 1", "9, 0"})
  void whatOnlyItsMakerCanReadIsGivenWithoutALink(String type, int privateNumbers)
      throws IOException {
    var file = section();
    var body = file.body().put(new byte[4 * privateNumbers]).put(new byte[] {1, 2, 3, 4});
    file.block(Integer.decode(type), body);

    assertThat(frames(file)).containsExactly(new Copy("01020304", 4, Frame.NO_LINK, 0));
  }

  @Test
  void aFileLongerThanTheWindowIsReadWhole() throws IOException {
    var data = new byte[60_000];
    var file = section().described(ETHERNET, 0);
    for (var i = 0; i < 50; i++) {
      data[i] = (byte) i;
      file.enhanced(0, UNITS + i, data);
    }
    var frames = frames(file);

    assertThat(file.length()).isGreaterThan(2 << 20);
    assertThat(frames).hasSize(50);
    assertThat(frames.getLast()).isEqualTo(Copy.whole(data, ETHERNET, NANOS + 49_000));
  }

  @Test
  void aSectionAloneIsACaptureWithoutFrames() throws IOException {
    assertThat(frames(section())).isEmpty();
  }
}
