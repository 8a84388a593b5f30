package dev.cloister.sandbox.vaultfs;

import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.StandardOpenOption;
import java.util.Set;

/**
 * How a file is opened.
 *
 * @param reads whether it can be read
 * @param writes whether it can be written
 * @param options the others
 * @param fileMode the permissions of a file that is made
 */
record OpenMode(boolean reads, boolean writes, Set<? extends OpenOption> options, int fileMode) {

  static OpenMode of(Set<? extends OpenOption> options, int fileMode) {
    for (var option : options) {
      if (!(option instanceof StandardOpenOption) && option != LinkOption.NOFOLLOW_LINKS) {
        throw new UnsupportedOperationException(
            option + ": a vault has the standard options alone");
      }
    }
    var appends = options.contains(StandardOpenOption.APPEND);
    var writes = appends || options.contains(StandardOpenOption.WRITE);
    var reads = options.contains(StandardOpenOption.READ) || !writes;
    if (appends && reads) {
      throw new IllegalArgumentException("READ + APPEND not allowed");
    }
    if (appends && options.contains(StandardOpenOption.TRUNCATE_EXISTING)) {
      throw new IllegalArgumentException("APPEND + TRUNCATE_EXISTING not allowed");
    }
    return new OpenMode(reads, writes, Set.copyOf(options), fileMode);
  }

  /** Writes what was not there. */
  static OpenMode creating(int fileMode) {
    return of(Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), fileMode);
  }

  private boolean has(StandardOpenOption option) {
    return options.contains(option);
  }

  boolean appends() {
    return has(StandardOpenOption.APPEND);
  }

  boolean createsNew() {
    return writes && has(StandardOpenOption.CREATE_NEW);
  }

  boolean creates() {
    return writes && (has(StandardOpenOption.CREATE) || has(StandardOpenOption.CREATE_NEW));
  }

  boolean truncates() {
    return writes && has(StandardOpenOption.TRUNCATE_EXISTING);
  }

  boolean deletesOnClose() {
    return has(StandardOpenOption.DELETE_ON_CLOSE);
  }

  /** Whether each write is on the disk before it returns. */
  boolean forces() {
    return writes && (has(StandardOpenOption.SYNC) || has(StandardOpenOption.DSYNC));
  }

  boolean follows() {
    // As on Linux, what is removed by its name is opened by it.
    return !options.contains(LinkOption.NOFOLLOW_LINKS) && !deletesOnClose();
  }
}
