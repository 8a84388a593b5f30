package dev.cloister.sandbox.fuse;

import java.io.IOException;
import java.util.List;

/** One opened directory, and its names as they were when the kernel began to list them. */
final class OpenDirectory implements Handle {
  private final Node node;
  private final Handles handles;
  private List<String> names = List.of();
  private boolean closed;

  /** Finds the names. */
  @FunctionalInterface
  interface Listing {
    List<String> names() throws IOException;
  }

  OpenDirectory(Node node, Handles handles) {
    this.node = node;
    this.handles = handles;
  }

  @Override
  public Node node() {
    return node;
  }

  /** Its names, listed anew when the kernel begins anew. */
  synchronized List<String> names(boolean anew, Listing listing) throws IOException {
    if (anew && !closed) {
      handles.unlist(names.size());
      names = List.of();
      var listed = listing.names();
      handles.list(listed.size());
      names = listed;
    }
    return names;
  }

  @Override
  public synchronized void close() {
    closed = true;
    handles.unlist(names.size());
    names = List.of();
  }
}
