package dev.cloister.sandbox.fuse;

import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The files that the kernel knows, by its numbers for them, and the path that each has now. A
 * number is never used again, so all are of generation 0. Safe for use by many threads; a path
 * holds as long as nobody moves or detaches, which {@link Tree} sees to.
 */
final class Nodes {
  /** The kernel's number of the root; FUSE_ROOT_ID. */
  private static final long ROOT = 1;

  /** The longest path, in names: paths are built anew for each request. */
  private static final int DEEPEST = 1024;

  private final Path path;
  private final int most;
  private final Node root = new Node(ROOT, Kind.DIRECTORY, null, "");
  private final Map<Long, Node> byId = new HashMap<>();
  private long nextId = ROOT + 1;

  Nodes(Path path, int most) {
    this.path = path;
    this.most = most;
    byId.put(ROOT, root);
  }

  Node root() {
    return root;
  }

  synchronized Node get(long id) throws Refused {
    var node = byId.get(id);
    if (node == null) {
      throw new Refused(Errno.ESTALE);
    }
    return node;
  }

  synchronized @Nullable Node child(Node parent, String name) {
    return parent.children.get(name);
  }

  /** Refuses what would make one more node than there may be, before it is made. */
  synchronized void requireRoom() throws Refused {
    if (byId.size() >= most) {
      throw new Refused(Errno.ENFILE);
    }
  }

  /** The node of a name that the kernel is about to be told of. */
  synchronized Node found(Node parent, String name, Kind kind) throws Refused {
    var known = parent.children.get(name);
    if (known != null && known.kind == kind) {
      known.lookups++;
      return known;
    }
    requireRoom();
    if (known != null) {
      // Somebody else replaced it. Nobody may go on under the old number.
      detach(known, Attributes.unknown(known.kind));
    }
    var node = new Node(nextId++, kind, parent, name);
    node.lookups = 1;
    byId.put(node.id, node);
    parent.children.put(name, node);
    return node;
  }

  synchronized void forget(long id, long lookups) {
    var node = byId.get(id);
    if (node != null) {
      node.lookups -= Math.min(node.lookups, Math.max(0, lookups));
      drop(node);
    }
  }

  private void drop(Node unneeded) {
    var node = unneeded;
    while (node != root && node.lookups == 0 && node.children.isEmpty()) {
      byId.remove(node.id);
      var parent = parentOf(node);
      parent.children.remove(node.name, node);
      node = parent;
    }
  }

  private static Node parentOf(Node node) {
    var parent = node.parent;
    if (parent == null) {
      throw new IllegalStateException("the root has no parent");
    }
    return parent;
  }

  /** Takes its name away; it lives on as long as it is open. */
  synchronized void detach(Node node, Attributes last) {
    node.last = last.asGone();
    var parent = parentOf(node);
    parent.children.remove(node.name, node);
    drop(parent);
  }

  synchronized void move(Node node, Node parent, String name) {
    var before = parentOf(node);
    before.children.remove(node.name, node);
    node.parent = parent;
    node.name = name;
    parent.children.put(name, node);
    drop(before);
  }

  /** Whether a node is another or lies below it. */
  static boolean isWithin(Node node, Node other) {
    for (var each = node; each != null; each = each.parent) {
      if (each == other) {
        return true;
      }
    }
    return false;
  }

  Path pathOf(Node node) throws Refused {
    var names = new ArrayDeque<String>();
    var each = node;
    for (var parent = each.parent; parent != null; parent = each.parent) {
      if (each.last != null) {
        throw new Refused(Errno.ESTALE);
      }
      names.addFirst(each.name);
      each = parent;
    }
    if (names.size() > DEEPEST) {
      throw new Refused(Errno.ENAMETOOLONG);
    }
    var result = path;
    for (var name : names) {
      result = result.resolve(name);
    }
    return result;
  }
}
