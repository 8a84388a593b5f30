package dev.cloister.sandbox.vaultfs;

import java.time.Instant;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A directory. Guarded by the {@link Tree}. */
final class DirectoryNode extends Node {
  static final int DIRECTORY = 0040000;

  /** What a directory says its size is, whatever is in it. */
  private static final long SIZE = 4096;

  private final TreeMap<String, Node> entries = new TreeMap<>();
  private int directories;

  /** Itself, for the root. */
  private DirectoryNode parent;

  private String name;

  DirectoryNode(long number, int mode, Instant now) {
    super(number, DIRECTORY, mode, now);
    this.parent = this;
    this.name = "";
  }

  DirectoryNode parent() {
    return parent;
  }

  /** Empty for the root, and for one that was removed. */
  String name() {
    return name;
  }

  @Nullable Node get(String child) {
    return entries.get(child);
  }

  boolean isEmpty() {
    return entries.isEmpty();
  }

  /** The names, sorted. */
  List<String> list() {
    return List.copyOf(entries.keySet());
  }

  void put(String child, Node node, Instant now) {
    entries.put(child, node);
    node.names++;
    if (node instanceof DirectoryNode directory) {
      directories++;
      directory.parent = this;
      directory.name = child;
    }
    touch(now);
  }

  void remove(String child, Instant now) {
    var node = entries.remove(child);
    if (node != null) {
      node.names--;
      if (node instanceof DirectoryNode directory) {
        directories--;
        directory.name = "";
      }
    }
    touch(now);
  }

  /** Whether this is, or is somewhere below, another. */
  boolean isWithin(DirectoryNode other) {
    var at = this;
    while (at != other) {
      if (at.parent == at) {
        return false;
      }
      at = at.parent;
    }
    return true;
  }

  @Override
  long size() {
    return SIZE;
  }

  @Override
  int links() {
    return 2 + directories;
  }
}
