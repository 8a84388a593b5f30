package dev.cloister.benchmarks;

import dev.cloister.core.TimeSource;
import dev.cloister.core.key.KeyRing;
import dev.cloister.core.key.SecretMemory;
import dev.cloister.sandbox.fuse.FuseMount;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Executors;

/**
 * Measures a vault beside the plain file system it lies in and beside gocryptfs on the same: one
 * large file written through NIO and forced to the disk, and read again when nothing of it is in
 * memory, all in turn in one run; and, to be seen beside them, the vault's mount. It asserts
 * nothing: a bar that was not met is printed so. Needs root, to drop what the kernel keeps of
 * files.
 *
 * <p>Arguments: how many MiB (1024), how many rounds (5), in which directory (one below the present
 * one, since what lies in memory is no disk).
 */
public final class Vault {
  private static final String PLAIN = "plain";
  private static final String VAULT = "vault";
  private static final String GOCRYPTFS = "gocryptfs";
  private static final String MOUNT = "the vault's mount";
  private static final int SERVING = 2;

  private final long bytes;
  private final int rounds;
  private final Path directory;

  private Vault(long bytes, int rounds, Path directory) {
    this.bytes = bytes;
    this.rounds = rounds;
    this.directory = directory;
  }

  /**
   * Runs the measurement and prints a table in Markdown.
   *
   * @param args how many MiB, how many rounds, in which directory
   */
  public static void main(String[] args) throws IOException, InterruptedException {
    var mebibytes = args.length > 0 ? Long.parseLong(args[0]) : 1024;
    var rounds = args.length > 1 ? Integer.parseInt(args[1]) : 5;
    var above = Path.of(args.length > 2 ? args[2] : "").toAbsolutePath();
    var directory = Files.createTempDirectory(above, "vault-measured");
    try {
      new Vault(mebibytes << 20, rounds, directory).run();
    } finally {
      Files.deleteIfExists(directory);
    }
  }

  private void run() throws IOException, InterruptedException {
    var load = ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
    var grounds = new ArrayList<FileSpeed>();
    try (var keys = KeyRing.open(SecretMemory::open);
        var vault =
            dev.cloister.sandbox.vaultfs.Vault.in(directory.resolve(VAULT))
                .quotaBytes(2 * bytes)
                .open(() -> keys, TimeSource.system());
        var mounted = Gocryptfs.mount(directory.resolve(GOCRYPTFS));
        var threads = Executors.newFixedThreadPool(SERVING);
        var mount =
            FuseMount.of(Files.createDirectory(vault.root().resolve("mounted")))
                .mountedAt(directory.resolve("mount"))) {
      for (var i = 0; i < SERVING; i++) {
        threads.execute(mount::serve);
      }
      grounds.add(new FileSpeed(PLAIN, directory));
      grounds.add(new FileSpeed(VAULT, vault.root()));
      mounted.path().ifPresent(path -> grounds.add(new FileSpeed(GOCRYPTFS, path)));
      grounds.add(new FileSpeed(MOUNT, mount.place()));
      for (var round = 0; round < rounds; round++) {
        for (var ground : grounds) {
          ground.measure(bytes);
        }
      }
    }
    print(grounds, load);
  }

  private void print(List<FileSpeed> grounds, double load) throws IOException {
    System.out.printf(
        Locale.ROOT,
        "%s; %s; load average %.1f before; %d MiB, %d rounds in turn, medians%n%n",
        Machine.describe(),
        Files.getFileStore(directory.getParent()).type(),
        load,
        bytes >> 20,
        rounds);
    System.out.println(
        "| MB/s | " + String.join(" | ", names(grounds)) + " | asked of the vault |");
    System.out.println("|---|" + "---|".repeat(grounds.size()) + "---|");
    System.out.println(line("write and fsync", grounds, false, 0.5));
    System.out.println(line("cold read", grounds, true, 0.4));
  }

  private static List<String> names(List<FileSpeed> grounds) {
    return grounds.stream().map(FileSpeed::name).toList();
  }

  private static String line(String what, List<FileSpeed> grounds, boolean reads, double least) {
    var line = new StringBuilder("| " + what + " |");
    for (var ground : grounds) {
      line.append(" ").append(ground.speeds(reads)).append(" |");
    }
    var ofPlain = ratio(grounds, reads, PLAIN);
    line.append(
        String.format(
            Locale.ROOT, " at least %.1f of plain: %.2f, %s", least, ofPlain, met(ofPlain, least)));
    if (names(grounds).contains(GOCRYPTFS)) {
      var ofPeer = ratio(grounds, reads, GOCRYPTFS);
      line.append(
          String.format(Locale.ROOT, "; at least gocryptfs: %.2f, %s", ofPeer, met(ofPeer, 1)));
    }
    return line + " |";
  }

  private static double ratio(List<FileSpeed> grounds, boolean reads, String peer) {
    return median(grounds, reads, VAULT) / median(grounds, reads, peer);
  }

  private static double median(List<FileSpeed> grounds, boolean reads, String name) {
    return grounds.get(names(grounds).indexOf(name)).speeds(reads).percent(50);
  }

  private static String met(double ratio, double least) {
    return ratio >= least ? "met" : "not met";
  }
}
