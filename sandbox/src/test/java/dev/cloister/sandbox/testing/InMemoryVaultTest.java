package dev.cloister.sandbox.testing;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;

import dev.cloister.core.ContextDestroyed;
import dev.cloister.core.TimeSource;
import dev.cloister.core.key.KeyRing;
import dev.cloister.core.testing.FakeTime;
import dev.cloister.sandbox.vaultfs.Vault;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

final class InMemoryVaultTest extends VaultContract {
  private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");

  @Override
  protected Vault open(KeyRing keys, long quotaBytes) {
    return Vault.over(
        new MemoryMedium(),
        Vault.in(Path.of("nowhere")).quotaBytes(quotaBytes),
        () -> keys,
        TimeSource.system());
  }

  @Test
  @SuppressWarnings("StreamResourceLeak") // as whoever forgets to close one does
  void whatIsLeftOpenIsNamed() throws IOException {
    var vault = InMemoryVault.ofBytes(1 << 20);
    var file = vault.root().resolve("left");
    var channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    var stream = Files.newDirectoryStream(vault.root());
    assertThatExceptionOfType(AssertionError.class)
        .isThrownBy(vault::checkNothingOpen)
        .withMessage("left open: /, /left");
    stream.close();
    assertThatExceptionOfType(AssertionError.class)
        .isThrownBy(vault::close)
        .withMessage("left open: /left");
    assertThat(channel.isOpen()).isFalse();
    vault.close();
  }

  @Test
  void theNthWriteFailsAndTheNextDoesNot() throws IOException {
    try (var vault = InMemoryVault.ofBytes(1 << 20)) {
      var file = vault.root().resolve("f");
      vault.failWrite(2);
      Files.write(file, new byte[1]);
      assertThatIOException()
          .isThrownBy(() -> Files.write(file, new byte[2]))
          .withMessage("Input/output error");
      Files.write(file, new byte[3]);
      assertThat(vault.writes()).isEqualTo(3);
      assertThat(Files.size(file)).isEqualTo(3);
    }
  }

  @Test
  void aFullDiskIsAnErrorThatLeavesTheVaultUsable() throws IOException {
    try (var vault = InMemoryVault.ofBytes(1 << 20)) {
      vault.diskBytes(128 << 10);
      var file = vault.root().resolve("f");
      assertThatIOException()
          .isThrownBy(() -> Files.write(file, new byte[256 << 10]))
          .withMessage("No space left on device");
      Files.delete(file);
      assertThat(vault.vault().usedBytes()).isZero();
      Files.write(file, new byte[64 << 10]);
    }
  }

  @Test
  void aBrokenDiskFailsTheForceToo() throws IOException {
    try (var vault = InMemoryVault.ofBytes(1 << 20);
        var channel =
            FileChannel.open(
                vault.root().resolve("f"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      vault.breakDisk(true);
      assertThatIOException().isThrownBy(() -> channel.force(true));
      vault.breakDisk(false);
      channel.force(true);
    }
  }

  @Test
  void itsDiskHoldsNothingThatWasWritten() throws IOException {
    try (var vault = InMemoryVault.ofBytes(1 << 20)) {
      Files.writeString(vault.root().resolve("canary"), "canary".repeat(100));
      assertThat(vault.disk()).hasSize(4096);
      assertThat(new String(vault.disk(), UTF_8)).doesNotContain("canary");
    }
  }

  @Test
  void itsTimesAreTheTests() throws IOException {
    var time = FakeTime.startingAt(NOW);
    try (var vault = InMemoryVault.ofBytes(1 << 20, time)) {
      time.advance(Duration.ofSeconds(5));
      var file = Files.createFile(vault.root().resolve("f"));
      assertThat(Files.getLastModifiedTime(file).toInstant()).isEqualTo(NOW.plusSeconds(5));
    }
  }

  @Test
  void itEndsWithItsKeys() throws IOException {
    try (var vault = InMemoryVault.ofBytes(1 << 20)) {
      Files.createFile(vault.root().resolve("f"));
      vault.destroyKeys();
      assertThatExceptionOfType(ContextDestroyed.class)
          .isThrownBy(() -> Files.exists(vault.root().resolve("f")));
    }
  }
}
