package dev.cloister.sandbox.vaultfs;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.cloister.core.TimeSource;
import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The names of a vault and what they lead to, all of it in memory. A change of it is whole or not
 * at all, and so is a move; what a removed file held is given back after the lock, which nobody
 * holds while blocks are read or written. For any number of threads.
 */
final class Tree {
  /** What a name takes of the quota, whatever it leads to, beside the blocks of that. */
  static final int ENTRY_BYTES = 4096;

  /** Of a name in UTF-8, as on Linux. */
  static final int NAME_BYTES = 255;

  private static final int LINKS_FOLLOWED = 40;

  private final BlockStore store;
  private final Quota quota;
  private final TimeSource time;
  private final DirectoryNode root;
  private long lastNumber = 1;

  /**
   * Where a path leads.
   *
   * @param parent the directory that its last name is in
   * @param name that name; empty for the root
   * @param node what is there, if anything is
   */
  record Place(DirectoryNode parent, String name, @Nullable Node node) {}

  /** How an entry is made. */
  interface Maker {
    Node make(long number, Instant now) throws IOException;
  }

  Tree(BlockStore store, Quota quota, TimeSource time) {
    this.store = store;
    this.quota = quota;
    this.time = time;
    this.root = new DirectoryNode(lastNumber, 0755, time.now());
  }

  Instant now() {
    return time.now();
  }

  // Finding.

  /** Finds what a path leads to. */
  synchronized Node node(VaultPath path, boolean follow) throws IOException {
    return there(path, place(path, follow));
  }

  /** Whether a path names anything, if only a link. */
  synchronized boolean isThere(VaultPath path) throws IOException {
    return place(path, false).node() != null;
  }

  private static Node there(VaultPath path, Place place) throws NoSuchFileException {
    if (place.node() == null) {
      throw new NoSuchFileException(path.toString());
    }
    return place.node();
  }

  /** Finds the directory that a path leads to, by its own path without links and dots. */
  synchronized List<String> realNames(VaultPath path, boolean follow) throws IOException {
    var place = place(path, follow);
    var names = new ArrayDeque<String>();
    there(path, place);
    if (!place.name().isEmpty()) {
      names.addFirst(place.name());
    }
    for (var at = place.parent(); at != at.parent(); at = at.parent()) {
      names.addFirst(at.name());
    }
    return List.copyOf(names);
  }

  synchronized List<String> list(VaultPath path) throws IOException {
    if (node(path, true) instanceof DirectoryNode directory) {
      return directory.list();
    }
    throw new NotDirectoryException(path.toString());
  }

  private Place place(VaultPath path, boolean follow) throws IOException {
    var left = new ArrayDeque<>(path.names());
    var at = new Place(root, "", root);
    var links = 0;
    while (!left.isEmpty()) {
      var place = step(path, at, left.removeFirst());
      if (place.node() instanceof LinkNode link && (follow || !left.isEmpty())) {
        links++;
        if (links > LINKS_FOLLOWED) {
          throw Refusal.TOO_MANY_LINKS.of(path.toString());
        }
        prepend(link.target.names(), left);
        at = link.target.isAbsolute() ? new Place(root, "", root) : directory(place.parent());
      } else {
        at = place;
      }
    }
    return at;
  }

  private static void prepend(List<String> names, Deque<String> left) {
    names.reversed().forEach(left::addFirst);
  }

  private static Place directory(DirectoryNode directory) {
    return new Place(directory.parent(), directory.name(), directory);
  }

  private static Place step(VaultPath path, Place from, String name) throws IOException {
    if (!(from.node() instanceof DirectoryNode directory)) {
      throw from.node() == null
          ? new NoSuchFileException(path.toString())
          : Refusal.NOT_A_DIRECTORY.of(path.toString());
    }
    return switch (name) {
      case "." -> from;
      case ".." -> directory(directory.parent());
      default -> {
        if (name.getBytes(UTF_8).length > NAME_BYTES) {
          throw Refusal.NAME_TOO_LONG.of(path.toString());
        }
        yield new Place(directory, name, directory.get(name));
      }
    };
  }

  // Changing.

  /** Makes what is not there; the maker is called when nothing stands in the way. */
  synchronized Node create(VaultPath path, int moreBytes, Maker maker) throws IOException {
    var place = place(path, false);
    if (place.node() != null) {
      throw new FileAlreadyExistsException(path.toString());
    }
    return put(path, place, moreBytes, maker);
  }

  private Node put(VaultPath path, Place place, int moreBytes, Maker maker) throws IOException {
    var now = now();
    lastNumber++;
    var node = maker.make(lastNumber, now);
    quota.take(ENTRY_BYTES + (long) moreBytes, path.toString());
    place.parent().put(place.name(), node, now);
    return node;
  }

