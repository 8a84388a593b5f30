package dev.cloister.examples;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * A process that is killed while its spill lies on disk, and every file that it wrote: in its
 * output, its spill, its working and temporary directories, in shared memory, and what the JVM
 * itself writes. What it held open for writing elsewhere is told apart.
 */
final class KilledProcess {
  private static final Path SHARED_MEMORY = Path.of("/dev/shm");
  private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

  final Path output;
  final Path spill;
  private final Path root;
  private final Path work;
  private final Path temporary;
  private final Instant started = Instant.now();
  private final List<String> openElsewhere = new ArrayList<>();
  private long pid;

  KilledProcess(Path directory) throws IOException {
    this.root = Files.createDirectory(directory.resolve("killed"));
    this.output = root.resolve("output");
    this.spill = root.resolve("spill");
    this.work = Files.createDirectory(root.resolve("work"));
    this.temporary = Files.createDirectory(root.resolve("tmp"));
  }

  /** Adds what keeps the process's files together. */
  List<String> flags(List<String> flags) {
    var all = new ArrayList<>(flags);
    all.add("-Djava.io.tmpdir=" + temporary);
    return all;
  }

  /** Runs a command until so much is spilled and records come out, and kills it then. */
  void runUntil(List<String> command, long spilledBytes) throws IOException {
    kill(
        command,
        process -> {
          while (bytesIn(spill) < spilledBytes || !hasRecords()) {
            checkLives(process);
            LockSupport.parkNanos(LOOK_NANOS);
          }
          noteOpenFiles();
          keepJvmCounters();
        });
  }

  /** Waits for the moment at which a process is killed. */
  interface Moment {
    void await(Process process) throws IOException;
  }

  /**
   * Runs a command, and kills it when the moment has come.
   *
   * @return what it had said on standard output, and the moment has not read
   */
  List<String> kill(List<String> command, Moment moment) throws IOException {
    var builder =
        new ProcessBuilder(command)
            .directory(work.toFile())
            .redirectError(root.resolve("stderr").toFile());
    builder.environment().put("TMPDIR", temporary.toString());
    var process = builder.start();
    try (var said = process.inputReader()) {
      try {
        pid = process.pid();
        moment.await(process);
      } finally {
        // SIGKILL on Linux; by the handle, since the process closes the stream that it is read
        // from.
        process.toHandle().destroyForcibly();
      }
      var rest = said.readAllLines();
      Files.write(root.resolve("stdout"), rest);
      return rest;
    } finally {
      process.onExit().join();
    }
  }

  void checkLives(Process process) throws IOException {
    if (!process.isAlive()) {
      throw new AssertionError("it ended: " + Files.readString(root.resolve("stderr")));
    }
  }

  /** Tells whether more than the header came out. */
  private boolean hasRecords() throws IOException {
    var trace = output.resolve("trace.jsonl");
    return Files.exists(trace) && Files.size(trace) > 4096;
  }

  static long bytesIn(Path directory) throws IOException {
    var sum = 0L;
    for (var file : filesIn(directory)) {
      try {
        sum += Files.size(file);
      } catch (NoSuchFileException _) {
        // Released meanwhile.
      }
    }
    return sum;
  }

  private static List<Path> filesIn(Path directory) throws IOException {
    if (!Files.isDirectory(directory)) {
      return List.of();
    }
    try (var files = Files.walk(directory)) {
      return files.filter(Files::isRegularFile).toList();
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  /** Looks at each descriptor that can write to a file, see proc(5). */
  private void noteOpenFiles() throws IOException {
    var process = Path.of("/proc", Long.toString(pid));
    try (var descriptors = Files.newDirectoryStream(process.resolve("fd"))) {
      for (var descriptor : descriptors) {
        var file = Files.readSymbolicLink(descriptor);
        var info = process.resolve("fdinfo").resolve(descriptor.getFileName());
        if (file.isAbsolute() && isWritable(info) && !file.startsWith(root)) {
          openElsewhere.add(file.toString());
        }
      }
    }
  }

  private static boolean isWritable(Path info) throws IOException {
    var flags =
        Files.readAllLines(info, US_ASCII).stream()
            .filter(line -> line.startsWith("flags:"))
            .findFirst()
            .orElseThrow();
    return (Long.parseLong(flags.substring("flags:".length()).strip(), 8) & 3) != 0;
  }

  /**
   * The JVM's counters lie where no property moves them, and the next JVM removes those of a dead
   * one.
   */
  private void keepJvmCounters() throws IOException {
    try (var users = Files.newDirectoryStream(Path.of("/tmp"), "hsperfdata_*")) {
      for (var user : users) {
        var counters = user.resolve(Long.toString(pid));
        if (Files.isReadable(counters)) {
          Files.copy(counters, root.resolve("hsperfdata"));
        }
      }
    }
  }

  /** Returns what it could write to in other places: devices, memory without a name. */
  List<String> openElsewhere() {
    return openElsewhere;
  }

  /** Returns every file that it wrote, and what others wrote into shared memory meanwhile. */
  Set<Path> files() throws IOException {
    var files = new TreeSet<>(filesIn(root));
    if (Files.isDirectory(SHARED_MEMORY)) {
      try (var all = Files.list(SHARED_MEMORY)) {
        all.filter(Files::isRegularFile).filter(this::isNew).forEach(files::add);
      }
    }
    return files;
  }

  private boolean isNew(Path file) {
    try {
      return Files.getLastModifiedTime(file).compareTo(FileTime.from(started)) >= 0;
    } catch (IOException _) {
      return false;
    }
  }
}
