package dev.cloister.sandbox.vaultfs;

import java.nio.file.attribute.FileTime;
import java.time.Instant;

/**
 * What a name leads to, and what is known of it. The modes are kept, and obeyed by nobody: whoever
 * has the file system may do everything. Times of reading are not kept, but for those that were
 * set. For any number of threads; {@link #names} is guarded by the {@link Tree}.
 */
abstract sealed class Node permits FileNode, DirectoryNode, LinkNode {
  private static final int MODE_BITS = 07777;

  final long number;

  /** How many names lead here. */
  int names;

  private final int type;
  private volatile int mode;
  private volatile Instant created;
  private volatile Instant modified;
  private volatile Instant accessed;
  private volatile Instant changed;

  Node(long number, int type, int mode, Instant now) {
    this.number = number;
    this.type = type;
    this.mode = mode & MODE_BITS;
    this.created = now;
    this.modified = now;
    this.accessed = now;
    this.changed = now;
  }

  abstract long size();

  /** How many names are told: of a directory, also those that its subdirectories have for it. */
  abstract int links();

  /** As {@code st_mode} of inode(7) has it: type and permissions. */
  int mode() {
    return type | mode;
  }

  void mode(int bits, Instant now) {
    mode = bits & MODE_BITS;
    changed = now;
  }

  /** The content changed. */
  void touch(Instant now) {
    modified = now;
    changed = now;
  }

  void changed(Instant now) {
    changed = now;
  }

  void times(Times times, Instant now) {
    created = times.created.orElse(created);
    modified = times.modified.orElse(modified);
    accessed = times.accessed.orElse(accessed);
    changed = now;
  }

  VaultAttributes attributes() {
    return new VaultAttributes(
        number,
        mode(),
        links(),
        size(),
        FileTime.from(created),
        FileTime.from(modified),
        FileTime.from(accessed),
        FileTime.from(changed));
  }
}
