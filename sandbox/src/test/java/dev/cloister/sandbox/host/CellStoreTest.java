package dev.cloister.sandbox.host;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cloister.core.ContextDestroyed;
import dev.cloister.core.CorruptStorage;
import dev.cloister.core.Denied;
import dev.cloister.core.TimeSource;
import dev.cloister.core.key.KeyRing;
import dev.cloister.core.key.SecretMemory;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class CellStoreTest {
  /** What the vault counts for a name, and for the smallest block. */
  private static final int ENTRY = 4096;

  @TempDir private Path scratch;

  private final KeyRing keys = KeyRing.open(SecretMemory::onHeap);

  private CellStore create(CellStores stores, long quotaBytes) throws IOException {
    return stores.create(quotaBytes, () -> keys, TimeSource.system());
  }

  private static void put(CellStore store, String name, byte[] value) throws IOException {
    store.put(name, ByteBuffer.wrap(value));
  }

  private Path root() {
    return scratch.resolve("cells");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"data", "../../../etc/passwd", "/etc/passwd", ".", "a\0b", "unfinished", "ü中😀"})
  void anyNameIsAnEntryAndNoneIsAPath(String name) throws IOException {
    try (var stores = CellStores.in(root());
        var store = create(stores, 1 << 20)) {
      put(store, name, "value".getBytes(UTF_8));
      assertThat(store.get(name)).hasValue("value".getBytes(UTF_8));
      assertThat(store.list()).containsExactly(name);
      assertThat(filesUnder(scratch))
          .map(file -> Path.of(file).getFileName().toString())
          .filteredOn(file -> file.endsWith(".vault"))
          .hasSize(3)
          .contains("blocks.vault", "lock.vault");
    }
  }

  private static List<String> filesUnder(Path directory) throws IOException {
    try (var files = Files.walk(directory)) {
      return files.filter(Files::isRegularFile).map(Path::toString).toList();
    }
  }

  @Test
  void itDoesAsAMapDoesAndCountsEveryByte() throws IOException {
    var seed = 20260304L;
    var random = new Random(seed);
    var model = new TreeMap<String, byte[]>();
    try (var stores = CellStores.in(root());
        var store = create(stores, Long.MAX_VALUE / 2)) {
      for (var step = 0; step < 2000; step++) {
        var name = "n" + random.nextInt(30);
        var value = new byte[random.nextInt(3000)];
        random.nextBytes(value);
        switch (random.nextInt(3)) {
          case 0 -> {
            put(store, name, value);
            model.put(name, value);
          }
          case 1 -> assertThat(store.delete(name)).isEqualTo(model.remove(name) != null);
          default -> assertThat(store.get(name).isPresent()).isEqualTo(model.containsKey(name));
        }
        var used = model.entrySet().stream().mapToLong(CellStoreTest::cost).sum();
        assertThat(store.usedBytes()).as("seed %d step %d", seed, step).isEqualTo(used);
      }
      assertThat(store.list()).containsExactlyElementsOf(model.keySet());
      for (var entry : model.entrySet()) {
        assertThat(store.get(entry.getKey())).hasValue(entry.getValue());
      }
    }
  }

  private static long cost(Map.Entry<String, byte[]> entry) {
    return entry.getValue().length == 0 ? ENTRY : 2L * ENTRY;
  }

  @Test
  void whatWouldPassTheQuotaIsRefusedByTheLimitsNameAndChangesNothing() throws IOException {
    try (var stores = CellStores.in(root());
        var store = create(stores, 2 * ENTRY)) {
      put(store, "a", new byte[ENTRY]);
      assertThatExceptionOfType(Denied.class)
          .isThrownBy(() -> put(store, "a", new byte[ENTRY + 1]))
          .satisfies(denied -> assertThat(denied.rule()).isEqualTo("limits.diskBytes"));
      assertThatExceptionOfType(Denied.class).isThrownBy(() -> put(store, "b", new byte[0]));
      assertThat(store.get("a")).hasValue(new byte[ENTRY]);
      put(store, "a", new byte[9]);
      assertThat(store.get("a")).hasValue(new byte[9]);
      assertThat(store.usedBytes()).isEqualTo(2 * ENTRY);
    }
  }

  @Test
  void anEntryMayBeAsLongAsTheQuotaAndBeReplaced() throws IOException {
    var length = 64 << 10;
    try (var stores = CellStores.in(root());
        var store = create(stores, length + ENTRY)) {
      for (var life = 0; life < 3; life++) {
        var value = new byte[length];
        Arrays.fill(value, (byte) life);
        put(store, "a", value);
        assertThat(store.get("a")).hasValue(value);
      }
    }
  }

  @Test
  void emptyEntriesFillTheQuotaToo() throws IOException {
    try (var stores = CellStores.in(root());
        var store = create(stores, 10L * ENTRY)) {
      assertThatThrownBy(
              () -> {
                for (var i = 0; i < 1_000_000; i++) {
                  put(store, "n" + i, new byte[0]);
                }
              })
          .isInstanceOf(Denied.class);
      assertThat(store.list()).hasSize(10);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 256})
  void aNameOutOfBoundsIsRefused(int characters) throws IOException {
    try (var stores = CellStores.in(root());
        var store = create(stores, 1 << 20)) {
      put(store, "😀".repeat(255), new byte[0]);
      assertThatIOException()
          .isThrownBy(() -> put(store, "😀".repeat(characters), new byte[0]))
          .withMessage("name of %d characters: allowed are 1 to 255", characters);
    }
  }

  @Test
  void anEntryThatSomeoneElseChangedIsToldAsCorrupt() throws IOException {
    try (var stores = CellStores.in(root());
        var store = create(stores, 1 << 20)) {
      put(store, "a", new byte[5]);
      Files.write(root().resolve("1.cell/blocks.vault"), new byte[ENTRY]);
      assertThatExceptionOfType(CorruptStorage.class).isThrownBy(() -> store.get("a"));
    }
  }

  @Test
  void nothingOfAnEntryIsReadOnTheDisk() throws IOException {
    try (var stores = CellStores.in(root());
        var store = create(stores, 1 << 20)) {
      put(store, "canary", "canary".getBytes(UTF_8));
      for (var file : filesUnder(scratch)) {
        assertThat(new String(Files.readAllBytes(Path.of(file)), UTF_8)).doesNotContain("canary");
      }
      assertThat(root().resolve("1.cell/blocks.vault")).isNotEmptyFile();
    }
  }

  @Test
  void nothingIsLeftAfterwards() throws IOException {
    try (var stores = CellStores.in(root())) {
      var closed = create(stores, 1 << 20);
      put(closed, "a", new byte[1]);
      closed.close();
      closed.close();
      assertThat(root().resolve("1.cell")).doesNotExist();
      assertThatExceptionOfType(ContextDestroyed.class).isThrownBy(closed::list);
      put(create(stores, 1 << 20), "of a cell that nobody closed", new byte[1]);
    }
    assertThat(root()).doesNotExist();
  }

  @Test
  void whatAKilledHostLeftIsRemoved() throws IOException {
    Files.createDirectories(root().resolve("7.cell"));
    Files.write(root().resolve("7.cell/entry"), new byte[1]);
    Files.createFile(root().resolve("held-by-1-1.cell"));
    Files.createFile(root().resolve("not ours"));
    try (var stores = CellStores.in(root())) {
      assertThat(stores.removed()).isEqualTo(1);
      assertThat(root().resolve("7.cell")).doesNotExist();
      assertThatIOException()
          .isThrownBy(() -> CellStores.in(root()))
          .withMessageContaining("is held by another store");
    }
    assertThat(root()).isDirectoryContaining("glob:**not ours");
  }

  @Test
  void howMuchIsUsedIsToldWhileAnEntryIsBeingStored() throws IOException {
    try (var stores = CellStores.in(root());
        var store = create(stores, 1 << 20)) {
      put(store, "data", new byte[1]);
      synchronized (store) {
        assertThat(CompletableFuture.supplyAsync(store::usedBytes))
            .succeedsWithin(Duration.ofSeconds(30))
            .isEqualTo(2L * ENTRY);
      }
    }
  }

  @Test
  void noOtherUserEntersACellsDirectory() throws IOException {
    try (var stores = CellStores.in(root())) {
      create(stores, 1);
      assertThat(Files.getPosixFilePermissions(root().resolve("1.cell"))).hasSize(3);
    }
  }
}
