package dev.cloister.sandbox.vaultfs;

import java.io.IOException;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.AccessMode;
import java.nio.file.CopyOption;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileStore;
import java.nio.file.FileSystem;
import java.nio.file.FileSystemNotFoundException;
import java.nio.file.LinkOption;
import java.nio.file.NotLinkException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.ProviderMismatchException;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileAttributeView;
import java.nio.file.attribute.FileOwnerAttributeView;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.spi.FileSystemProvider;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What NIO asks of a file system, for one vault: it is installed nowhere, and found by no URI but
 * those of its own paths. It does as the JDK's own does on Linux for root.
 */
final class VaultProvider extends FileSystemProvider {
  static final String SCHEME = "cloister-vault";

  private static final int FILE_MODE = 0644;
  private static final int DIRECTORY_MODE = 0755;
  private static final int UMASK = 0022;
  private static final int EXECUTE_BITS = 0111;

  private final VaultFileSystem fileSystem;

  VaultProvider(VaultFileSystem fileSystem) {
    this.fileSystem = fileSystem;
  }

  private VaultPath ours(Path path) {
    fileSystem.requireAlive();
    if (path instanceof VaultPath ours && ours.getFileSystem().equals(fileSystem)) {
      return ours;
    }
    throw new ProviderMismatchException();
  }

  private Tree tree() {
    return fileSystem.tree();
  }

  private static boolean follows(LinkOption... options) {
    return !Arrays.asList(options).contains(LinkOption.NOFOLLOW_LINKS);
  }

  private static int mode(int usual, FileAttribute<?>... attributes) {
    var mode = usual;
    for (var attribute : attributes) {
      if (!attribute.name().equals("posix:permissions")) {
        throw new UnsupportedOperationException(
            "'" + attribute.name() + "' not supported as initial attribute");
      }
      mode = VaultAttributeView.mode(attribute.value()) & ~UMASK;
    }
    return mode;
  }

  @Override
  public String getScheme() {
    return SCHEME;
  }

  @Override
  public FileSystem newFileSystem(URI uri, Map<String, ?> env) {
    throw new UnsupportedOperationException("a vault is opened by Vault.in(directory)");
  }

  @Override
  public FileSystem getFileSystem(URI uri) {
    throw new FileSystemNotFoundException("a vault is had from whoever opened it");
  }

  @Override
  public Path getPath(URI uri) {
    if (!SCHEME.equals(uri.getScheme()) || uri.getPath() == null) {
      throw new IllegalArgumentException("%s: allowed are %s:/…".formatted(uri, SCHEME));
    }
    return fileSystem.getPath(uri.getPath());
  }

  @Override
  public SeekableByteChannel newByteChannel(
      Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes)
      throws IOException {
    return newFileChannel(path, options, attributes);
  }

  @Override
  public FileChannel newFileChannel(
      Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes)
      throws IOException {
    return fileSystem.open(ours(path), OpenMode.of(options, mode(FILE_MODE, attributes)));
  }

  @Override
  public DirectoryStream<Path> newDirectoryStream(
      Path directory, DirectoryStream.Filter<? super Path> filter) throws IOException {
    return VaultDirectoryStream.open(fileSystem, ours(directory), filter);
  }

  @Override
  public void createDirectory(Path directory, FileAttribute<?>... attributes) throws IOException {
    tree().createDirectory(ours(directory), mode(DIRECTORY_MODE, attributes));
  }

  @Override
  public void createSymbolicLink(Path link, Path target, FileAttribute<?>... attributes)
      throws IOException {
    if (attributes.length > 0) {
      throw new UnsupportedOperationException("a symbolic link has no initial attributes");
    }
    tree().createSymbolicLink(ours(link), ours(target));
  }

  @Override
  public void createLink(Path link, Path existing) throws IOException {
    tree().link(ours(link), ours(existing));
  }

  @Override
  public Path readSymbolicLink(Path link) throws IOException {
    if (tree().node(ours(link), false) instanceof LinkNode found) {
      return found.target;
    }
    throw new NotLinkException(link.toString());
  }

  @Override
  public void delete(Path path) throws IOException {
    tree().delete(ours(path));
  }

  @Override
  public void move(Path source, Path target, CopyOption... options) throws IOException {
    var all = Arrays.asList(options);
    var atOnce = all.contains(StandardCopyOption.ATOMIC_MOVE);
    var replaces = atOnce || all.contains(StandardCopyOption.REPLACE_EXISTING);
    tree().move(ours(source), ours(target), replaces, atOnce);
  }

