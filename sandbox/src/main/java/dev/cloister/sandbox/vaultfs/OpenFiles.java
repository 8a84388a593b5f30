package dev.cloister.sandbox.vaultfs;

import java.io.Closeable;
import java.io.IOException;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/**
 * The channels and directory streams of a vault that are open, of which there are only so many: an
 * open file holds a block in memory. For any number of threads.
 */
final class OpenFiles {
  private final int most;
  private final Set<Closeable> open = Collections.newSetFromMap(new IdentityHashMap<>());

  OpenFiles(int most) {
    this.most = most;
  }

  synchronized void add(Closeable opened, String file) throws IOException {
    if (open.size() >= most) {
      throw Refusal.TOO_MANY_OPEN.of(file, "allowed are %d, set by openFiles(n)".formatted(most));
    }
    open.add(opened);
  }

  synchronized void remove(Closeable closed) {
    open.remove(closed);
  }

  synchronized List<Closeable> all() {
    return List.copyOf(open);
  }
}
