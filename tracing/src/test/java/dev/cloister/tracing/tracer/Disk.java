package dev.cloister.tracing.tracer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A small file system of the test's own, which it fills, or holds: then every write to it waits,
 * and what was written can still be read. Takes root; gone when it is closed.
 */
final class Disk implements AutoCloseable {
  private static final int PIECE_BYTES = 4096;

  private final Path path;

  private Disk(Path path) {
    this.path = path;
  }

  /** Makes one that is full when so many bytes are in its files. */
  static Disk ofMemory(Path parent, long bytes) throws IOException {
    var disk = new Disk(Files.createDirectory(parent.resolve("disk")));
    run("mount", "-t", "tmpfs", "-o", "size=" + bytes, "tmpfs", disk.path.toString());
    return disk;
  }

  /** Makes one that can be held, on a loop device. */
  static Disk onALoop(Path parent, long bytes) throws IOException {
    var image = parent.resolve("image");
    try (var file = new RandomAccessFile(image.toFile(), "rw")) {
      file.setLength(bytes);
    }
    run("mkfs.ext4", "-q", "-F", image.toString());
    var disk = new Disk(Files.createDirectory(parent.resolve("disk")));
    run("mount", "-o", "loop", image.toString(), disk.path.toString());
    return disk;
  }

  private static void run(String... command) throws IOException {
    var process = new ProcessBuilder(command).redirectErrorStream(true).start();
    var said = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.onExit().join().exitValue()).as("%s: %s", command[0], said).isZero();
  }

  Path path() {
    return path;
  }

  private Path ballast() {
    return path.resolve("ballast");
  }

  /** Leaves no room for anyone. */
  void fill() throws IOException {
    try (var out = new RandomAccessFile(ballast().toFile(), "rw")) {
      while (true) {
        out.write(new byte[PIECE_BYTES]);
      }
    } catch (IOException e) {
      assertThat(e).hasMessageContaining("No space left");
    }
  }

  /** Takes back what {@link #fill} wrote. */
  void empty() throws IOException {
    Files.delete(ballast());
  }

  /** Lets every write wait, until what this returns is closed or this process has ended. */
  Held hold() throws IOException {
    var script = "fsfreeze -f \"$0\" && echo held; read end; fsfreeze -u \"$0\"";
    var held = new Held(new ProcessBuilder("sh", "-c", script, path.toString()).start());
    assertThat(new String(held.holder.getInputStream().readNBytes(4), UTF_8)).isEqualTo("held");
    return held;
  }

  /** A time in which nothing is written. A context that is to close must be inside no longer. */
  static final class Held implements AutoCloseable {
    private final Process holder;

    private Held(Process holder) {
      this.holder = holder;
    }

    @Override
    public void close() throws IOException {
      holder.getOutputStream().close();
      assertThat(holder.onExit().join().exitValue()).isZero();
    }
  }

  @Override
  public void close() throws IOException {
    run("umount", "-l", path.toString());
  }
}
