package dev.cloister.sandbox.vaultfs;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.CopyOption;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * One of many file systems to which the same is done: each step is drawn from a seed, done below a
 * root, and tells what it came to in words that can be compared.
 */
final class FileScript implements AutoCloseable {
  private static final List<String> NAMES = List.of("a", "b", "c", "d");
  private static final int CHANNELS = 4;
  private static final int FAR = 200_000;

  private final Path root;

  /** Whether nothing is done that file systems are known to differ in: see {@link #plain}. */
  private final boolean isPlain;

  private final @Nullable SeekableByteChannel[] channels = new SeekableByteChannel[CHANNELS];

  /** What is done, and what it came to. */
  record Outcome(String step, String result) {}

  private interface Step {
    Object take() throws IOException;
  }

  private FileScript(Path root, boolean isPlain) {
    this.root = root;
    this.isPlain = isPlain;
  }

  static FileScript below(Path root) {
    return new FileScript(root, false);
  }

  /**
   * Leaves out what jimfs does in a way of its own: symbolic links (it creates nothing through one,
   * and gives one no second name), appending (its position is not the end), writing no bytes beyond
   * the end (it extends the file), and atomic moves (a file takes a directory's place).
   */
  static FileScript plain(Path root) {
    return new FileScript(root, true);
  }

  Outcome step(long seed) {
    var random = new Random(seed);
    return switch (random.nextInt(24)) {
      case 0, 1 -> write(random);
      case 2 -> read(path(random));
      case 3 -> createDirectory(path(random));
      case 4 -> delete(path(random));
      case 5, 6 -> move(path(random), path(random), random);
      case 7 -> copy(path(random), path(random), random);
      case 8 -> isPlain ? list(path(random)) : symbolicLink(path(random), random);
      case 9 -> link(path(random), path(random));
      case 10 -> list(path(random));
      case 11 -> attributes(path(random), random);
      case 12 -> times(path(random), random);
      case 13 -> permissions(path(random), random);
      case 14 -> real(path(random), random);
      case 15 -> same(path(random), path(random));
      case 16 -> target(path(random));
      default -> channel(random);
    };
  }

  private Path path(Random random) {
    var path = root;
    for (var depth = random.nextInt(3); depth >= 0; depth--) {
      path = path.resolve(NAMES.get(random.nextInt(NAMES.size())));
    }
    return path;
  }

  private Outcome outcome(String step, Step taken) {
    try {
      return new Outcome(step.replace(root + "/", ""), String.valueOf(taken.take()));
    } catch (IOException | RuntimeException e) {
      return new Outcome(step.replace(root + "/", ""), e.getClass().getSimpleName());
    }
  }

  private byte[] bytes(Random random) {
    var most =
        switch (random.nextInt(4)) {
          case 0 -> 1;
          case 1 -> 100;
          case 2 -> 5000;
          default -> FAR;
        };
    var bytes = new byte[random.nextInt(most) + (isPlain ? 1 : 0)];
    random.nextBytes(bytes);
    return bytes;
  }

  private Set<OpenOption> options(Random random) {
    var all =
        new ArrayList<OpenOption>(
            List.of(
                StandardOpenOption.WRITE,
                StandardOpenOption.APPEND,
                StandardOpenOption.TRUNCATE_EXISTING,
                StandardOpenOption.CREATE,
                StandardOpenOption.CREATE_NEW,
                StandardOpenOption.READ,
                LinkOption.NOFOLLOW_LINKS));
    var chosen = new HashSet<OpenOption>();
    if (random.nextInt(3) > 0) {
      chosen.add(StandardOpenOption.WRITE);
      chosen.add(StandardOpenOption.CREATE);
    }
    while (random.nextInt(3) > 0) {
      chosen.add(all.get(random.nextInt(all.size())));
    }
    if (isPlain) {
      chosen.remove(StandardOpenOption.APPEND);
    }
    return chosen;
  }

  private Outcome write(Random random) {
    var path = path(random);
    var bytes = bytes(random);
    return outcome(
        "write " + path + " " + bytes.length,
        () -> {
          Files.write(path, bytes);
          return Files.size(path);
        });
  }

  private Outcome read(Path path) {
    return outcome("read " + path, () -> Arrays.hashCode(Files.readAllBytes(path)));
  }

  private Outcome createDirectory(Path path) {
    return outcome("createDirectory " + path, () -> Files.createDirectory(path).equals(path));
  }

  private Outcome delete(Path path) {
    return outcome(
        "delete " + path,
        () -> {
          Files.delete(path);
          return "gone";
        });
  }

  private CopyOption[] moveOptions(Random random) {
    return switch (random.nextInt(isPlain ? 2 : 3)) {
      case 2 -> new CopyOption[] {StandardCopyOption.ATOMIC_MOVE};
      case 1 -> new CopyOption[] {StandardCopyOption.REPLACE_EXISTING};
      default -> new CopyOption[0];
    };
  }

  private Outcome move(Path from, Path to, Random random) {
    // The JDK removes what is replaced before it finds that a directory cannot go below itself.
    var options = to.startsWith(from) && !to.equals(from) ? new CopyOption[0] : moveOptions(random);
    return outcome(
        "move %s %s %s".formatted(from, to, Arrays.toString(options)),
        () -> Files.move(from, to, options).equals(to));
  }

  private Outcome copy(Path from, Path to, Random random) {
    var options = new ArrayList<CopyOption>();
    if (random.nextBoolean()) {
      options.add(StandardCopyOption.REPLACE_EXISTING);
    }
    if (random.nextBoolean()) {
      options.add(NOFOLLOW_LINKS);
    }
    return outcome(
        "copy %s %s %s".formatted(from, to, options),
        () -> Files.copy(from, to, options.toArray(CopyOption[]::new)).equals(to));
  }

