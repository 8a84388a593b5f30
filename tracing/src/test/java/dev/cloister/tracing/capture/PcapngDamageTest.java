package dev.cloister.tracing.capture;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cloister.tracing.capture.Taken.Copy;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Whatever is wrong with a file of blocks, the frames before it are given, and its place is told.
 */
final class PcapngDamageTest {
  private static final byte[] DATA = {1, 2, 3, 4, 5};
  private static final Copy FRAME = Copy.whole(DATA, 1, 1_000_000);

  @TempDir private Path directory;

  private static Stream<ByteOrder> orders() {
    return Stream.of(ByteOrder.BIG_ENDIAN, ByteOrder.LITTLE_ENDIAN);
  }

  /** A section, an interface and one frame: what is put behind is the damage. */
  private static PcapngBytes sound(ByteOrder order) {
    return new PcapngBytes().section(order).described(1, 0).enhanced(0, 1000, DATA);
  }

  private static PcapngBytes sound() {
    return sound(ByteOrder.LITTLE_ENDIAN);
  }

  private Taken taken(byte[] file) throws IOException {
    return Taken.from(Files.write(directory.resolve("capture.pcapng"), file));
  }

  /** Checks that the sound frame is given, and the damage told. */
  private void check(PcapngBytes file, long offset, String... what) throws IOException {
    var taken = taken(file.bytes());

    assertThat(taken.frames()).containsExactly(FRAME);
    assertThat(taken.damage().orElseThrow().offset()).isEqualTo(offset);
    assertThat(taken.damage().orElseThrow().what()).contains(what);
  }

