package dev.cloister.sandbox.vaultfs;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import dev.cloister.core.TimeSource;
import dev.cloister.sandbox.ChildJvm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the host's disk shows of a vault, and what is left of it afterwards. */
final class SecrecyTest {
  private static final int BLOCK = 64 << 10;
  private static final String CANARY = "a canary of this test";

  @TempDir private Path scratch;

  /** Fills a directory with the canary in names, in content, at edges of blocks. */
  private static void fill(Path root) throws IOException {
    var folder = Files.createDirectories(root.resolve(CANARY + " in a directory"));
    Files.writeString(folder.resolve("short"), CANARY);
    Files.writeString(folder.resolve(CANARY + " in a name"), "x");
    Files.writeString(folder.resolve("long"), CANARY.repeat(20_000));
    Files.createSymbolicLink(folder.resolve("link"), root.getFileSystem().getPath(CANARY));
    for (var i = 0; i < 50; i++) {
      Files.writeString(folder.resolve("again"), CANARY.repeat(i * 100));
    }
    Files.delete(folder.resolve("short"));
  }

  /** The files in which it is found, by content or by name. */
  private static List<Path> found(Path directory) throws IOException {
    var found = new ArrayList<Path>();
    try (var all = Files.walk(directory)) {
      for (var path : all.toList()) {
        var isInside =
            Files.isRegularFile(path)
                && new String(Files.readAllBytes(path), ISO_8859_1).contains(CANARY);
        if (isInside || directory.relativize(path).toString().contains(CANARY)) {
          found.add(path);
        }
      }
    }
    return found;
  }

  @Test
  void nothingOfNamesOrContentIsFoundOnTheDisk() throws IOException {
    var plain = Files.createDirectory(scratch.resolve("plain"));
    fill(plain);
    assertThat(found(plain)).hasSizeGreaterThan(3);
    try (var vault = Vaults.in(scratch.resolve("vault"))) {
      fill(vault.root());
      assertThat(found(vault.root())).hasSizeGreaterThan(3);
      assertThat(Files.size(scratch.resolve("vault/blocks.vault"))).isGreaterThan(4 * BLOCK);
      assertThat(found(scratch.resolve("vault"))).isEmpty();
    }
  }

  @Test
  void theSameContentIsNeverTheSameOnTheDisk() throws IOException {
    try (var vault = Vaults.in(scratch.resolve("vault"))) {
      var seen = new ArrayList<String>();
      for (var i = 0; i < 20; i++) {
        Files.write(vault.root().resolve("f" + i % 3), new byte[BLOCK]);
        var disk = Files.readAllBytes(scratch.resolve("vault/blocks.vault"));
        for (var at = 0; at < disk.length; at += BLOCK) {
          seen.add(new String(disk, at, 16, ISO_8859_1));
        }
      }
      // A block that stays is seen again; each write of it is new.
      assertThat(seen.stream().distinct()).hasSize(20);
    }
  }

  @Test
  void theDiskShowsRunsAndNotSizes() throws IOException {
    for (var length : List.of(1, 4096, 5000, 8192, 40_000, BLOCK)) {
      try (var vault = Vaults.in(scratch.resolve("vault"))) {
        Files.write(vault.root().resolve("f"), new byte[length]);
        var run = Integer.highestOneBit(2 * Math.max(length, 4096) - 1);
        assertThat(Files.size(scratch.resolve("vault/blocks.vault"))).isEqualTo(run);
      }
    }
  }

  @Test
  void spaceThatIsFreeIsUsedAgainAndGivenBackAtTheEnd() throws IOException {
    var disk = scratch.resolve("vault/blocks.vault");
    var random = new Random(3);
    try (var vault = Vaults.in(scratch.resolve("vault"))) {
      var file = vault.root().resolve("f");
      for (var i = 0; i < 30; i++) {
        Files.write(file, new byte[1 + random.nextInt(16 * BLOCK)]);
      }
      assertThat(Files.size(disk)).isLessThanOrEqualTo(17 * BLOCK);
      Files.write(vault.root().resolve("large"), new byte[100 * BLOCK]);
      assertThat(Files.size(disk)).isGreaterThan(100 * BLOCK);
      Files.delete(vault.root().resolve("large"));
      assertThat(Files.size(disk)).isLessThan(40 * BLOCK);
      Files.delete(file);
      assertThat(Files.size(disk)).isLessThan(16 * BLOCK);
      assertThat(vault.usedBytes()).isZero();
    }
  }

  @Test
  void nothingIsLeftAfterwards() throws IOException {
    var directory = scratch.resolve("vault");
    try (var vault = Vaults.in(directory)) {
      fill(vault.root());
      assertThat(Files.getPosixFilePermissions(directory.resolve("blocks.vault")))
          .isEqualTo(PosixFilePermissions.fromString("rw-------"));
      assertThatIOException()
          .isThrownBy(() -> Vaults.in(directory))
          .withMessageContaining("is held by another store");
    }
    assertThat(directory).doesNotExist();
  }

  @Test
  void whatAKilledProcessLeftIsRemovedByTheNextVault() throws Exception {
    var directory = scratch.resolve("vault");
    var child =
        ChildJvm.of(VaultToKill.class, directory.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try {
      assertThat(child.getInputStream().read()).isEqualTo('w');
      assertThat(directory.resolve("blocks.vault")).exists();
    } finally {
      child.destroyForcibly().waitFor();
    }
    assertThat(Files.size(directory.resolve("blocks.vault"))).isEqualTo(BLOCK);
    try (var vault = Vaults.in(directory)) {
      assertThat(Files.size(directory.resolve("blocks.vault"))).isZero();
      assertThat(vault.root()).isEmptyDirectory();
    }
    // It was there before this vault, which leaves it.
    assertThat(directory).isEmptyDirectory();
  }

  /** A process that is killed with its vault open. */
  static final class VaultToKill {
    private VaultToKill() {}

    /** Writes, says so, and waits for its end. */
    public static void main(String[] args) throws IOException, InterruptedException {
      var keys = Vaults.ring();
      var vault = Vault.in(Path.of(args[0])).open(() -> keys, TimeSource.system());
      Files.write(vault.root().resolve("f"), new byte[BLOCK]);
      System.out.print('w');
      System.out.flush();
      Thread.sleep(Long.MAX_VALUE);
    }
  }
}
