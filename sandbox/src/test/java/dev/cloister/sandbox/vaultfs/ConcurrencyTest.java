package dev.cloister.sandbox.vaultfs;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cloister.core.ContextDestroyed;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.ClosedFileSystemException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
final class ConcurrencyTest {
  private static final int THREADS = 8;
  private static final int RECORD = 64;

  @TempDir private Path scratch;

  private interface Work {
    void of(int thread) throws IOException;
  }

  private static void together(Work work) throws InterruptedException, ExecutionException {
    try (var executor = Executors.newFixedThreadPool(THREADS)) {
      var tasks = new ArrayList<Future<?>>();
      for (var i = 0; i < THREADS; i++) {
        var thread = i;
        tasks.add(
            executor.submit(
                (Callable<Void>)
                    () -> {
                      work.of(thread);
                      return null;
                    }));
      }
      for (var task : tasks) {
        task.get();
      }
    }
  }

  @Test
  void filesOfManyThreadsKeepApart() throws Exception {
    try (var vault = Vaults.in(scratch.resolve("vault"))) {
      together(thread -> {
        var random = new Random(thread);
        var file = vault.root().resolve("of " + thread);
        for (var i = 0; i < 60; i++) {
          var bytes = new byte[random.nextInt(300_000)];
          random.nextBytes(bytes);
          Files.write(file, bytes);
          assertThat(Arrays.equals(Files.readAllBytes(file), bytes)).isTrue();
        }
        Files.delete(file);
      });
      assertThat(vault.usedBytes()).isZero();
      assertThat(vault.openFiles()).isEmpty();
    }
  }

  @Test
  void recordsThatManyThreadsAppendAreAllThereAndWhole() throws Exception {
    try (var vault = Vaults.in(scratch.resolve("vault"))) {
      var file = Files.createFile(vault.root().resolve("log"));
      together(thread -> {
        try (var channel = FileChannel.open(file, StandardOpenOption.APPEND)) {
          for (var i = 0; i < 500; i++) {
            var line = "%d/%d".formatted(thread, i);
            var padded = (line + ".".repeat(RECORD - line.length())).getBytes(US_ASCII);
            assertThat(channel.write(ByteBuffer.wrap(padded))).isEqualTo(RECORD);
          }
        }
      });
      var all = Files.readString(file);
      var records = new HashSet<String>();
      for (var at = 0; at < all.length(); at += RECORD) {
        records.add(all.substring(at, at + RECORD).replace(".", ""));
      }
      assertThat(records).hasSize(THREADS * 500).allMatch(r -> r.matches("\\d/\\d+"));
    }
  }

  @Test
  void namesThatManyThreadsFightForLeadToWholeFiles() throws Exception {
    try (var vault = Vaults.in(scratch.resolve("vault"))) {
      var names = List.of("a", "b", "c").stream().map(vault.root()::resolve).toList();
      together(thread -> {
        var random = new Random(thread);
        for (var i = 0; i < 400; i++) {
          fight(names.get(random.nextInt(3)), names.get(random.nextInt(3)), random, thread);
        }
      });
      for (var name : names) {
        Files.deleteIfExists(name);
      }
      assertThat(vault.usedBytes()).isZero();
    }
  }

  private static void fight(Path one, Path other, Random random, int thread) throws IOException {
    try {
      switch (random.nextInt(4)) {
        case 0 -> {
          var own = one.resolveSibling("of " + thread);
          var bytes = new byte[100_000];
          Arrays.fill(bytes, (byte) (thread + 1));
          Files.write(own, bytes);
          Files.move(own, one, StandardCopyOption.ATOMIC_MOVE);
        }
        case 1 -> Files.move(one, other, StandardCopyOption.ATOMIC_MOVE);
        case 2 -> Files.delete(one);
        default -> {
          var read = Files.readAllBytes(one);
          assertThat(read).hasSize(100_000).containsOnly(read[0]);
        }
      }
    } catch (FileSystemException e) {
      assertThat(e).isExactlyInstanceOf(NoSuchFileException.class);
    }
  }

  @Test
  void aVaultThatIsClosedLetsEveryThreadGo() throws Exception {
    for (var round = 0; round < 20; round++) {
      var vault = Vaults.in(scratch.resolve("vault"));
      var atWork = new CountDownLatch(THREADS);
      try (var executor = Executors.newFixedThreadPool(THREADS)) {
        var tasks = new ArrayList<Future<?>>();
        for (var i = 0; i < THREADS; i++) {
          var file = vault.root().resolve("of " + i % 3);
          tasks.add(executor.submit(() -> writeUntilClosed(file, atWork)));
        }
        atWork.await();
        vault.close();
        for (var task : tasks) {
          task.get();
        }
      }
      assertThat(scratch.resolve("vault")).doesNotExist();
      assertThat(vault.openFiles()).isEmpty();
    }
  }

  private static void writeUntilClosed(Path file, CountDownLatch atWork) {
    try (var channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      atWork.countDown();
      for (var at = 0L; ; at = (at + 70_000) % 1_000_000) {
        channel.write(ByteBuffer.allocate(70_000), at);
      }
    } catch (ClosedChannelException | ClosedFileSystemException | ContextDestroyed _) {
      // As NIO has it, or, in the middle of a block, the key.
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
