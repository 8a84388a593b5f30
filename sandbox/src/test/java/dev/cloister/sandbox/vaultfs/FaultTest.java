package dev.cloister.sandbox.vaultfs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;

import dev.cloister.core.testing.RequiresProgram;
import dev.cloister.sandbox.testing.InMemoryVault;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever fails, each block of a file is as it was or as it was to be, and the vault goes on. */
final class FaultTest {
  private static final int BLOCK = 64 << 10;
  private static final int STEPS = 40;

  @TempDir private Path scratch;

  @Test
  void aFaultAtEveryWriteInTurnLeavesOldOrNewBlocks() throws IOException {
    var writes = life(Long.MAX_VALUE / 2);
    assertThat(writes).isGreaterThan(60);
    for (var nth = 1L; nth <= writes; nth++) {
      life(nth);
    }
  }

  /** Does the same each time, but for the one write that fails; returns how many there were. */
  private static long life(long failing) throws IOException {
    var random = new Random(5);
    try (var vault = InMemoryVault.ofBytes(8 << 20)) {
      vault.failWrite(failing);
      var files = List.of(vault.root().resolve("one"), vault.root().resolve("two"));
      for (var file : files) {
        Files.createFile(file);
      }
      for (var step = 0; step < STEPS; step++) {
        step(files.get(random.nextInt(2)), random, failing);
      }
      var writes = vault.writes();
      for (var file : files) {
        Files.delete(file);
      }
      assertThat(vault.vault().usedBytes()).isZero();
      return writes;
    }
  }

  private static void step(Path file, Random random, long failing) throws IOException {
    var before = Files.readAllBytes(file);
    var after = before;
    var at = random.nextInt(3 * BLOCK);
    var bytes = new byte[random.nextInt(3 * BLOCK)];
    random.nextBytes(bytes);
    var cuts = random.nextInt(4) == 0;
    var isDone = false;
    try (var channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      if (cuts) {
        after = Arrays.copyOf(before, Math.min(before.length, at));
        channel.truncate(at);
      } else {
        after = Arrays.copyOf(before, Math.max(before.length, at + bytes.length));
        System.arraycopy(bytes, 0, after, at, bytes.length);
        var left = ByteBuffer.wrap(bytes);
        while (left.hasRemaining()) {
          channel.write(left, at + left.position());
        }
        channel.force(true);
      }
      isDone = true;
    } catch (IOException e) {
      assertThat(e).hasMessage("Input/output error");
    }
    requireOldOrNew(before, after, Files.readAllBytes(file), isDone, failing);
  }

  private static void requireOldOrNew(
      byte[] before, byte[] after, byte[] now, boolean isDone, long failing) {
    assertThat(now.length).isBetween(Math.min(before.length, after.length), after.length);
    if (isDone) {
      assertThat(Arrays.equals(now, after)).as("write %d fails", failing).isTrue();
    }
    for (var start = 0; start < now.length; start += BLOCK) {
      var end = Math.min(start + BLOCK, now.length);
      assertThat(isSame(before, now, start, end) || isSame(after, now, start, end))
          .as("block %d when write %d fails", start / BLOCK, failing)
          .isTrue();
    }
  }

  /** Beyond its end a file is zeros. */
  private static boolean isSame(byte[] one, byte[] now, int start, int end) {
    return Arrays.equals(Arrays.copyOf(one, now.length), start, end, now, start, end);
  }

  @Test
  void whatCouldNotBeStoredIsToldWhenTheFileIsClosedAndIsNotThere() throws IOException {
    try (var vault = InMemoryVault.ofBytes(1 << 20)) {
      var file = vault.root().resolve("f");
      Files.writeString(file, "old");
      vault.breakDisk(true);
      assertThatIOException()
          .isThrownBy(() -> Files.writeString(file, " and new", StandardOpenOption.APPEND));
      vault.breakDisk(false);
      assertThat(file).hasContent("old");
      assertThat(vault.vault().usedBytes()).isEqualTo(2 * 4096);
    }
  }

  @Test
  void whatCouldNotBeStoredIsStoredWhenTheDiskIsBack() throws IOException {
    try (var vault = InMemoryVault.ofBytes(1 << 20)) {
      var file = vault.root().resolve("f");
      try (var channel =
          FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
        channel.write(ByteBuffer.wrap(new byte[] {1, 2, 3}));
        vault.breakDisk(true);
        assertThatIOException().isThrownBy(() -> channel.force(true));
        vault.breakDisk(false);
      }
      assertThat(file).hasBinaryContent(new byte[] {1, 2, 3});
    }
  }

  @Test
  @RequiresProgram(
      value = {"mount", "umount"},
      root = true)
  void aHostsDiskThatIsFullIsAnErrorAndNoMore() throws IOException, InterruptedException {
    var disk = Files.createDirectory(scratch.resolve("disk"));
    run("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", disk.toString());
    try (var vault = Vaults.in(disk.resolve("vault"))) {
      var kept = vault.root().resolve("kept");
      Files.write(kept, new byte[2 * BLOCK]);
      var file = vault.root().resolve("f");
      assertThatIOException()
          .isThrownBy(() -> Files.write(file, new byte[2 << 20]))
          .withMessageContaining("No space left");
      Files.delete(file);
      Files.write(file, new byte[BLOCK]);
      assertThat(kept).hasBinaryContent(new byte[2 * BLOCK]);
    } finally {
      run("umount", disk.toString());
    }
  }

  private static void run(String... command) throws IOException, InterruptedException {
    assertThat(new ProcessBuilder(command).inheritIO().start().waitFor()).isZero();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void anInterruptClosesTheChannelOfTheInterruptedAndNothingElse(boolean isVirtual)
      throws IOException, InterruptedException {
    try (var vault = Vaults.in(scratch.resolve("vault"))) {
      var file = vault.root().resolve("f");
      Files.write(file, new byte[] {1});
      try (var other = FileChannel.open(file);
          var channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
        var thread =
            (isVirtual ? Thread.ofVirtual() : Thread.ofPlatform())
                .start(() -> {
                  Thread.currentThread().interrupt();
                  assertThatExceptionOfType(ClosedByInterruptException.class)
                      .isThrownBy(() -> channel.write(ByteBuffer.allocate(BLOCK)));
                });
        thread.join();
        assertThat(channel.isOpen()).isFalse();
        assertThat(other.read(ByteBuffer.allocate(1))).isEqualTo(1);
      }
      assertThat(file).hasBinaryContent(new byte[] {1});
    }
  }
}
