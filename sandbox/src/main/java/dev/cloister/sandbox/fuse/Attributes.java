package dev.cloister.sandbox.fuse;

import dev.cloister.sandbox.internal.ModeBits;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFileAttributes;

/**
 * What stat(2) tells of a file, as far as its provider knows it. The time of the last change of
 * status is that of the contents: providers need not have one.
 *
 * @param permissions the nine bits
 * @param gone whether no name leads to it any more
 */
record Attributes(
    Kind kind, long size, int permissions, FileTime accessed, FileTime modified, boolean gone) {
  /** Of a provider that knows no permissions: all for the owner, none for others. */
  private static final int OF_DIRECTORIES = 0700;

  private static final int OF_FILES = 0600;
  private static final int OF_LINKS = 0777;

  private static final int BLOCK_BYTES = 512;
  private static final int PREFERRED_BYTES = 4096;

  /**
   * Reads them, of a link itself.
   *
   * @param posix whether the provider knows permissions
   */
  static Attributes of(Path path, boolean posix) throws IOException {
    if (!posix) {
      var read = Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
      var kind = kind(read);
      return of(
          read,
          kind,
          switch (kind) {
            case DIRECTORY -> OF_DIRECTORIES;
            case FILE -> OF_FILES;
            case LINK -> OF_LINKS;
          });
    }
    var read = Files.readAttributes(path, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    return of(read, kind(read), ModeBits.of(read.permissions()));
  }

  /** Of a file that somebody else took away. */
  static Attributes unknown(Kind kind) {
    return new Attributes(kind, 0, 0, FileTime.fromMillis(0), FileTime.fromMillis(0), true);
  }

  private static Attributes of(BasicFileAttributes read, Kind kind, int permissions) {
    return new Attributes(
        kind,
        kind == Kind.DIRECTORY ? 0 : read.size(),
        permissions,
        read.lastAccessTime(),
        read.lastModifiedTime(),
        false);
  }

  private static Kind kind(BasicFileAttributes read) throws Refused {
    if (read.isRegularFile()) {
      return Kind.FILE;
    }
    if (read.isDirectory()) {
      return Kind.DIRECTORY;
    }
    if (read.isSymbolicLink()) {
      return Kind.LINK;
    }
    throw new Refused(Errno.ENOENT);
  }

  Attributes withSize(long bytes) {
    return new Attributes(kind, bytes, permissions, accessed, modified, gone);
  }

  Attributes withPermissions(int mode) {
    return new Attributes(kind, size, mode & 0777, accessed, modified, gone);
  }

  Attributes withTimes(FileTime access, FileTime modification) {
    return new Attributes(kind, size, permissions, access, modification, gone);
  }

  Attributes asGone() {
    return new Attributes(kind, size, permissions, accessed, modified, true);
  }

  /** Writes struct fuse_attr. */
  void put(ByteBuffer reply, long inode, Owner owner) {
    var access = accessed.toInstant();
    var modification = modified.toInstant();
    reply.putLong(inode).putLong(size).putLong(Math.ceilDiv(size, BLOCK_BYTES));
    reply.putLong(access.getEpochSecond());
    reply.putLong(modification.getEpochSecond()).putLong(modification.getEpochSecond());
    reply.putInt(access.getNano()).putInt(modification.getNano()).putInt(modification.getNano());
    // One link for directories too: those who count subdirectories by it know 1 as "not told".
    reply.putInt(kind.format() | permissions).putInt(gone ? 0 : 1);
    reply.putInt(owner.user()).putInt(owner.group()).putInt(0).putInt(PREFERRED_BYTES).putInt(0);
  }
}
