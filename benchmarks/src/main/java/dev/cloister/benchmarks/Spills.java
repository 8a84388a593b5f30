package dev.cloister.benchmarks;

import dev.cloister.core.context.ContextPlan;
import dev.cloister.core.context.SealedContext;
import dev.cloister.core.posture.Guarantees;
import dev.cloister.core.testing.FakeHost;
import dev.cloister.core.testing.FakePolicy;
import dev.cloister.core.testing.MemoryEgress;
import dev.cloister.crypto.storage.SpillStore;
import dev.cloister.crypto.storage.SpillStore.Vacancy;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Measures how fast records go to disk through a spill store, encrypted, and come back, beside
 * {@code dd} with direct input and output in blocks of 1 MiB on the same disk: each in turn in one
 * run. In, {@code dd} writes zeros; out, it reads the store's own files, since a disk may have an
 * easier time with others, before the store in one round and after it in the next. Nothing of them
 * is in memory when they are read, and what was written is on the disk when its time ends; two
 * threads read ahead. It asserts nothing: a bar that was not met is printed so. Needs root, to drop
 * what the kernel keeps of files.
 *
 * <p>Arguments: how many MiB (8192), how many rounds (3), in which directory (one below the present
 * one, since what lies in memory is no disk), how many threads drain (2).
 */
public final class Spills {
  private static final int RECORD_BYTES = 1014;
  private static final double AIM = 0.8;
  private static final byte[] NO_HEAD = {};

  private final long bytes;
  private final Path directory;
  private final int drainers;
  private final byte[] records = new byte[1 << 20];
  private final Speeds plainIn = new Speeds();
  private final Speeds plainOut = new Speeds();
  private final Speeds in = new Speeds();
  private final Speeds out = new Speeds();

  private Spills(long bytes, Path directory, int drainers) {
    this.bytes = bytes;
    this.directory = directory;
    this.drainers = drainers;
    new Random(1).nextBytes(records);
  }

  /**
   * Runs the measurement and prints a table in Markdown.
   *
   * @param args how many MiB, how many rounds, in which directory, how many threads drain
   */
  public static void main(String[] args)
      throws IOException, InterruptedException, ExecutionException {
    var mebibytes = args.length > 0 ? Long.parseLong(args[0]) : 8192;
    var rounds = args.length > 1 ? Integer.parseInt(args[1]) : 3;
    var above = Path.of(args.length > 2 ? args[2] : "").toAbsolutePath();
    var drainers = args.length > 3 ? Integer.parseInt(args[3]) : 2;
    var load = ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
    var directory = Files.createTempDirectory(above, "spill-measured");
    var spills = new Spills(mebibytes << 20, directory, drainers);
    try {
      for (var round = 0; round < rounds; round++) {
        spills.plain();
        spills.spill(round % 2 == 0);
      }
    } finally {
      Files.deleteIfExists(directory);
    }
    System.out.printf(
        Locale.ROOT,
        "%s; load before %.2f; %d rounds of %d MiB, %d threads drain; MB/s, medians (least to"
            + " most)%n%n",
        Machine.describe(),
        load,
        rounds,
        mebibytes,
        drainers);
    System.out.println("| | dd, direct, 1 MiB | spill store, encrypted | ratio | asked |");
    System.out.println("|---|---|---|---|---|");
    row("in", spills.plainIn, spills.in);
    row("out", spills.plainOut, spills.out);
  }

  private static void row(String title, Speeds plain, Speeds ours) {
    var ratio = ours.percent(50) / plain.percent(50);
    System.out.printf(
        Locale.ROOT,
        "| %s | %s | %s | %.2f | %.1f: %s |%n",
        title,
        plain,
        ours,
        ratio,
        AIM,
        ratio >= AIM ? "met" : "not met");
  }

  private void plain() throws IOException, InterruptedException {
    var file = directory.resolve("plain");
    try {
      Files.createFile(file);
      time(
          plainIn,
          () ->
              dd(
                  "count=" + (bytes >> 20),
                  "if=/dev/zero",
                  "of=" + file,
                  "oflag=direct",
                  "conv=fsync"));
    } finally {
      Files.delete(file);
    }
  }

  private static void dd(String... how) throws IOException, InterruptedException {
    var command = new ArrayList<>(List.of("dd", "bs=1M"));
    command.addAll(List.of(how));
    run(command);
  }

  private void spill(boolean plainFirst) throws IOException, InterruptedException {
    var plan =
        SpillStore.in(directory.resolve("spill")).memoryBytes(0).diskBytes(bytes + (bytes >> 2));
    try (var box =
        ContextPlan.named("spills", Guarantees.lab())
            .host(new FakeHost())
            .parse(FakePolicy.lines())
            .release(FakePolicy.keepingLines())
            .store(plan)
            .egress(MemoryEgress.named("out"))
            .seal()) {
      time(in, () -> write(box));
      if (plainFirst) {
        time(plainOut, this::readPlain);
      }
      time(out, () -> read(box));
      if (!plainFirst) {
        time(plainOut, this::readPlain);
      }
    }
  }

  /** Reads the store's own files, as they lie on the disk. */
  private void readPlain() throws IOException, InterruptedException {
    try (var files = Files.list(directory.resolve("spill"))) {
      for (var file : files.filter(file -> file.toString().endsWith(".spill")).toList()) {
        dd("if=" + file, "of=/dev/null", "iflag=direct");
      }
    }
  }

  private void write(SealedContext box) throws IOException, InterruptedException {
    var store = box.part(SpillStore.class);
    try (var threads = Executors.newFixedThreadPool(drainers)) {
      var draining = new ArrayList<Future<Void>>();
      for (var i = 0; i < drainers; i++) {
        draining.add(threads.submit(() -> drain(store)));
      }
      for (var left = bytes / RECORD_BYTES; left > 0; left--) {
        while (store.vacancy(RECORD_BYTES) != Vacancy.NOW) {
          Thread.sleep(0, 100_000);
        }
        var offset = (int) (left * RECORD_BYTES % (records.length - RECORD_BYTES));
        store.append(NO_HEAD, records, offset, RECORD_BYTES);
      }
      store.finish();
      for (var one : draining) {
        one.get();
      }
    } catch (ExecutionException e) {
      throw new IOException(e);
    }
    run(List.of("sync"));
  }

  private static Void drain(SpillStore store) throws InterruptedException {
    while (store.awaitDrainable(Long.MAX_VALUE)) {
      store.drain();
    }
    return null;
  }

  private void read(SealedContext box) throws IOException {
    var store = box.part(SpillStore.class);
    var read = 0L;
    try (var threads = Executors.newFixedThreadPool(2);
        var reader = store.reader(threads)) {
      while (reader.next()) {
        read++;
      }
    }
    if (read != bytes / RECORD_BYTES) {
      throw new IOException("read %d: %s".formatted(read, store.accounting()));
    }
  }

  private interface Work {
    void run() throws IOException, InterruptedException;
  }

  private void time(Speeds speeds, Work work) throws IOException, InterruptedException {
    Machine.forgetFiles();
    var start = System.nanoTime();
    work.run();
    speeds.add(bytes, start);
  }

  private static void run(List<String> command) throws IOException, InterruptedException {
    var process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    if (process.waitFor() != 0) {
      throw new IOException("failed: " + command);
    }
  }
}
