package dev.cloister.sandbox.runtime.container;

import dev.cloister.sandbox.image.Image;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Bubblewrap's program, and the command by which it makes one container. What the container's root
 * is made of is in this command and nowhere else. Immutable. Source: bwrap(1).
 */
final class Bubblewrap {
  /** Where the guest sees its image. */
  static final Path IMAGE = Path.of("/image");

  /** Where it sees the directory that it may write, and starts. */
  private static final String WRITABLE = "/vault";

  private static final Path PROC = Path.of("/proc");
  private static final List<String> DEVICES = List.of("/dev/null", "/dev/zero", "/dev/urandom");

  /** Who the guest is to itself: nobody. */
  private static final String NOBODY = "65534";

  /** What a tmpfs counts in; one of no page would have no limit. */
  private static final long PAGE_BYTES = 4096;

  private final Path program;

  private Bubblewrap(Path program) {
    this.program = program;
  }

  /**
   * Looks the program up, once.
   *
   * @param path directories, as in the environment's PATH
   * @throws IOException when it is in none of them
   */
  static Bubblewrap find(String path) throws IOException {
    for (var directory : path.split(File.pathSeparator, -1)) {
      var program = Path.of(directory, "bwrap");
      if (program.isAbsolute() && Files.isRegularFile(program) && Files.isExecutable(program)) {
        return new Bubblewrap(program);
      }
    }
    throw new IOException(
        "no program bwrap in any directory of the PATH \"%s\": install the package bubblewrap (0.7"
                .formatted(path)
            + " or later)");
  }

  /**
   * Writes the command.
   *
   * @param diskBytes what the function may write to /tmp, which is read-only without a page
   * @param writable the directory that it may write instead, as /tmp too
   * @param network whether the guest stays in the network namespace that it is started in
   */
  List<String> command(Image image, long diskBytes, Optional<Path> writable, boolean network) {
    var command = new ArrayList<String>();
    command.addAll(List.of(program.toString(), "--unshare-all"));
    if (network) {
      command.add("--share-net");
    }
    command.addAll(
        List.of("--die-with-parent", "--as-pid-1", "--hostname", "cell", "--cap-drop", "ALL"));
    command.addAll(List.of("--uid", NOBODY, "--gid", NOBODY));
    for (var read : image.reads()) {
      command.addAll(seen(read, image.reads()));
    }
    command.addAll(List.of("--ro-bind", image.directory().toString(), IMAGE.toString()));
    for (var device : DEVICES) {
      command.addAll(List.of("--dev-bind", device, device));
    }
    if (writable.isPresent()) {
      command.addAll(List.of("--bind", writable.get().toString(), WRITABLE));
      command.addAll(List.of("--symlink", WRITABLE, "/tmp"));
    } else if (diskBytes >= PAGE_BYTES) {
      command.addAll(List.of("--size", Long.toString(diskBytes), "--tmpfs", "/tmp"));
    } else {
      command.addAll(List.of("--dir", "/tmp"));
    }
    var start = writable.isPresent() ? WRITABLE : "/";
    command.addAll(List.of("--remount-ro", "/", "--chdir", start, "--"));
    command.addAll(image.commandIn(IMAGE));
    return command;
  }

  /** Shows a path of the host at the same place: a link as a link where what it names is shown. */
  private static List<String> seen(Path read, List<Path> all) {
    if (read.equals(PROC)) {
      return List.of("--proc", read.toString());
    }
    if (!Files.exists(read)) {
      return List.of();
    }
    try {
      if (Files.isSymbolicLink(read) && isShown(read.toRealPath(), all)) {
        return List.of("--symlink", Files.readSymbolicLink(read).toString(), read.toString());
      }
    } catch (IOException _) {
      // Bubblewrap will say what is wrong with it.
    }
    return List.of("--ro-bind", read.toString(), read.toString());
  }

  private static boolean isShown(Path real, List<Path> all) {
    return all.stream().anyMatch(shown -> !Files.isSymbolicLink(shown) && real.startsWith(shown));
  }
}
