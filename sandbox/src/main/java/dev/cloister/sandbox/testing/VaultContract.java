package dev.cloister.sandbox.testing;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cloister.core.ContextDestroyed;
import dev.cloister.core.key.KeyRing;
import dev.cloister.core.key.SecretMemory;
import dev.cloister.sandbox.vaultfs.Vault;
import dev.cloister.sandbox.vaultfs.VaultFull;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.ClosedFileSystemException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What every {@link Vault} does, on whatever medium; extend it in a test of yours, and say how one
 * is opened. A subclass that has a medium of its own need only open a vault on it.
 */
public abstract class VaultContract {
  private static final long QUOTA = 4 << 20;
  private static final int BLOCK = 64 << 10;
  private static final int ENTRY = 4096;

  private final KeyRing keys = KeyRing.open(SecretMemory::onHeap);
  private final Random random = new Random(20261122);
  private Vault vault;

  /** For subclasses; the vault is opened before each test. */
  @SuppressWarnings("NullAway") // JUnit calls open() before anything else
  protected VaultContract() {}

  /**
   * Opens an empty vault.
   *
   * @param keys gives its key
   * @param quotaBytes how much it holds
   * @return the vault, which the contract closes
   * @throws IOException when it cannot be opened
   */
  protected abstract Vault open(KeyRing keys, long quotaBytes) throws IOException;

  @BeforeEach
  final void openVault() throws IOException {
    vault = open(keys, QUOTA);
  }

  @AfterEach
  final void closeVault() throws IOException {
    vault.close();
    keys.close();
  }

  private Path file(String name) {
    return vault.root().resolve(name);
  }

  private byte[] bytes(int length) {
    var bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }

  @Test
  final void whatIsWrittenIsRead() throws IOException {
    for (int length : List.of(0, 1, ENTRY, BLOCK - 1, BLOCK, BLOCK + 1, 5 * BLOCK + 7)) {
      var written = bytes(length);
      Files.write(file("f"), written);
      assertArrayEquals(written, Files.readAllBytes(file("f")));
      assertEquals(length, Files.size(file("f")));
    }
  }

  @Test
  final void smallWritesAnywhereComeToWhatOneArrayComesTo() throws IOException {
    var model = new byte[4 * BLOCK];
    var size = 0;
    try (var channel =
        FileChannel.open(
            file("f"),
            StandardOpenOption.CREATE,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE)) {
      for (var step = 0; step < 2000; step++) {
        var piece = bytes(1 + random.nextInt(3000));
        var at = random.nextInt(model.length - piece.length);
        System.arraycopy(piece, 0, model, at, piece.length);
        size = Math.max(size, at + piece.length);
        assertEquals(piece.length, channel.write(ByteBuffer.wrap(piece), at));
        if (step % 100 == 0) {
          var read = ByteBuffer.allocate(size);
          assertEquals(size, channel.read(read, 0));
          assertArrayEquals(Arrays.copyOf(model, size), read.array());
        }
      }
    }
    assertArrayEquals(Arrays.copyOf(model, size), Files.readAllBytes(file("f")));
  }

