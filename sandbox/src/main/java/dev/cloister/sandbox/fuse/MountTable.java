package dev.cloister.sandbox.fuse;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.cloister.core.NativeCallException;
import dev.cloister.core.internal.os.Mounting;
import dev.cloister.sandbox.internal.HostLife;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What is mounted here by this package; each mount's source is the life of its host. */
final class MountTable {
  /** The kernel's type, and a word of our own. */
  static final String TYPE = "fuse.cloister";

  private static final Path PROC = Path.of("/proc");
  private static final int EINVAL = 22;
  private static final int ENOENT = 2;

  private MountTable() {}

  /** One mount of ours, perhaps of another process. */
  record Mounted(Path place, HostLife host) {}

  /** All of ours that this process sees, in the order of mounting. */
  static List<Mounted> ours() throws IOException {
    try (var lines = Files.lines(PROC.resolve("self/mountinfo"))) {
      return lines.flatMap(line -> parse(line).stream()).toList();
    }
  }

  /** Reads a line; proc_pid_mountinfo in proc(5). */
  private static Optional<Mounted> parse(String line) {
    var words = line.split(" ", -1);
    var dash = List.of(words).indexOf("-");
    if (dash < 0 || !words[dash + 1].equals(TYPE)) {
      return Optional.empty();
    }
    return HostLife.named(words[dash + 2])
        .map(host -> new Mounted(Path.of(unescaped(words[4])), host));
  }

  /** Spaces and the like stand as three octal digits. */
  private static String unescaped(String word) {
    var bytes = new ByteArrayOutputStream();
    var raw = word.getBytes(UTF_8);
    for (var i = 0; i < raw.length; i++) {
      if (raw[i] == '\\' && i + 3 < raw.length) {
        bytes.write(Integer.parseInt(new String(raw, i + 1, 3, UTF_8), 8));
        i += 3;
      } else {
        bytes.write(raw[i]);
      }
    }
    return bytes.toString(UTF_8);
  }

  /** Takes a host's mounts away; none is there any more afterwards, whoever did it. */
  static void unmount(Mounting kernel, HostLife host) throws IOException {
    for (var mounted : ours()) {
      if (mounted.host().equals(host)) {
        unmount(kernel, mounted);
      }
    }
  }

  private static void unmount(Mounting kernel, Mounted mounted) throws IOException {
    try {
      kernel.unmount(mounted.place().toString());
    } catch (NativeCallException e) {
      if (e.errno() != EINVAL && e.errno() != ENOENT) {
        throw new IOException(mounted.place() + " cannot be unmounted: " + e.getMessage(), e);
      }
    }
  }

  /** Takes away what hosts mounted at or below a directory that are over for certain. */
  static int clearStale(Mounting kernel, Path directory) throws IOException {
    var cleared = 0;
    for (var mounted : ours().reversed()) {
      if (mounted.place().startsWith(directory) && mounted.host().over(PROC)) {
        unmount(kernel, mounted);
        cleared++;
      }
    }
    return cleared;
  }

  /** A life for one mount of this process. */
  static HostLife begun() throws IOException {
    return HostLife.begun(PROC);
  }

  /** What this process lacks to mount anything. */
  static List<String> lacks() {
    return lacks(Path.of("/dev/fuse"), PROC);
  }

  /** Likewise, on a host where these are elsewhere. */
  static List<String> lacks(Path device, Path proc) {
    var lacks = new ArrayList<String>();
    if (!Files.exists(device)) {
      lacks.add("the device " + device + ": load the kernel's module fuse, or give the device");
    } else if (!Files.isReadable(device) || !Files.isWritable(device)) {
      lacks.add("the right to read and write " + device);
    }
    try {
      var user = Files.getAttribute(proc.resolve("self"), "unix:uid");
      if (!Integer.valueOf(0).equals(user)) {
        lacks.add("the right to mount: this process is user " + user + ", start it as root");
      }
    } catch (IOException | UnsupportedOperationException | IllegalArgumentException _) {
      lacks.add("a Linux with " + proc);
    }
    return lacks;
  }
}