  private Outcome symbolicLink(Path path, Random random) {
    var target =
        path.getFileSystem()
            .getPath(
                (random.nextInt(4) == 0 && path.getNameCount() > root.getNameCount() + 1
                        ? "../"
                        : "")
                    + NAMES.get(random.nextInt(NAMES.size())));
    return outcome(
        "symbolicLink %s %s".formatted(path, target),
        () -> Files.createSymbolicLink(path, target).equals(path));
  }

  private Outcome link(Path path, Path existing) {
    return outcome(
        "link %s %s".formatted(path, existing),
        () -> Files.createLink(path, existing).equals(path));
  }

  private Outcome list(Path path) {
    return outcome("list " + path, () -> names(path));
  }

  private static List<String> names(Path path) throws IOException {
    try (var entries = Files.list(path)) {
      return entries.map(entry -> entry.getFileName().toString()).sorted().toList();
    }
  }

  private static LinkOption[] linkOptions(Random random) {
    return random.nextBoolean() ? new LinkOption[] {NOFOLLOW_LINKS} : new LinkOption[0];
  }

  private Outcome attributes(Path path, Random random) {
    var options = linkOptions(random);
    return outcome("attributes " + path + Arrays.toString(options), () -> told(path, options));
  }

  private static String told(Path path, LinkOption... options) throws IOException {
    var told = Files.readAttributes(path, BasicFileAttributes.class, options);
    if (told.isDirectory()) {
      return "directory";
    }
    return (told.isSymbolicLink() ? "link" : "file " + told.size())
        + " of "
        + Files.getAttribute(path, "unix:nlink", options);
  }

  private Outcome times(Path path, Random random) {
    var time = FileTime.fromMillis(random.nextInt(1_000_000_000));
    return outcome(
        "times " + path,
        () -> Files.getLastModifiedTime(Files.setLastModifiedTime(path, time)).equals(time));
  }

  private Outcome permissions(Path path, Random random) {
    var all = List.of("rw-------", "rwxr-xr-x", "r--r--r--", "---------");
    var permissions = PosixFilePermissions.fromString(all.get(random.nextInt(all.size())));
    return outcome(
        "permissions " + path,
        () -> {
          Files.setPosixFilePermissions(path, permissions);
          return PosixFilePermissions.toString(Files.getPosixFilePermissions(path))
              + Files.isExecutable(path)
              + Files.isReadable(path);
        });
  }

  private Outcome real(Path path, Random random) {
    var options = linkOptions(random);
    return outcome(
        "real " + path + Arrays.toString(options),
        () -> root.toRealPath().relativize(path.toRealPath(options)));
  }

  private Outcome same(Path path, Path other) {
    return outcome("same %s %s".formatted(path, other), () -> Files.isSameFile(path, other));
  }

  private Outcome target(Path path) {
    return outcome("target " + path, () -> Files.readSymbolicLink(path));
  }

  private Outcome channel(Random random) {
    var which = random.nextInt(CHANNELS);
    var channel = channels[which];
    if (channel == null) {
      var path = path(random);
      var options = options(random);
      return outcome(
          "open %d %s %s".formatted(which, path, new TreeSet<>(words(options))),
          () -> {
            if (Files.isDirectory(path)) {
              // The JDK opens it, and fails at the first read; the vault refuses at once.
              return "directory";
            }
            var opened = Files.newByteChannel(path, options);
            channels[which] = opened;
            return opened.position() + " of " + opened.size();
          });
    }
    var at = random.nextInt(random.nextBoolean() ? FAR : 1000);
    return switch (random.nextInt(7)) {
      case 0 -> outcome("close " + which, () -> closed(which, channel));
      case 1 ->
          outcome(
              "truncate %d %d".formatted(which, at),
              () -> channel.truncate(at).size() + " at " + channel.position());
      case 2 -> outcome("seek %d %d".formatted(which, at), () -> channel.position(at).position());
      case 3, 4 -> {
        var bytes = bytes(random);
        yield outcome(
            "write channel %d %d".formatted(which, bytes.length),
            () ->
                "%d to %d of %d"
                    .formatted(
                        channel.write(ByteBuffer.wrap(bytes)), channel.position(), channel.size()));
      }
      default -> {
        var into = ByteBuffer.allocate(random.nextInt(FAR));
        yield outcome(
            "read channel %d %d".formatted(which, into.capacity()),
            () ->
                "%d %s at %d".formatted(channel.read(into), into.flip(), channel.position())
                    + into.hashCode());
      }
    };
  }

  private static List<String> words(Set<OpenOption> options) {
    return options.stream().map(Object::toString).toList();
  }

  private String closed(int which, SeekableByteChannel channel) throws IOException {
    channels[which] = null;
    channel.close();
    return "closed";
  }

  /** The whole tree: each path, what it is, and what is in it. */
  List<String> tree() {
    var told = new ArrayList<String>();
    try (var all = Files.walk(root)) {
      all.sorted()
          .filter(path -> !path.equals(root))
          .forEach(path -> told.add(root.relativize(path) + ": " + content(path)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return told;
  }

  private static String content(Path path) {
    try {
      if (Files.isSymbolicLink(path)) {
        return "link to " + Files.readSymbolicLink(path);
      }
      return told(path)
          + (Files.isRegularFile(path) ? " " + Arrays.hashCode(Files.readAllBytes(path)) : "");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() throws IOException {
    for (var channel : channels) {
      if (channel != null) {
        channel.close();
      }
    }
  }
}