  void createDirectory(VaultPath path, int mode) throws IOException {
    create(path, 0, (number, now) -> new DirectoryNode(number, mode, now));
  }

  void createSymbolicLink(VaultPath path, VaultPath target) throws IOException {
    var bytes = target.toString().getBytes(UTF_8).length;
    create(path, bytes, (number, now) -> new LinkNode(number, target, bytes, now));
  }

  /** Gives a file another name. */
  synchronized void link(VaultPath path, VaultPath existing) throws IOException {
    var node = node(existing, false);
    create(
        path,
        node instanceof LinkNode link ? link.targetBytes : 0,
        (_, now) -> {
          if (node instanceof DirectoryNode) {
            throw Refusal.NOT_PERMITTED.of(existing.toString());
          }
          node.changed(now);
          return node;
        });
  }

  /** Finds a file to open, or makes it. */
  synchronized FileNode file(VaultPath path, OpenMode mode) throws IOException {
    var place = place(path, mode.follows() && !mode.createsNew());
    if (place.node() == null && mode.creates()) {
      return (FileNode) put(path, place, 0, (number, now) -> newFile(number, mode.fileMode(), now));
    }
    var node = there(path, place);
    if (mode.createsNew()) {
      throw new FileAlreadyExistsException(path.toString());
    }
    return switch (node) {
      case FileNode file -> file;
      case DirectoryNode _ -> throw Refusal.IS_A_DIRECTORY.of(path.toString());
      case LinkNode _ -> throw Refusal.TOO_MANY_LINKS.of(path.toString(), "NOFOLLOW_LINKS");
    };
  }

  private FileNode newFile(long number, int mode, Instant now) {
    return new FileNode(number, new FileContent(store, quota, number), mode, now);
  }

  void delete(VaultPath path) throws IOException {
    giveBack(unlink(path));
  }

  private synchronized Node unlink(VaultPath path) throws IOException {
    var place = place(path, false);
    var node = there(path, place);
    remove(path, place, node);
    return node;
  }

  private void remove(VaultPath path, Place place, Node node) throws IOException {
    if (place.name().isEmpty()) {
      throw Refusal.BUSY.of(path.toString());
    }
    if (node instanceof DirectoryNode directory && !directory.isEmpty()) {
      throw new DirectoryNotEmptyException(path.toString());
    }
    place.parent().remove(place.name(), now());
    node.changed(now());
    quota.give(ENTRY_BYTES + (node instanceof LinkNode link ? link.targetBytes : 0L));
  }

  /** After the lock: what writes the file may take a while to let go of it. */
  private synchronized boolean isNamed(Node node) {
    return node.names > 0;
  }

  private void giveBack(@Nullable Node node) {
    if (node instanceof FileNode file && !isNamed(file)) {
      file.unnamed();
    }
  }

  /**
   * Moves what a path names, whole or not at all.
   *
   * @param replaces whether something that is there may go, but for a directory that is not empty
   * @param atOnce with the rules of rename(2) for what may take whose place
   */
  void move(VaultPath from, VaultPath to, boolean replaces, boolean atOnce) throws IOException {
    giveBack(rename(from, to, replaces, atOnce));
  }

  /** Returns what was there. */
  private synchronized @Nullable Node rename(
      VaultPath from, VaultPath to, boolean replaces, boolean atOnce) throws IOException {
    var source = place(from, false);
    var moved = there(from, source);
    var target = place(to, false);
    var there = target.node();
    if (there == moved) {
      return null;
    }
    if (there != null && !replaces) {
      throw new FileAlreadyExistsException(to.toString());
    }
    if (source.name().isEmpty() || target.name().isEmpty()) {
      throw Refusal.BUSY.of(from.toString());
    }
    if (moved instanceof DirectoryNode directory && target.parent().isWithin(directory)) {
      throw Refusal.INVALID.of(from.toString(), "a directory does not go below itself");
    }
    if (there != null) {
      if (atOnce) {
        requireSameKind(moved, there, to);
      }
      remove(to, target, there);
    }
    var now = now();
    source.parent().remove(source.name(), now);
    target.parent().put(target.name(), moved, now);
    moved.changed(now);
    return there;
  }

  private static void requireSameKind(Node moved, Node there, VaultPath to) throws IOException {
    if (moved instanceof DirectoryNode && !(there instanceof DirectoryNode)) {
      throw Refusal.NOT_A_DIRECTORY.of(to.toString());
    }
    if (there instanceof DirectoryNode && !(moved instanceof DirectoryNode)) {
      throw Refusal.IS_A_DIRECTORY.of(to.toString());
    }
  }
}
