package dev.cloister.tracing.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.cloister.tracing.capture.Taken.Copy;
import dev.cloister.tracing.testing.PcapWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files of the classic format, in all of its variants, and damaged in every place. */
final class PcapFileTest {
  private static final long NOON = 1_700_000_000_000_000_000L;
  private static final int HEADER_BYTES = 24;
  private static final int RECORD_HEADER_BYTES = 16;
  private static final int IPV4 = 228;

  @TempDir private Path directory;

  private Path file() {
    return directory.resolve("capture.pcap");
  }

  private static byte[] bytes(int length, int first) {
    var bytes = new byte[length];
    for (var i = 0; i < length; i++) {
      bytes[i] = (byte) (first + i);
    }
    return bytes;
  }

  /** Writes frames of 10, 11, … bytes, and returns what must be read. */
  private List<Copy> write(ByteOrder order, boolean isNano, int frames) throws IOException {
    var expected = new ArrayList<Copy>();
    try (var out = PcapWriter.to(file(), order, isNano, IPV4)) {
      for (var i = 0; i < frames; i++) {
        var time = NOON + i * 1_000_000_007L;
        var frame = bytes(10 + i, i);
        out.write(time, frame);
        expected.add(Copy.whole(frame, IPV4, isNano ? time : time - time % 1000));
      }
    }
    return expected;
  }

  private static Stream<Arguments> variants() {
    return Stream.of(ByteOrder.BIG_ENDIAN, ByteOrder.LITTLE_ENDIAN)
        .flatMap(order -> Stream.of(Arguments.of(order, false), Arguments.of(order, true)));
  }

  @ParameterizedTest
  @MethodSource("variants")
  void everyByteOrderAndPrecisionIsRead(ByteOrder order, boolean isNano) throws IOException {
    var written = write(order, isNano, 20);

    var taken = Taken.from(file());

    assertThat(taken.frames()).isEqualTo(written);
    assertThat(taken.damage()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"BIG_ENDIAN", "LITTLE_ENDIAN"})
  void recordHeadersOf24BytesAreRead(String name) throws IOException {
    var order = name.equals("BIG_ENDIAN") ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
    var file = ByteBuffer.allocate(HEADER_BYTES + 2 * (24 + 3)).order(order);
    file.putInt(0xa1b2cd34).putInt(0x00020004).putLong(0).putInt(65_535).putInt(1);
    for (var i = 1; i <= 2; i++) {
      file.putInt(i).putInt(5).putInt(3).putInt(3).putLong(-1).put(new byte[] {1, 2, (byte) i});
    }
    Files.write(file(), file.array());

    assertThat(Taken.from(file()).frames())
        .containsExactly(
            Copy.whole(new byte[] {1, 2, 1}, 1, 1_000_005_000L),
            Copy.whole(new byte[] {1, 2, 2}, 1, 2_000_005_000L));
  }

  @Test
  void aFrameThatWasCutKeepsItsLengthOnTheWire() throws IOException {
    try (var out = PcapWriter.to(file())) {
      out.write(NOON, bytes(100, 0), 10, 60, 1514);
    }

    assertThat(Taken.from(file()).frames())
        .containsExactly(
            new Copy(
                Copy.whole(Arrays.copyOfRange(bytes(100, 0), 10, 70), 1, NOON).hex(),
                1514,
                1,
                NOON));
  }

  @Test
  void aFrameIsOnTheWireNoShorterThanItWasCaptured() throws IOException {
    try (var out = PcapWriter.to(file())) {
      out.write(NOON, bytes(60, 0), 0, 60, 0);
    }

    assertThat(Taken.from(file()).frames()).containsExactly(Copy.whole(bytes(60, 0), 1, NOON));
  }

  @Test
  void timesBehind2038AreRead() throws IOException {
    var year2100 = 4_102_444_800_123_456_789L;
    try (var out = PcapWriter.to(file(), ByteOrder.BIG_ENDIAN, true, 1)) {
      out.write(year2100, new byte[1]);
    }

    assertThat(Taken.from(file()).frames()).extracting(Copy::timeNanos).containsExactly(year2100);
  }

  @Test
  void aFrameCheckSequenceInTheLinkTypeIsLeftAside() throws IOException {
    PcapWriter.to(file(), ByteOrder.LITTLE_ENDIAN, false, 0x24000001).close();
    Files.write(file(), record(4, 4, 4), StandardOpenOption.APPEND);

    assertThat(Taken.from(file()).frames()).extracting(Copy::linkType).containsExactly(1);
  }

  /** A little-endian record header, and as many bytes as are there. */
  private static byte[] record(int captured, int onTheWire, int there) {
    return ByteBuffer.allocate(RECORD_HEADER_BYTES + there)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(0)
        .putInt(captured)
        .putInt(onTheWire)
        .array();
  }

  @Test
  void aFileLongerThanTheWindowIsReadWhole() throws IOException {
    var seed = 3L;
    var random = new Random(seed);
    var expected = new ArrayList<Copy>();
    try (var out = PcapWriter.to(file())) {
      for (var i = 0; i < 200; i++) {
        var frame = new byte[random.nextInt(65_536)];
        random.nextBytes(frame);
        out.write(NOON, frame);
        expected.add(Copy.whole(frame, 1, NOON));
      }
    }

    assertThat(Files.size(file())).isGreaterThan(4 << 20);
    assertThat(Taken.from(file()))
        .as("seed %d", seed)
        .isEqualTo(new Taken(expected, Optional.empty()));
  }

