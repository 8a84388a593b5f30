package dev.cloister.sandbox.vaultfs;

import dev.cloister.sandbox.internal.ModeBits;
import java.io.IOException;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.UserPrincipal;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What is known of the file that a path leads to, read and set by that path. */
final class VaultAttributeView implements PosixFileAttributeView {
  private final VaultFileSystem fileSystem;
  private final VaultPath path;
  private final boolean follow;
  private final String name;

  VaultAttributeView(VaultFileSystem fileSystem, VaultPath path, boolean follow, String name) {
    this.fileSystem = fileSystem;
    this.path = path;
    this.follow = follow;
    this.name = name;
  }

  private Node node() throws IOException {
    fileSystem.requireAlive();
    return fileSystem.tree().node(path, follow);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public VaultAttributes readAttributes() throws IOException {
    return node().attributes();
  }

  @Override
  public void setTimes(
      @Nullable FileTime lastModified, @Nullable FileTime lastAccess, @Nullable FileTime creation)
      throws IOException {
    node().times(new Times(lastModified, lastAccess, creation), fileSystem.tree().now());
  }

  @Override
  public void setPermissions(Set<PosixFilePermission> permissions) throws IOException {
    var node = node();
    setMode(node, (node.mode() & 07000) | ModeBits.of(permissions));
  }

  private void setMode(Node node, int mode) throws IOException {
    if (node instanceof LinkNode) {
      throw Refusal.NOT_PERMITTED.of(path.toString(), "a symbolic link has no permissions");
    }
    node.mode(mode, fileSystem.tree().now());
  }

  @Override
  public UserPrincipal getOwner() throws IOException {
    return readAttributes().owner();
  }

  @Override
  public void setOwner(UserPrincipal owner) {
    requireCell(owner);
  }

  @Override
  public void setGroup(GroupPrincipal group) {
    requireCell(group);
  }

  private static void requireCell(UserPrincipal principal) {
    if (principal != VaultPrincipal.CELL) {
      throw new UnsupportedOperationException(
          principal + ": all in a vault is owned by \"" + VaultPrincipal.CELL.getName() + "\"");
    }
  }

  /** Sets one by its name, which this view must have. */
  void set(String attribute, Object value) throws IOException {
    switch (attribute) {
      case "lastModifiedTime" -> setTimes((FileTime) value, null, null);
      case "lastAccessTime" -> setTimes(null, (FileTime) value, null);
      case "creationTime" -> setTimes(null, null, (FileTime) value);
      case "permissions" -> setPermissions(permissions(value));
      case "owner" -> setOwner((UserPrincipal) value);
      case "group" -> setGroup((GroupPrincipal) value);
      case "mode" -> setMode(node(), (int) value);
      default -> throw new IllegalArgumentException("'" + attribute + "' cannot be set");
    }
  }

  /** The permissions' bits of what {@code posix:permissions} is given. */
  static int mode(Object value) {
    return ModeBits.of(permissions(value));
  }

  private static Set<PosixFilePermission> permissions(Object value) {
    var permissions = EnumSet.noneOf(PosixFilePermission.class);
    for (var permission : (Set<?>) value) {
      permissions.add((PosixFilePermission) permission);
    }
    return permissions;
  }
}
