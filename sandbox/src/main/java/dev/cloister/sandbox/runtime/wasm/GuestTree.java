package dev.cloister.sandbox.runtime.wasm;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/**
 * A directory that no path leads out of: each is walked name by name from its root, at each call
 * anew, and what is answered has no symbolic link on its way. It does not guard against somebody
 * else who changes the directory between a walk and its use. Used by one thread at a time.
 */
final class GuestTree {
  /** The longest path: 4,096 bytes, as on Linux. */
  static final int PATH_BYTES = 4096;

  /** The longest name: 255 bytes, as most file systems have it. */
  static final int NAME_BYTES = 255;

  /** How deep directories may lie within each other, for each call walks all of them. */
  static final int DEPTH = 256;

  /** How many links are followed on one way, as on Linux. */
  static final int LINKS = 40;

  private final Path root;

  GuestTree(Path root) {
    this.root = root;
  }

  /** Where a path leads: its names from the root; and what is there, if anything is. */
  record Place(List<String> names, Path path, Optional<BasicFileAttributes> found) {
    /** What is there, where something must be. */
    BasicFileAttributes there() throws FileRefused {
      return found.orElseThrow(() -> new FileRefused(Errno.NOT_FOUND));
    }

    boolean isDirectory() {
      return found.isPresent() && found.get().isDirectory();
    }
  }

  /** What a descriptor stands for, if it is still there. */
  Place at(List<String> names) throws IOException, FileRefused {
    return new Walk(names.size(), false).from(names);
  }

  /** Where a path from a directory leads, whose last name may be of nothing yet. */
  Place resolve(List<String> base, byte[] path, boolean follow) throws IOException, FileRefused {
    var text = text(path);
    return new Walk(base.size(), follow)
        .from(base, (text.endsWith("/") ? text + "." : text).split("/", -1));
  }

  /**
   * Where the entry that a path names lies, which is no link's goal and not the directory itself. A
   * slash at the end is passed over, as it is in names of directories.
   */
  Place entry(List<String> base, byte[] path) throws IOException, FileRefused {
    var text = text(path);
    var end = text.length();
    while (end > 1 && text.charAt(end - 1) == '/') {
      end--;
    }
    var names = text.substring(0, end).split("/", -1);
    if (isDots(names[names.length - 1])) {
      throw new FileRefused(Errno.INVALID);
    }
    var place = new Walk(base.size(), false).from(base, names);
    if (end < text.length() && place.found.isPresent() && !place.isDirectory()) {
      throw new FileRefused(Errno.NOT_DIRECTORY);
    }
    return place;
  }

  private static boolean isDots(String name) {
    return name.equals(".") || name.equals("..");
  }

  private static String text(byte[] path) throws FileRefused {
    for (var each : path) {
      if (each == 0) {
        throw new FileRefused(Errno.ILLEGAL_NAME);
      }
    }
    try {
      var text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(path)).toString();
      if (text.isEmpty()) {
        throw new FileRefused(Errno.NOT_FOUND);
      }
      if (text.startsWith("/")) {
        throw new FileRefused(Errno.NOT_CAPABLE);
      }
      return text;
    } catch (CharacterCodingException _) {
      throw new FileRefused(Errno.ILLEGAL_NAME);
    }
  }

  /** One name below a directory, and nothing else whatever the file system reads in it. */
  private static Path child(Path parent, String name) throws FileRefused {
    if (name.getBytes(StandardCharsets.UTF_8).length > NAME_BYTES) {
      throw new FileRefused(Errno.NAME_TOO_LONG);
    }
    var only = parent.getFileSystem().getPath(name);
    if (only.isAbsolute()
        || only.getRoot() != null
        || only.getNameCount() != 1
        || isDots(only.toString())) {
      throw new FileRefused(Errno.ILLEGAL_NAME);
    }
    return parent.resolve(only);
  }

  /** What is there, be it a link; empty where nothing is. */
  static Optional<BasicFileAttributes> look(Path path, LinkOption... options) throws IOException {
    try {
      return Optional.of(Files.readAttributes(path, BasicFileAttributes.class, options));
    } catch (NoSuchFileException _) {
      return Optional.empty();
    }
  }

  /** One walk; the names that it has gone are of directories, and none is a link. */
  private final class Walk {
    /** How many names it may not go back behind: those of the descriptor that it began from. */
    private final int floor;

    private final boolean follow;
    private final List<String> gone = new ArrayList<>();
    private final Deque<String> ahead = new ArrayDeque<>();
    private Path here = root;
    private int links;

    Walk(int floor, boolean follow) {
      this.floor = floor;
      this.follow = follow;
    }

    Place from(List<String> base, String... names) throws IOException, FileRefused {
      ahead.addAll(base);
      ahead.addAll(Arrays.asList(names));
      while (!ahead.isEmpty()) {
        var name = ahead.pop();
        if (name.equals("..")) {
          goBack();
        } else if (!name.isEmpty() && !name.equals(".")) {
          var stop = step(name);
          if (stop.isPresent()) {
            return stop.get();
          }
        }
      }
      return new Place(
          List.copyOf(gone),
          here,
          gone.isEmpty() ? look(here) : look(here, LinkOption.NOFOLLOW_LINKS));
    }

    private void goBack() throws FileRefused {
      if (gone.size() <= floor) {
        throw new FileRefused(Errno.NOT_CAPABLE);
      }
      gone.removeLast();
      here = root;
      for (var name : gone) {
        here = child(here, name);
      }
    }

    /** Goes one name further, or tells where the walk ends. */
    private Optional<Place> step(String name) throws IOException, FileRefused {
      var path = child(here, name);
      var found = look(path, LinkOption.NOFOLLOW_LINKS);
      var isLast = ahead.isEmpty();
      if (found.isEmpty() && !isLast) {
        throw new FileRefused(Errno.NOT_FOUND);
      }
      // What a descriptor stands for was no link when it was opened: it is not that any more.
      if (found.isPresent() && found.get().isSymbolicLink() && gone.size() < floor) {
        throw new FileRefused(Errno.NOT_FOUND);
      }
      if (found.isPresent() && found.get().isSymbolicLink() && (!isLast || follow)) {
        divert(path);
        return Optional.empty();
      }
      if (found.isPresent() && found.get().isDirectory()) {
        if (gone.size() == DEPTH) {
          throw new FileRefused(Errno.NAME_TOO_LONG);
        }
        gone.add(name);
        here = path;
        return Optional.empty();
      }
      if (!isLast) {
        throw new FileRefused(Errno.NOT_DIRECTORY);
      }
      var names = new ArrayList<>(gone);
      names.add(name);
      return Optional.of(new Place(List.copyOf(names), path, found));
    }

    /** Goes on where a link leads; what it leads through is walked as the path itself. */
    private void divert(Path link) throws IOException, FileRefused {
      if (++links > LINKS) {
        throw new FileRefused(Errno.LOOP);
      }
      var target = Files.readSymbolicLink(link);
      if (target.isAbsolute() || target.getRoot() != null) {
        throw new FileRefused(Errno.NOT_CAPABLE);
      }
      for (var i = target.getNameCount() - 1; i >= 0; i--) {
        ahead.push(target.getName(i).toString());
      }
    }
  }
}