  @Test
  void aRecordLargerThanTheWindowIsReadWhereTheFileDeclaresIt() throws IOException {
    var frame = bytes(3 << 20, 0);
    try (var out = PcapWriter.to(file())) {
      out.write(NOON, bytes(20, 0));
      out.write(NOON, frame);
      out.write(NOON, bytes(21, 0));
    }
    declareSnapshot(4 << 20);

    assertThat(Taken.from(file()).frames())
        .containsExactly(
            Copy.whole(bytes(20, 0), 1, NOON),
            Copy.whole(frame, 1, NOON),
            Copy.whole(bytes(21, 0), 1, NOON));
  }

  private void declareSnapshot(int bytes) throws IOException {
    var file = Files.readAllBytes(file());
    ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).putInt(16, bytes);
    Files.write(file(), file);
  }

  @Test
  void everyFrameBeforeACutIsGivenAndTheDamageIsWhereItsRecordBegins() throws IOException {
    var written = write(ByteOrder.LITTLE_ENDIAN, false, 3);
    var whole = Files.readAllBytes(file());
    var begins = new ArrayList<>(List.of(HEADER_BYTES));
    written.forEach(copy -> begins.add(begins.getLast() + RECORD_HEADER_BYTES + copy.wireLength()));

    for (var length = HEADER_BYTES; length <= whole.length; length++) {
      Files.write(file(), Arrays.copyOf(whole, length));
      var kept = length;
      var frames = (int) begins.stream().filter(begin -> begin <= kept).count() - 1;
      var taken = Taken.from(file());

      assertThat(taken.frames()).as("%d bytes", length).isEqualTo(written.subList(0, frames));
      if (begins.contains(length)) {
        assertThat(taken.damage()).as("%d bytes", length).isEmpty();
      } else {
        assertThat(taken.damage().orElseThrow().offset()).isEqualTo((long) begins.get(frames));
        assertThat(taken.damage().orElseThrow().what()).contains("cut off");
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {262_145, 0x7fffffff, -1})
  void anAbsurdLengthIsDamageAtItsRecord(int captured) throws IOException {
    var written = write(ByteOrder.LITTLE_ENDIAN, false, 2);
    var at = Files.size(file());
    Files.write(file(), record(captured, 60, 60), StandardOpenOption.APPEND);

    var taken = Taken.from(file());

    assertThat(taken.frames()).isEqualTo(written);
    assertThat(taken.damage().orElseThrow().offset()).isEqualTo(at);
    assertThat(taken.damage().orElseThrow().what())
        .contains(Integer.toUnsignedString(captured), "262144");
  }

  @Test
  void nothingIsGivenBehindTheFirstDamage() throws IOException {
    write(ByteOrder.LITTLE_ENDIAN, false, 2);
    Files.write(file(), record(-1, 60, 60), StandardOpenOption.APPEND);
    try (var source = PacketFile.at(file()).open()) {
      assertThat(source.poll(_ -> {}, 100)).isEqualTo(2);
      assertThat(source.damage()).isPresent();
      assertThat(source.poll(_ -> {}, 100)).isEqualTo(-1);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 3, 4, 23})
  void aFileWithoutAWholeHeaderIsNoCapture(int length) throws IOException {
    write(ByteOrder.LITTLE_ENDIAN, false, 0);
    Files.write(file(), Arrays.copyOf(Files.readAllBytes(file()), length));

    assertThatExceptionOfType(NotACapture.class)
        .isThrownBy(() -> PacketFile.at(file()).open())
        .withMessageContaining(file().toString())
        .withMessageContaining(length < 4 ? "shorter" : "cut off at byte " + length);
  }

  @ParameterizedTest
  @ValueSource(strings = {"\u0000\u0000\u0000\u0000", "PK\u0003\u0004", "GET /"})
  void anotherBeginningIsNoCapture(String beginning) throws IOException {
    Files.writeString(file(), beginning + "x".repeat(100));

    assertThatExceptionOfType(NotACapture.class)
        .isThrownBy(() -> PacketFile.at(file()).open())
        .withMessageContaining("neither pcap nor pcapng");
  }

  @Test
  void aCompressedFileIsSaidToBeOne() throws IOException {
    Files.write(file(), new byte[] {0x1f, (byte) 0x8b, 8, 0, 0, 0});

    assertThatExceptionOfType(NotACapture.class)
        .isThrownBy(() -> PacketFile.at(file()).open())
        .withMessageContaining("gunzip");
  }

  @Test
  void aPollGivesNoMoreThanWasAskedFor() throws IOException {
    write(ByteOrder.LITTLE_ENDIAN, false, 5);
    try (var source = PacketFile.at(file()).open()) {
      assertThat(source.poll(_ -> {}, 3)).isEqualTo(3);
      assertThat(source.poll(_ -> {}, 3)).isEqualTo(2);
      assertThat(source.poll(_ -> {}, 3)).isEqualTo(-1);
    }
  }

  @Test
  void aSourceThatIsStoppedGivesNothingMore() throws IOException {
    write(ByteOrder.LITTLE_ENDIAN, false, 5);
    try (var source = PacketFile.at(file()).open()) {
      assertThat(source.poll(_ -> source.stop(), 100)).isEqualTo(1);
      assertThat(source.poll(_ -> {}, 100)).isEqualTo(-1);
    }
  }

  @Test
  void whatWasReadAndWhatThereIsAreToldInBytes() throws IOException {
    write(ByteOrder.LITTLE_ENDIAN, false, 2);
    try (var source = PacketFile.at(file()).open()) {
      assertThat(source.bytesTotal()).isEqualTo(Files.size(file()));
      source.poll(_ -> {}, 1);
      assertThat(source.bytesRead()).isEqualTo(HEADER_BYTES + RECORD_HEADER_BYTES + 10);
      source.poll(_ -> {}, 100);
      assertThat(source.bytesRead()).isEqualTo(source.bytesTotal());
    }
  }
}
