package dev.cloister.sandbox.vaultfs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.cloister.core.CorruptStorage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Someone else writes to the disk while a vault is open. Nothing but what was last written is ever
 * read, and every change of it is told: in small vaults for each byte, page and pair of pages, in
 * large ones for many drawn from a seed.
 */
final class TamperingTest {
  private static final int PAGE = HostDisk.PAGE;
  private static final int BLOCK = 16 * PAGE;

  @TempDir private Path scratch;
  private Vault vault;
  private HostDisk disk;
  private final Map<Path, byte[]> content = new LinkedHashMap<>();
  private final Random random = new Random(20261122);

  @BeforeEach
  void open() throws IOException {
    vault = Vaults.in(scratch.resolve("vault"));
    disk = HostDisk.of(scratch.resolve("vault"));
  }

  @AfterEach
  void close() throws IOException {
    disk.close();
    vault.close();
  }

  private Path put(String name, int length) throws IOException {
    var bytes = new byte[length];
    random.nextBytes(bytes);
    var file = vault.root().resolve(name);
    Files.write(file, bytes);
    content.put(file, bytes);
    return file;
  }

  private byte[] contentOf(Path file) {
    return Objects.requireNonNull(content.get(file));
  }

  /** Reads every file: each is right or refused; returns how many are refused. */
  private int refused() throws IOException {
    var refused = 0;
    for (var entry : content.entrySet()) {
      try {
        assertThat(Arrays.equals(Files.readAllBytes(entry.getKey()), entry.getValue()))
            .as("%s is what was written", entry.getKey())
            .isTrue();
      } catch (CorruptStorage _) {
        refused++;
      }
    }
    return refused;
  }

  private boolean isRefused(Path file) throws IOException {
    try {
      assertThat(Arrays.equals(Files.readAllBytes(file), contentOf(file))).isTrue();
      return false;
    } catch (CorruptStorage _) {
      return true;
    }
  }

  private List<Long> pages() throws IOException {
    var pages = new ArrayList<Long>();
    for (var page = 0L; page < disk.size(); page += PAGE) {
      pages.add(page);
    }
    return pages;
  }

  /** The pages that hold something: those that are missed. */
  private List<Long> usedPages() throws IOException {
    var used = new ArrayList<Long>();
    for (var page : pages()) {
      var before = disk.read(page, PAGE);
      disk.write(page, new byte[PAGE]);
      if (refused() > 0) {
        used.add(page);
      }
      disk.write(page, before);
    }
    assertThat(refused()).isZero();
    return used;
  }

  @Test
  void everyByteThatIsFlippedIsMissed() throws IOException {
    var lengths = List.of(100, 2 * PAGE - 1, 4 * PAGE, BLOCK);
    for (var length : lengths) {
      var name = "of " + length;
      var file = put(name, length);
      var flips = 0;
      for (var position = 0L; position < disk.size(); position++) {
        var before = disk.read(position, 1);
        disk.write(position, new byte[] {(byte) (before[0] ^ (1 << random.nextInt(8)))});
        flips += isRefused(file) ? 1 : 0;
        disk.write(position, before);
      }
      assertThat(flips).as(name).isEqualTo(Space.runBytes(length));
      Files.delete(file);
      content.remove(file);
    }
  }

  private void putSeveral() throws IOException {
    put("one", 100);
    put("two", 100);
    put("three", 2 * PAGE);
    put("four", 3 * BLOCK);
    put("five", BLOCK + 3);
  }

  @Test
  void everyPairOfPagesThatIsSwappedOrDoubledIsMissed() throws IOException {
    putSeveral();
    var used = usedPages();
    assertThat(used).hasSize(1 + 1 + 2 + 3 * 16 + 16 + 1);
    for (var one : used) {
      for (var other : used) {
        if (one < other) {
          pair(one, other);
        }
      }
    }
    assertThat(refused()).isZero();
  }

  private void pair(long one, long other) throws IOException {
    var first = disk.read(one, PAGE);
    var second = disk.read(other, PAGE);
    disk.write(one, second);
    assertThat(refused()).as("%d is also at %d", other, one).isPositive();
    disk.write(other, first);
    assertThat(refused()).as("%d and %d are swapped", one, other).isPositive();
    disk.write(one, first);
    assertThat(refused()).as("%d is also at %d", one, other).isPositive();
    disk.write(other, second);
  }

  @Test
  void wholeBlocksThatChangePlacesAreMissed() throws IOException {
    var one = put("one", BLOCK);
    var two = put("two", BLOCK);
    var first = disk.read(0, BLOCK);
    var second = disk.read(BLOCK, BLOCK);
    disk.write(0, second);
    disk.write(BLOCK, first);
    assertThat(isRefused(one)).isTrue();
    assertThat(isRefused(two)).isTrue();
  }

  @Test
  void everyTruncationIsMissed() throws IOException {
    putSeveral();
    var whole = disk.all();
    var last = new TreeSet<>(usedPages()).last();
    for (var size = last + PAGE - 1; size >= 0; size -= 1 + random.nextInt(PAGE)) {
      disk.truncate(size);
      assertThat(refused()).as("cut to %d", size).isPositive();
      disk.write(0, whole);
      assertThat(refused()).isZero();
    }
  }

