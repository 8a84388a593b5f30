package dev.cloister.sandbox.vaultfs;

import dev.cloister.sandbox.internal.ModeBits;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.UserPrincipal;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * What is told of a file, at one moment.
 *
 * @param number the file's, which no other of this vault has or had
 * @param mode as {@code st_mode} of inode(7)
 * @param links how many names lead there
 * @param size in bytes
 * @param creationTime when it was made
 * @param lastModifiedTime when its content last changed
 * @param lastAccessTime as it was last set; reading does not change it
 * @param changeTime when anything of it last changed
 */
record VaultAttributes(
    long number,
    int mode,
    int links,
    long size,
    FileTime creationTime,
    FileTime lastModifiedTime,
    FileTime lastAccessTime,
    FileTime changeTime)
    implements PosixFileAttributes {

  private static final int TYPE_BITS = 0170000;

  private boolean is(int type) {
    return (mode & TYPE_BITS) == type;
  }

  @Override
  public boolean isRegularFile() {
    return is(FileNode.REGULAR_FILE);
  }

  @Override
  public boolean isDirectory() {
    return is(DirectoryNode.DIRECTORY);
  }

  @Override
  public boolean isSymbolicLink() {
    return is(LinkNode.SYMBOLIC_LINK);
  }

  @Override
  public boolean isOther() {
    return false;
  }

  @Override
  public Object fileKey() {
    return number;
  }

  @Override
  public UserPrincipal owner() {
    return VaultPrincipal.CELL;
  }

  @Override
  public GroupPrincipal group() {
    return VaultPrincipal.CELL;
  }

  @Override
  public Set<PosixFilePermission> permissions() {
    return ModeBits.permissions(mode);
  }

  /** All that the view of that name has. */
  Map<String, Object> of(String view) {
    var all = new LinkedHashMap<String, Object>();
    switch (view) {
      case "basic" -> putBasic(all);
      case "owner" -> all.put("owner", owner());
      case "posix" -> {
        putBasic(all);
        putPosix(all);
      }
      case "unix" -> {
        putBasic(all);
        putPosix(all);
        putUnix(all);
      }
      default -> throw new UnsupportedOperationException("View '" + view + "' not available");
    }
    return all;
  }

  private void putBasic(Map<String, Object> all) {
    all.put("lastModifiedTime", lastModifiedTime);
    all.put("lastAccessTime", lastAccessTime);
    all.put("creationTime", creationTime);
    all.put("size", size);
    all.put("isRegularFile", isRegularFile());
    all.put("isDirectory", isDirectory());
    all.put("isSymbolicLink", isSymbolicLink());
    all.put("isOther", isOther());
    all.put("fileKey", fileKey());
  }

  private void putPosix(Map<String, Object> all) {
    all.put("permissions", permissions());
    all.put("owner", owner());
    all.put("group", group());
  }

  private void putUnix(Map<String, Object> all) {
    all.put("mode", mode);
    all.put("ino", number);
    all.put("dev", 0L);
    all.put("rdev", 0L);
    all.put("nlink", links);
    all.put("uid", 0);
    all.put("gid", 0);
    all.put("ctime", changeTime);
  }
}
