package dev.cloister.sandbox.fuse;

import java.nio.file.attribute.FileTime;
import java.time.Instant;

/** What is to become of a file's attributes: struct fuse_setattr_in. */
record Change(
    int valid,
    long handle,
    long size,
    FileTime accessed,
    FileTime modified,
    int mode,
    int user,
    int group) {
  private static final int MODE = 1;
  private static final int USER = 1 << 1;
  private static final int GROUP = 1 << 2;
  private static final int SIZE = 1 << 3;
  private static final int ACCESSED = 1 << 4;
  private static final int MODIFIED = 1 << 5;
  private static final int HANDLE = 1 << 6;
  private static final int ACCESSED_NOW = 1 << 7;
  private static final int MODIFIED_NOW = 1 << 8;
  private static final long NANOS = 1_000_000_000;

  /** Reads it. */
  static Change of(Request request, Instant now) throws Refused {
    var valid = request.nextInt();
    request.skip(4);
    var handle = request.nextLong();
    var size = request.nextLong();
    request.skip(8);
    var accessSeconds = request.nextLong();
    var modificationSeconds = request.nextLong();
    request.skip(8);
    var accessed = time(valid & ACCESSED_NOW, now, accessSeconds, request.nextInt());
    var modified = time(valid & MODIFIED_NOW, now, modificationSeconds, request.nextInt());
    request.skip(4);
    var mode = request.nextInt();
    request.skip(4);
    return new Change(
        valid, handle, size, accessed, modified, mode, request.nextInt(), request.nextInt());
  }

  private static FileTime time(int isNow, Instant now, long seconds, int nanos) throws Refused {
    if (isNow != 0) {
      return FileTime.from(now);
    }
    var inRange = seconds >= Instant.MIN.getEpochSecond() && seconds < Instant.MAX.getEpochSecond();
    if (!inRange || Integer.toUnsignedLong(nanos) >= NANOS) {
      throw new Refused(Errno.EINVAL);
    }
    return FileTime.from(Instant.ofEpochSecond(seconds, nanos));
  }

  private boolean has(int bits) {
    return (valid & bits) != 0;
  }

  boolean resizes() {
    return has(SIZE);
  }

  boolean byHandle() {
    return has(HANDLE);
  }

  boolean changesMode() {
    return has(MODE);
  }

  boolean changesTimes() {
    return has(ACCESSED | ACCESSED_NOW | MODIFIED | MODIFIED_NOW);
  }

  /** Times after it, where some may stay as they were. */
  Attributes timesOn(Attributes before) {
    return before.withTimes(
        has(ACCESSED | ACCESSED_NOW) ? accessed : before.accessed(),
        has(MODIFIED | MODIFIED_NOW) ? modified : before.modified());
  }

  Owner ownerAfter(Owner before) {
    return new Owner(has(USER) ? user : before.user(), has(GROUP) ? group : before.group());
  }
}
