package dev.cloister.sandbox.fuse;

import dev.cloister.core.internal.Failures;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What the kernel holds open, by numbers that are never used again. For many threads. */
final class Handles {
  private final FuseLimits limits;
  private final Map<Long, Handle> open = new HashMap<>();
  private long nextId = 1;
  private int listedNames;
  private boolean closed;

  Handles(FuseLimits limits) {
    this.limits = limits;
  }

  synchronized void requireRoom() throws Refused {
    if (closed || open.size() >= limits.handles()) {
      throw new Refused(Errno.ENFILE);
    }
  }

  /** Takes a handle, or closes it where there is no room any more. */
  long add(Handle handle) throws IOException {
    synchronized (this) {
      if (!closed && open.size() < limits.handles()) {
        open.put(nextId, handle);
        return nextId++;
      }
    }
    handle.close();
    throw new Refused(Errno.ENFILE);
  }

  synchronized OpenFile file(long id) throws Refused {
    if (open.get(id) instanceof OpenFile file) {
      return file;
    }
    throw new Refused(Errno.EBADF);
  }

  synchronized OpenDirectory directory(long id) throws Refused {
    if (open.get(id) instanceof OpenDirectory directory) {
      return directory;
    }
    throw new Refused(Errno.EBADF);
  }

  /** Any file that is open under a node. */
  synchronized Optional<OpenFile> fileOf(Node node) {
    return open.values().stream()
        .filter(each -> each.node() == node)
        .filter(OpenFile.class::isInstance)
        .map(OpenFile.class::cast)
        .findFirst();
  }

  void release(long id) throws IOException {
    Handle released;
    synchronized (this) {
      released = open.remove(id);
    }
    if (released == null) {
      throw new Refused(Errno.EBADF);
    }
    released.close();
  }

  synchronized void list(int names) throws Refused {
    if (names > limits.listedNames() - listedNames) {
      throw new Refused(Errno.ENFILE);
    }
    listedNames += names;
  }

  synchronized void unlist(int names) {
    listedNames -= names;
  }

  /** The most names that one more directory may have. */
  synchronized int roomForNames() {
    return limits.listedNames() - listedNames;
  }

  /** Closes all; none is opened any more. */
  void close() throws IOException {
    List<Handle> left;
    synchronized (this) {
      closed = true;
      left = new ArrayList<>(open.values());
      open.clear();
    }
    var failures = new Failures();
    left.forEach(handle -> failures.run(handle::close));
    failures.throwFirst();
  }
}
