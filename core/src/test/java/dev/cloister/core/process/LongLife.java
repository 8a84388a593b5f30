package dev.cloister.core.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * What a Java process asks of the kernel in the course of a long life, at a high pace: collections
 * of garbage, compilation, threads of both kinds, files, classes that are loaded late. The list of
 * system calls was derived from it too, and what is sealed must come through it.
 */
final class LongLife {
  private static final int ROUNDS = 50_000_000;

  private volatile Object kept = new Object();

  private LongLife() {}

  /** Lives, in a directory of its own. */
  static void in(Path directory) throws Exception {
    var life = new LongLife();
    life.makeGarbage();
    life.compile();
    life.runThreads();
    life.useFiles(directory);
    life.encrypt();
    life.loadClasses();
    life.overflow();
  }

  private void makeGarbage() {
    var old = new ArrayList<byte[]>();
    for (var i = 0; i < 2000; i++) {
      kept = new byte[1 << 18];
      if (i % 20 == 0) {
        old.add(new byte[1 << 18]);
      }
      if (i % 1000 == 999) {
        kept = List.copyOf(old);
        old.clear();
        System.gc();
      }
    }
  }

  private void compile() {
    var sum = 0L;
    for (var i = 0; i < ROUNDS; i++) {
      sum = sum * 31 + i;
    }
    kept = sum;
  }

  private void runThreads() throws InterruptedException, ExecutionException {
    try (var virtual = Executors.newVirtualThreadPerTaskExecutor();
        var platform = Executors.newFixedThreadPool(8)) {
      var done = new ArrayList<Future<Integer>>();
      for (var i = 0; i < 2000; i++) {
        var number = i;
        Callable<Integer> nap =
            () -> {
              LockSupport.parkNanos(Duration.ofMillis(1).toNanos());
              return number;
            };
        done.add(virtual.submit(nap));
        if (i % 100 == 0) {
          done.add(platform.submit(nap));
        }
      }
      for (var each : done) {
        kept = each.get();
      }
    }
    var thread = Thread.ofPlatform().start(() -> LockSupport.parkNanos(this, Long.MAX_VALUE));
    thread.interrupt();
    thread.join();
  }

  private void useFiles(Path directory) throws IOException {
    var file = directory.resolve("life");
    try (var channel =
        FileChannel.open(
            file,
            StandardOpenOption.CREATE_NEW,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE)) {
      for (var bytes : new int[] {1, 1 << 16, 1 << 20}) {
        channel.write(ByteBuffer.allocate(bytes));
        channel.write(new ByteBuffer[] {ByteBuffer.allocate(1), ByteBuffer.allocateDirect(1)});
        channel.read(ByteBuffer.allocate(bytes), 0);
      }
      channel.force(true);
      channel.force(false);
      channel.truncate(1000);
      channel.tryLock().close();
      kept = channel.map(FileChannel.MapMode.READ_WRITE, 0, 4096).get(0);
    }
    var moved = Files.move(file, directory.resolve("moved"));
    var copied = Files.copy(moved, directory.resolve("copied"));
    kept = Files.readAllBytes(copied);
    Files.writeString(copied, "short", StandardOpenOption.APPEND);
    var made = Files.createDirectories(directory.resolve("a").resolve("b"));
    try (var list = Files.newDirectoryStream(directory)) {
      list.forEach(each -> kept = exists(each));
    }
    kept = Files.getFileStore(directory).getUsableSpace();
    kept = directory.toRealPath();
    for (var each : new Path[] {moved, copied, made, made.getParent()}) {
      Files.delete(each);
    }
  }

  private static Object exists(Path path) {
    try {
      return Files.getLastModifiedTime(path);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void encrypt() throws GeneralSecurityException {
    var key = new byte[32];
    new SecureRandom().nextBytes(key);
    var cipher = Cipher.getInstance("AES/GCM/NoPadding");
    cipher.init(
        Cipher.ENCRYPT_MODE,
        new SecretKeySpec(key, "AES"),
        new GCMParameterSpec(128, new byte[12]));
    kept = cipher.doFinal(new byte[1 << 22]);
  }

  private void loadClasses() throws ClassNotFoundException {
    kept = Class.forName("java.util.zip.GZIPOutputStream");
    kept = Class.forName("java.util.concurrent.Exchanger");
    kept = String.format("%,d %s", 1_000_000, Duration.ofHours(1));
  }

  private void overflow() {
    try {
      kept = deep(1);
    } catch (StackOverflowError e) {
      kept = e;
    }
  }

  private static int deep(int depth) {
    return depth == 0 ? 0 : deep(depth + 1) + 1;
  }
}
