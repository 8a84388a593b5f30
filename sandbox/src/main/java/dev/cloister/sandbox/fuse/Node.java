package dev.cloister.sandbox.fuse;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A file that the kernel knows by a number; {@link Nodes} guards what changes. */
final class Node {
  final long id;
  final Kind kind;

  /** Null of the root alone. */
  volatile @Nullable Node parent;

  volatile String name;

  /** What it was when its last name went; null as long as it has one. */
  volatile @Nullable Attributes last;

  /** How often the kernel was told of it and has not forgotten. */
  long lookups;

  final Map<String, Node> children = new HashMap<>();

  Node(long id, Kind kind, @Nullable Node parent, String name) {
    this.id = id;
    this.kind = kind;
    this.parent = parent;
    this.name = name;
  }
}