  @ParameterizedTest
  @MethodSource("orders")
  void everyFrameBeforeACutIsGivenAndTheDamageIsWhereItsBlockBegins(ByteOrder order)
      throws IOException {
    var file = new PcapngBytes();
    var ends = new ArrayList<>(List.of(0));
    for (var i = 0; i < 2; i++) {
      ends.add(file.section(order).length());
      ends.add(file.described(1, 6, 0).length());
      ends.add(file.enhanced(0, 1000, DATA).length());
      ends.add(file.simple(DATA.length, DATA).length());
    }
    // How many frames are whole when so many blocks are.
    var frames = List.of(0, 0, 0, 1, 2, 2, 2, 3, 4);

    for (var length = 4; length <= file.length(); length++) {
      var kept = length;
      var blocks = (int) ends.stream().filter(end -> end <= kept).count() - 1;
      var taken = taken(Arrays.copyOf(file.bytes(), length));

      assertThat(taken.frames()).as("%d bytes", length).hasSize(frames.get(blocks));
      if (ends.contains(length)) {
        assertThat(taken.damage()).as("%d bytes", length).isEmpty();
      } else {
        assertThat(taken.damage().orElseThrow().offset()).isEqualTo((long) ends.get(blocks));
        assertThat(taken.damage().orElseThrow().what()).contains("cut off");
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 4, 8, 11, 13, 14, (32 << 20) + 4, 0x7ffffffc, -4})
  void anAbsurdLengthIsDamageWhereItStands(int length) throws IOException {
    var file = sound();
    var at = file.length();
    var block = file.body().putInt(5).putInt(length).putLong(0).putLong(0);

    check(file.raw(block), at + 4L, "a block of " + Integer.toUnsignedString(length) + " bytes");
  }

  @ParameterizedTest
  @MethodSource("orders")
  void aWrongTrailerIsDamageWhereItStands(ByteOrder order) throws IOException {
    var file = sound(order);
    var block = file.body().putInt(5).putInt(20).putLong(0).putInt(24);

    check(file.raw(block), file.length() - 4L, "a block of 20 bytes ends as one of 24");
  }

  @Test
  void aSectionOfNoByteOrderIsDamage() throws IOException {
    var file = sound();
    var at = file.length();
    var block =
        ByteBuffer.allocate(28)
            .putInt(0x0a0d0d0a)
            .putInt(28)
            .putInt(0x11223344)
            .putLong(-1)
            .putInt(0)
            .putInt(28);

    check(file.raw(block), at + 8L, "byte-order magic 11223344");
  }

  @Test
  void aPacketOfAnInterfaceThatNobodyDescribedIsDamage() throws IOException {
    var file = sound();
    var at = file.length();

    check(file.enhanced(1, 1000, DATA), at + 8L, "interface 1", "has described 1");
  }

  @Test
  void anObsoletePacketOfAnInterfaceThatNobodyDescribedIsDamage() throws IOException {
    var file = sound();
    var at = file.length();

    check(file.old(65_535, 1000, DATA), at + 8L, "interface 65535", "has described 1");
  }

  @Test
  void interfacesEndWithTheirSection() throws IOException {
    var file = sound().section(ByteOrder.BIG_ENDIAN);
    var at = file.length();

    check(file.enhanced(0, 1000, DATA), at + 8L, "interface 0", "has described 0");
  }

  @Test
  void aSimplePacketBeforeAnyInterfaceIsDamage() throws IOException {
    var file = sound().section(ByteOrder.BIG_ENDIAN);
    var at = file.length();

    check(file.simple(5, DATA), at, "before any interface");
  }

  @ParameterizedTest
  @ValueSource(ints = {9, Integer.MAX_VALUE, -1})
  void aPacketLongerThanItsBlockIsDamage(int captured) throws IOException {
    var file = sound();
    var at = file.length();
    var body = file.body().putInt(0).putLong(0).putInt(captured).putInt(60).putLong(0);

    check(
        file.block(PcapngBytes.ENHANCED_PACKET, body),
        at,
        "a packet of " + Integer.toUnsignedString(captured) + " bytes in a block with room for 8");
  }

  @ParameterizedTest
  @ValueSource(
      ints = {
        PcapngBytes.INTERFACE,
        PcapngBytes.OLD_PACKET,
        PcapngBytes.SIMPLE_PACKET,
        PcapngBytes.ENHANCED_PACKET,
        PcapngBytes.CUSTOM
      })
  void aBodyShorterThanItsFieldsIsDamage(int type) throws IOException {
    var file = sound();
    var at = file.length();

    check(file.block(type, file.body()), at, "shorter than its fields");
  }

  @Test
  void interfacesThatAreMeantToFillMemoryAreDamage() throws IOException {
    var file = sound();
    var description = new PcapngBytes().described(1, 0).bytes();
    var descriptions = ByteBuffer.allocate(65_536 * description.length);
    while (descriptions.hasRemaining()) {
      descriptions.put(description);
    }

    check(file.raw(descriptions), file.length() - 20L, "more than 65536 interfaces");
  }

  /**
   * Frames before the changed bit are what they were, and reading comes to an end; the bit can make
   * a frame of another block.
   */
  @Test
  void anyBytesEndInFramesOrDamage() throws IOException {
    var seed = 11L;
    var random = new Random(seed);
    var file = new PcapngBytes();
    var ends = new ArrayList<Integer>();
    for (var order : orders().toList()) {
      file.section(order).described(1, 6, 0);
      for (var i = 0; i < 5; i++) {
        ends.add(file.enhanced(0, i, DATA).length());
      }
    }
    var expected = taken(file.bytes()).frames();

    for (var round = 0; round < 500; round++) {
      var changed = file.bytes();
      var at = 4 + random.nextInt(changed.length - 4);
      changed[at] ^= (byte) (1 << random.nextInt(8));
      var before = (int) ends.stream().filter(end -> end <= at).count();

      var frames = taken(changed).frames();

      assertThat(frames.subList(0, before))
          .as("seed %d, round %d, byte %d", seed, round, at)
          .isEqualTo(expected.subList(0, before));
      assertThat(frames).hasSizeLessThanOrEqualTo(expected.size() + 1);
    }
  }
}
