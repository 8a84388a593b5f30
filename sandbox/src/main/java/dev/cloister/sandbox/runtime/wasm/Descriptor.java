package dev.cloister.sandbox.runtime.wasm;

import java.io.Closeable;
import java.util.List;

/** What a guest has open: rights, which only ever get fewer, and where it lies from the root. */
abstract sealed class Descriptor implements Closeable permits OpenFile, OpenDirectory {
  /** {@code fdflags}: every write is to the end. */
  static final int APPEND = 1;

  /** {@code fdflags}: each write waits for the disk, in one of three ways. */
  static final int SYNCS = 2 | 8 | 16;

  /** All of {@code fdflags}; not to block means nothing for files. */
  static final int FLAGS = APPEND | SYNCS | 4;

  private long rights;
  private long inheriting;

  /** Flags of {@code fdflags} that it has. */
  int flags;

  /** The names from the root, which change when it is renamed. */
  List<String> names;

  Descriptor(List<String> names, long rights, long inheriting) {
    this.names = names;
    this.rights = rights;
    this.inheriting = inheriting;
  }

  long rights() {
    return rights;
  }

  /** The most that what is opened by it may have. */
  long inheriting() {
    return inheriting;
  }

  void require(long wanted) throws FileRefused {
    if ((wanted & ~rights) != 0) {
      throw new FileRefused(Errno.NOT_CAPABLE);
    }
  }

  /** Gives rights up; there are none to be had. */
  void narrow(long kept, long keptInheriting) throws FileRefused {
    require(kept);
    if ((keptInheriting & ~inheriting) != 0) {
      throw new FileRefused(Errno.NOT_CAPABLE);
    }
    rights = kept;
    inheriting = keptInheriting;
  }
}
