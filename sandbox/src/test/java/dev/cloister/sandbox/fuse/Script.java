package dev.cloister.sandbox.fuse;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.zip.CRC32;

/** Random operations on a few names: the same seed does the same in every directory. */
final class Script {
  private static final List<String> NAMES = List.of("a", "b", "c", "dir", "ä ö", "long".repeat(60));
  private static final int MOST_BYTES = 300_000;

  private final Path top;
  private final Random random;
  private final boolean modes;

  /**
   * @param modes whether permissions are compared too
   */
  Script(Path top, long seed, boolean modes) {
    this.top = top;
    this.random = new Random(seed);
    this.modes = modes;
  }

  private Path somewhere() {
    var path = top;
    for (var depth = random.nextInt(3); depth >= 0; depth--) {
      path = path.resolve(NAMES.get(random.nextInt(NAMES.size())));
    }
    return path;
  }

  /** Does the next, and tells what came of it. */
  String step() {
    var number = random.nextInt(16);
    var path = somewhere();
    var other = somewhere();
    var size = random.nextInt(MOST_BYTES);
    var seed = random.nextLong();
    var what =
        number + " " + top.relativize(path) + " " + top.relativize(other) + " " + size + ": ";
    try {
      return what + act(number, path, other, size, seed);
    } catch (FileSystemException e) {
      return what + e.getClass().getSimpleName() + " " + e.getReason();
    } catch (IOException e) {
      return what + e;
    }
  }

  private String act(int number, Path path, Path other, int size, long seed) throws IOException {
    switch (number) {
      case 0, 1 -> Files.createDirectory(path);
      case 2, 3 -> Files.write(path, bytes(seed, size));
      case 4 -> Files.write(path, bytes(seed, size), StandardOpenOption.APPEND);
      case 5 -> writeAt(path, bytes(seed, size % 10_000), size);
      case 6 -> truncate(path, size);
      case 7 -> Files.delete(path);
      case 8 -> Files.move(path, other);
      case 9 -> Files.move(path, other, StandardCopyOption.ATOMIC_MOVE);
      case 10 -> Files.createSymbolicLink(path, Path.of(NAMES.get(size % NAMES.size())));
      case 11 -> Files.setLastModifiedTime(path, FileTime.fromMillis(size * 1_000_003L));
      case 12 -> Files.createFile(path);
      case 13 -> {
        if (modes) {
          var mode = size % 2 == 0 ? "rw-r-----" : "rwxr-xr-x";
          Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(mode));
        }
      }
      case 14 -> {
        return tell(path);
      }
      default -> {
        return list(path).toString();
      }
    }
    return "done";
  }

  private static void writeAt(Path path, byte[] bytes, long place) throws IOException {
    try (var channel = FileChannel.open(path, StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.wrap(bytes), place);
    }
  }

  private static void truncate(Path path, long size) throws IOException {
    try (var channel = FileChannel.open(path, StandardOpenOption.WRITE)) {
      channel.truncate(size);
    }
  }

  private static byte[] bytes(long seed, int size) {
    var bytes = new byte[size];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  private static List<String> list(Path directory) throws IOException {
    try (var names = Files.list(directory)) {
      return names.map(name -> name.getFileName().toString()).sorted().toList();
    }
  }

  private String tell(Path path) throws IOException {
    var told = new ArrayList<Object>();
    var attributes =
        Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    if (attributes.isSymbolicLink()) {
      told.add("-> " + Files.readSymbolicLink(path));
    } else if (attributes.isDirectory()) {
      told.add("directory");
    } else {
      told.add(attributes.size());
      told.add(digest(Files.readAllBytes(path)));
    }
    if (modes && !attributes.isSymbolicLink()) {
      told.add(Files.getPosixFilePermissions(path, LinkOption.NOFOLLOW_LINKS));
    }
    return told.toString();
  }

  private static String digest(byte[] content) {
    var sum = new CRC32();
    sum.update(content);
    return HexFormat.of().toHexDigits(sum.getValue());
  }

  /** Tells all that there is. */
  List<String> all() throws IOException {
    var told = new ArrayList<String>();
    try (var walk = Files.walk(top)) {
      for (var path : walk.sorted().toList()) {
        told.add(top.relativize(path) + " " + tell(path));
      }
    }
    told.sort(String::compareTo);
    return told;
  }
}