  @Test
  final void whatWasNeverWrittenIsZerosAndTakesNoSpace() throws IOException {
    try (var channel =
        FileChannel.open(file("f"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.wrap(bytes(1)), 1L << 40);
    }
    assertEquals((1L << 40) + 1, Files.size(file("f")));
    assertEquals(2 * ENTRY, vault.usedBytes());
    try (var channel = FileChannel.open(file("f"))) {
      var read = ByteBuffer.wrap(bytes(BLOCK));
      assertEquals(BLOCK, channel.read(read, 1L << 39));
      assertArrayEquals(new byte[BLOCK], read.array());
    }
  }

  @Test
  final void whatIsCutOffIsZerosWhenTheFileGrowsAgain() throws IOException {
    Files.write(file("f"), bytes(2 * BLOCK));
    try (var channel = FileChannel.open(file("f"), StandardOpenOption.WRITE)) {
      channel.truncate(100);
      channel.write(ByteBuffer.wrap(new byte[1]), BLOCK - 1);
    }
    var read = Files.readAllBytes(file("f"));
    assertEquals(BLOCK, read.length);
    assertArrayEquals(new byte[BLOCK - 100], Arrays.copyOfRange(read, 100, BLOCK));
  }

  @Test
  final void aDeletedFileIsReadOnByWhoeverHasItOpen() throws IOException {
    var written = bytes(2 * BLOCK);
    Files.write(file("f"), written);
    try (var channel = FileChannel.open(file("f"))) {
      Files.delete(file("f"));
      assertThrows(NoSuchFileException.class, () -> Files.size(file("f")));
      Files.write(file("f"), bytes(10));
      var read = ByteBuffer.allocate(2 * BLOCK);
      assertEquals(2 * BLOCK, channel.read(read));
      assertArrayEquals(written, read.array());
    }
    Files.delete(file("f"));
    assertEquals(0, vault.usedBytes());
  }

  @Test
  final void aMoveTakesTheOthersPlaceAtOnce() throws IOException {
    Files.write(file("old"), "old".getBytes(UTF_8));
    Files.write(file("new"), "new".getBytes(UTF_8));
    assertThrows(FileAlreadyExistsException.class, () -> Files.move(file("new"), file("old")));
    Files.move(file("new"), file("old"), StandardCopyOption.ATOMIC_MOVE);
    assertEquals("new", Files.readString(file("old")));
    assertFalse(Files.exists(file("new")));
  }

  @Test
  final void theQuotaIsKeptAndAllOfItComesBack() throws IOException {
    var full = assertThrows(VaultFull.class, () -> Files.write(file("f"), bytes((int) QUOTA)));
    assertTrue(full.getReason().startsWith("No space left on device"), full.getReason());
    assertInstanceOf(FileSystemException.class, full);
    assertTrue(vault.usedBytes() <= QUOTA);
    assertTrue(vault.usedBytes() > QUOTA - 2L * BLOCK);
    var store = Files.getFileStore(vault.root());
    assertEquals(QUOTA, store.getTotalSpace());
    assertEquals(QUOTA - vault.usedBytes(), store.getUnallocatedSpace());
    Files.delete(file("f"));
    assertEquals(0, vault.usedBytes());
    Files.write(file("f"), bytes((int) QUOTA - BLOCK));
  }

  @Test
  final void aWriteThatTheQuotaRefusesChangesNothing() throws IOException {
    var written = bytes(100);
    Files.write(file("f"), written);
    Files.write(file("rest"), bytes((int) QUOTA - BLOCK));
    try (var channel =
        FileChannel.open(file("f"), StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      assertThrows(VaultFull.class, () -> channel.write(ByteBuffer.wrap(bytes(BLOCK)), 0));
      var read = ByteBuffer.allocate(BLOCK);
      assertEquals(100, channel.read(read, 0));
      assertArrayEquals(written, Arrays.copyOf(read.array(), 100));
    }
    assertArrayEquals(written, Files.readAllBytes(file("f")));
  }

  @Test
  final void emptyFilesUseTheQuotaUpToo() throws IOException {
    assertThrows(
        VaultFull.class,
        () -> {
          for (var i = 0; i < 1_000_000; i++) {
            Files.createFile(file("f" + i));
          }
        });
    try (var files = Files.list(vault.root())) {
      assertEquals(QUOTA / ENTRY, files.count());
    }
  }

  @Test
  final void anotherFileSystemTakesAndGivesATree() throws IOException {
    Files.createDirectories(file("a/b"));
    Files.write(file("a/b/f"), bytes(BLOCK + 5));
    try (var other = open(keys, QUOTA)) {
      var paths = new ArrayList<Path>();
      try (var all = Files.walk(file("a"))) {
        all.forEach(paths::add);
      }
      for (var path : paths) {
        Files.copy(path, other.root().resolve(vault.root().relativize(path).toString()));
      }
      assertEquals(-1, Files.mismatch(file("a/b/f"), other.root().resolve("a/b/f")));
    }
  }

  @Test
  final void nothingIsOpenedAfterTheEnd() throws IOException {
    Files.write(file("f"), bytes(10));
    var channel = FileChannel.open(file("f"), StandardOpenOption.WRITE);
    channel.write(ByteBuffer.wrap(bytes(3)));
    vault.close();
    vault.close();
    assertFalse(vault.fileSystem().isOpen());
    assertThrows(ClosedChannelException.class, () -> channel.write(ByteBuffer.wrap(bytes(3))));
    assertThrows(ClosedFileSystemException.class, () -> Files.readAllBytes(file("f")));
    assertThrows(ClosedFileSystemException.class, () -> Files.createFile(file("g")));
    assertThrows(ClosedFileSystemException.class, () -> Files.list(vault.root()));
    assertTrue(vault.openFiles().isEmpty());
  }

  @Test
  final void nothingIsReadOrWrittenWithoutTheKey() throws IOException {
    Files.write(file("f"), bytes(10));
    try (var channel =
        FileChannel.open(file("f"), StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      channel.read(ByteBuffer.allocate(1));
      keys.close();
      assertThrows(ContextDestroyed.class, () -> channel.read(ByteBuffer.allocate(1)));
      assertThrows(ContextDestroyed.class, () -> channel.write(ByteBuffer.allocate(1)));
      assertThrows(ContextDestroyed.class, () -> channel.force(true));
      assertThrows(ContextDestroyed.class, channel::size);
    }
    assertThrows(ContextDestroyed.class, () -> Files.readAllBytes(file("f")));
    assertThrows(ContextDestroyed.class, () -> Files.list(vault.root()));
    assertThrows(ContextDestroyed.class, () -> Files.size(file("f")));
    assertThrows(ContextDestroyed.class, () -> Files.delete(file("f")));
  }
}