  @Override
  public void copy(Path source, Path target, CopyOption... options) throws IOException {
    var all = Arrays.asList(options);
    if (all.contains(StandardCopyOption.ATOMIC_MOVE)) {
      throw new UnsupportedOperationException("Unsupported copy option");
    }
    var from = tree().node(ours(source), !all.contains(LinkOption.NOFOLLOW_LINKS));
    if (exists(target)) {
      if (tree().node(ours(target), false) == from) {
        return;
      }
      if (!all.contains(StandardCopyOption.REPLACE_EXISTING)) {
        throw new FileAlreadyExistsException(target.toString());
      }
      delete(target);
    }
    copy(from, ours(source), ours(target));
    if (all.contains(StandardCopyOption.COPY_ATTRIBUTES)) {
      var attributes = from.attributes();
      var view = new VaultAttributeView(fileSystem, ours(target), false, "posix");
      view.setTimes(
          attributes.lastModifiedTime(), attributes.lastAccessTime(), attributes.creationTime());
      if (!attributes.isSymbolicLink()) {
        view.setPermissions(attributes.permissions());
      }
    }
  }

  private boolean exists(Path path) throws IOException {
    return tree().isThere(ours(path));
  }

  private void copy(Node from, VaultPath source, VaultPath target) throws IOException {
    switch (from) {
      case DirectoryNode directory -> tree().createDirectory(target, directory.mode() & ~UMASK);
      case LinkNode link -> tree().createSymbolicLink(target, link.target);
      case FileNode file -> {
        try (var in = fileSystem.open(source, OpenMode.of(Set.of(), 0));
            var out = fileSystem.open(target, OpenMode.creating(file.mode() & ~UMASK))) {
          var size = in.size();
          while (in.position() < size) {
            var copied = in.transferTo(in.position(), size - in.position(), out);
            if (copied <= 0) {
              break;
            }
            in.position(in.position() + copied);
          }
        } catch (IOException | RuntimeException e) {
          tree().delete(target);
          throw e;
        }
      }
    }
  }

  @Override
  public boolean isSameFile(Path path, Path other) throws IOException {
    if (path.equals(other)) {
      return true;
    }
    if (!(other instanceof VaultPath theirs) || !theirs.getFileSystem().equals(fileSystem)) {
      return false;
    }
    return tree().node(ours(path), true) == tree().node(theirs, true);
  }

  @Override
  public boolean isHidden(Path path) {
    var name = ours(path).getFileName();
    return name != null && name.toString().startsWith(".");
  }

  @Override
  public FileStore getFileStore(Path path) throws IOException {
    var _ = tree().node(ours(path), true);
    return fileSystem.fileStore();
  }

  /** Root may do everything but execute what nobody may. */
  @Override
  public void checkAccess(Path path, AccessMode... modes) throws IOException {
    var node = tree().node(ours(path), true);
    if (Arrays.asList(modes).contains(AccessMode.EXECUTE)
        && node instanceof FileNode
        && (node.mode() & EXECUTE_BITS) == 0) {
      throw new AccessDeniedException(path.toString());
    }
  }

  @Override
  public <V extends FileAttributeView> @Nullable V getFileAttributeView(
      Path path, Class<V> type, LinkOption... options) {
    var name =
        type == BasicFileAttributeView.class
            ? "basic"
            : type == PosixFileAttributeView.class
                ? "posix"
                : type == FileOwnerAttributeView.class ? "owner" : "";
    return name.isEmpty()
        ? null
        : type.cast(new VaultAttributeView(fileSystem, ours(path), follows(options), name));
  }

  @Override
  public <A extends BasicFileAttributes> A readAttributes(
      Path path, Class<A> type, LinkOption... options) throws IOException {
    if (type != BasicFileAttributes.class && type != PosixFileAttributes.class) {
      throw new UnsupportedOperationException(type + ": allowed are those of basic and posix");
    }
    return type.cast(tree().node(ours(path), follows(options)).attributes());
  }

  @Override
  public Map<String, Object> readAttributes(Path path, String names, LinkOption... options)
      throws IOException {
    var colon = names.indexOf(':');
    var view = colon < 0 ? "basic" : names.substring(0, colon);
    var all = tree().node(ours(path), follows(options)).attributes().of(view);
    var wanted = new LinkedHashMap<String, Object>();
    for (var name : names.substring(colon + 1).split(",", -1)) {
      if (name.equals("*")) {
        return all;
      }
      var value = all.get(name);
      if (value == null) {
        throw new IllegalArgumentException("'" + name + "' not recognized");
      }
      wanted.put(name, value);
    }
    return wanted;
  }

  @Override
  public void setAttribute(Path path, String name, Object value, LinkOption... options)
      throws IOException {
    var colon = name.indexOf(':');
    var view = colon < 0 ? "basic" : name.substring(0, colon);
    var attribute = name.substring(colon + 1);
    var known = tree().node(ours(path), follows(options)).attributes().of(view);
    if (!known.containsKey(attribute)) {
      throw new IllegalArgumentException("'" + name + "' not recognized");
    }
    new VaultAttributeView(fileSystem, ours(path), follows(options), view).set(attribute, value);
  }
}