  @Test
  void everyPageThatGoesBackInTimeIsMissed() throws IOException {
    putSeveral();
    var before = disk.all();
    // Freed, and written over by what comes after.
    for (var name : List.of("one", "two", "three", "four", "five")) {
      put(name, contentOf(vault.root().resolve(name)).length);
    }
    put("one", 100);
    var used = usedPages();
    var changed = 0;
    for (var page : used) {
      var now = disk.read(page, PAGE);
      var then = Arrays.copyOfRange(before, page.intValue(), page.intValue() + PAGE);
      if (page < before.length && !Arrays.equals(now, then)) {
        disk.write(page, then);
        assertThat(refused()).as("page at %d", page).isPositive();
        disk.write(page, now);
        changed++;
      }
    }
    assertThat(changed).isGreaterThan(used.size() / 2);
  }

  @Test
  void everyEarlierStateOfTheWholeFileIsMissed() throws IOException {
    var states = new ArrayList<byte[]>();
    for (var life = 0; life < 12; life++) {
      putSeveral();
      states.add(disk.all());
      Files.delete(put("gone " + life, BLOCK));
      content.remove(vault.root().resolve("gone " + life));
    }
    var last = disk.all();
    states.removeLast();
    for (var state : states) {
      disk.truncate(0);
      disk.write(0, state);
      assertThat(refused()).isPositive();
    }
    disk.truncate(0);
    disk.write(0, last);
    assertThat(refused()).isZero();
  }

  @Test
  void anEarlierStateOfTheDirectoryIsMissedByWhoeverForces() throws IOException {
    put("one", 100);
    var directory = scratch.resolve("vault");
    var copy = scratch.resolve("copy");
    Files.copy(directory.resolve("blocks.vault"), copy);
    put("one", 100);
    Files.move(copy, directory.resolve("blocks.vault"), StandardCopyOption.REPLACE_EXISTING);
    assertForceIsRefused();
    Files.delete(directory.resolve("blocks.vault"));
    assertForceIsRefused();
    // What was written is still had from the file that has lost its name.
    assertThat(refused()).isZero();
  }

  private void assertForceIsRefused() throws IOException {
    var file = vault.root().resolve("one");
    try (var channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      assertThatExceptionOfType(CorruptStorage.class)
          .isThrownBy(() -> channel.force(true))
          .withMessageContaining("is gone or another");
    }
  }

  @Test
  void whatIsDamagedIsToldByItsPlaceAndTheRestIsRead() throws IOException {
    var file = put("three blocks", 3 * BLOCK);
    var page = disk.read(BLOCK, PAGE);
    disk.write(BLOCK, new byte[PAGE]);
    try (var channel = FileChannel.open(file)) {
      assertThat(channel.read(ByteBuffer.allocate(BLOCK))).isEqualTo(BLOCK);
      assertThatExceptionOfType(CorruptStorage.class)
          .isThrownBy(() -> channel.read(ByteBuffer.allocate(1)))
          .withMessageContaining("block 1 of file 2 of a vault")
          .withMessageContaining("it is not what was last written");
      assertThat(channel.read(ByteBuffer.allocate(BLOCK), 2L * BLOCK)).isEqualTo(BLOCK);
      disk.write(BLOCK, page);
      assertThat(channel.read(ByteBuffer.allocate(1))).isEqualTo(1);
    }
  }

  @Test
  void aDamagedBlockIsNotMendedByWritingIntoIt() throws IOException {
    var file = put("two blocks", 2 * BLOCK);
    disk.write(0, new byte[PAGE]);
    try (var channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      assertThatExceptionOfType(CorruptStorage.class)
          .isThrownBy(() -> channel.write(ByteBuffer.allocate(1), 5));
      assertThatCode(() -> channel.write(ByteBuffer.allocate(BLOCK), 0)).doesNotThrowAnyException();
    }
    Arrays.fill(contentOf(file), 0, BLOCK, (byte) 0);
    assertThat(isRefused(file)).isFalse();
  }

  @Test
  void largeVaultsMissItToo() throws IOException {
    var seed = 4711L;
    var drawn = new Random(seed);
    for (var i = 0; i < 60; i++) {
      put("file " + i, 1 + drawn.nextInt(12 * BLOCK));
    }
    for (var i = 0; i < 60; i++) {
      put("file " + drawn.nextInt(60), 1 + drawn.nextInt(12 * BLOCK));
    }
    var before = disk.all();
    var missed = 0;
    for (var i = 0; i < 60; i++) {
      var from = drawn.nextLong(disk.size());
      var to = drawn.nextLong(disk.size());
      var length = 1 + drawn.nextInt(3 * BLOCK);
      disk.write(to, disk.read(from, length));
      missed += refused() > 0 ? 1 : 0;
      disk.truncate(before.length);
      disk.write(0, before);
    }
    assertThat(missed).as("seed %d", seed).isGreaterThan(50);
    assertThat(refused()).isZero();
  }
}
