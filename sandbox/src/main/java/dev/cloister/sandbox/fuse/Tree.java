package dev.cloister.sandbox.fuse;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.nio.file.LinkOption.NOFOLLOW_LINKS;

import dev.cloister.sandbox.internal.ModeBits;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * The directory that is served, by the kernel's numbers. A path is built and used while no name
 * moves or goes: so a guest that replaces a directory by a symbolic link is never followed to where
 * the link leads, which the kernel resolves on the guest's own side. Safe for use by many threads.
 */
final class Tree {
  private static final int ACCESS_MODE = 3;
  private static final int READ_ONLY = 0;
  private static final int WRITE_ONLY = 1;
  private static final int O_EXCL = 0200;
  private static final int O_TRUNC = 01000;
  private static final int NAME_BYTES = 255;

  private final Path root;
  private final boolean posix;
  private final Nodes nodes;
  private final Handles handles;
  private final ReentrantReadWriteLock names = new ReentrantReadWriteLock();

  /** A name that the kernel is told of, and counts. */
  record Entry(Node node, Attributes attributes) {}

  /** A file that was made and opened. */
  record Created(Entry entry, long handle) {}

  /** Something done to the root's provider. */
  @FunctionalInterface
  private interface Act<T> {
    T run() throws IOException;
  }

  /** Makes a name. */
  @FunctionalInterface
  private interface Maker {
    void make(Path path, FileAttribute<?>... attributes) throws IOException;
  }

  Tree(Path root, FuseLimits limits, Handles handles) {
    this.root = root;
    this.posix = Files.getFileAttributeView(root, PosixFileAttributeView.class) != null;
    this.nodes = new Nodes(root, limits.nodes());
    this.handles = handles;
  }

  /** Runs while names stay as they are. */
  private <T> T shared(Act<T> act) throws IOException {
    names.readLock().lock();
    try {
      return act.run();
    } finally {
      names.readLock().unlock();
    }
  }

  /** Runs while nothing else knows a path. */
  private <T> T alone(Act<T> act) throws IOException {
    names.writeLock().lock();
    try {
      return act.run();
    } finally {
      names.writeLock().unlock();
    }
  }

  private Node directory(long id) throws Refused {
    var node = nodes.get(id);
    if (node.kind != Kind.DIRECTORY) {
      throw new Refused(Errno.ENOTDIR);
    }
    return node;
  }

  /** The path of a name, which the provider must take for one name and as it is written. */
  private Path path(Node directory, String name) throws Refused {
    var single = root.getFileSystem().getPath(name);
    if (single.isAbsolute() || single.getNameCount() != 1 || !single.toString().equals(name)) {
      throw new Refused(Errno.EINVAL);
    }
    return nodes.pathOf(directory).resolve(single);
  }

  boolean isRoot(long id) {
    return id == nodes.root().id;
  }

  Entry lookup(long directory, String name) throws IOException {
    return shared(() -> found(directory(directory), name));
  }

  private Entry found(Node parent, String name) throws IOException {
    var attributes = Attributes.of(path(parent, name), posix);
    return new Entry(nodes.found(parent, name, attributes.kind()), attributes);
  }

  void forget(long id, long lookups) {
    nodes.forget(id, lookups);
  }

  Attributes attributes(long id) throws IOException {
    return shared(() -> attributes(nodes.get(id)));
  }

  private Attributes attributes(Node node) throws IOException {
    var last = node.last;
    if (last == null) {
      return Attributes.of(nodes.pathOf(node), posix);
    }
    var open = handles.fileOf(node);
    return open.isPresent() ? last.withSize(open.get().size()) : last;
  }

  Attributes change(long id, Change change) throws IOException {
    return shared(() -> {
      var node = nodes.get(id);
      if (change.resizes()) {
        resize(node, change);
      }
      var last = node.last;
      if (last == null) {
        changePath(nodes.pathOf(node), change);
      } else {
        var times = change.timesOn(last);
        node.last = change.changesMode() ? times.withPermissions(change.mode()) : times;
      }
      return attributes(node);
    });
  }

  private void resize(Node node, Change change) throws IOException {
    if (node.kind != Kind.FILE) {
      throw new Refused(node.kind == Kind.DIRECTORY ? Errno.EISDIR : Errno.EINVAL);
    }
    if (change.byHandle()) {
      handles.file(change.handle()).resize(change.size());
    } else if (node.last != null) {
      handles.fileOf(node).orElseThrow(() -> new Refused(Errno.ESTALE)).resize(change.size());
    } else {
      var options = Set.<OpenOption>of(StandardOpenOption.WRITE, NOFOLLOW_LINKS);
      var channel = Files.newByteChannel(nodes.pathOf(node), options);
      try (var file = new OpenFile(node, channel)) {
        file.resize(change.size());
      }
    }
  }

  /** A mode that the provider does not know is left as it is, silently: archivers always set it. */
  private void changePath(Path path, Change change) throws IOException {
    if (change.changesMode() && posix) {
      Files.getFileAttributeView(path, PosixFileAttributeView.class, NOFOLLOW_LINKS)
          .setPermissions(ModeBits.permissions(change.mode()));
    }
    if (change.changesTimes()) {
      var after = change.timesOn(Attributes.of(path, posix));
      Files.getFileAttributeView(path, BasicFileAttributeView.class, NOFOLLOW_LINKS)
          .setTimes(after.modified(), after.accessed(), null);
    }
  }

  String target(long id) throws IOException {
    return shared(() -> {
      var path = nodes.pathOf(nodes.get(id));
      return Files.readSymbolicLink(path).toString();
    });
  }

  Entry link(long directory, String name, String target) throws IOException {
    var to = root.getFileSystem().getPath(target);
    return made(directory, name, Optional.empty(), (path, _) -> Files.createSymbolicLink(path, to));
  }

  Entry makeDirectory(long directory, String name, int mode) throws IOException {
    return made(directory, name, Optional.of(mode), Files::createDirectory);
  }

  Entry makeFile(long directory, String name, int mode) throws IOException {
    return made(directory, name, Optional.of(mode), Files::createFile);
  }

  private Entry made(long directory, String name, Optional<Integer> mode, Maker maker)
      throws IOException {
    return shared(() -> {
      nodes.requireRoom();
      var parent = directory(directory);
      var path = path(parent, name);
      maker.make(path, mode.map(this::initially).orElse(new FileAttribute<?>[0]));
      if (mode.isPresent()) {
        setMode(path, mode.get());
      }
      return found(parent, name);
    });
  }

  private FileAttribute<?>[] initially(int mode) {
    return posix
        ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(ModeBits.permissions(mode))}
        : new FileAttribute<?>[0];
  }

  /** The guest's umask was applied by the kernel; this process's shall not be. */
  private void setMode(Path path, int mode) throws IOException {
    if (posix) {
      Files.setPosixFilePermissions(path, ModeBits.permissions(mode));
    }
  }

  Created create(long directory, String name, int flags, int mode) throws IOException {
    return shared(() -> {
      nodes.requireRoom();
      handles.requireRoom();
      var parent = directory(directory);
      var path = path(parent, name);
      var options =
          Set.of(
              StandardOpenOption.CREATE_NEW,
              StandardOpenOption.READ,
              StandardOpenOption.WRITE,
              NOFOLLOW_LINKS);
      try {
        var channel = Files.newByteChannel(path, options, initially(mode));
        setMode(path, mode);
        var entry = found(parent, name);
        return new Created(entry, handles.add(new OpenFile(entry.node(), channel)));
      } catch (FileAlreadyExistsException e) {
        if ((flags & O_EXCL) != 0) {
          throw e;
        }
        var entry = found(parent, name);
        return new Created(entry, opened(entry.node(), flags));
      }
    });
  }

  long open(long id, int flags) throws IOException {
    return shared(() -> opened(nodes.get(id), flags));
  }

  private long opened(Node node, int flags) throws IOException {
    switch (node.kind) {
      case DIRECTORY -> throw new Refused(Errno.EISDIR);
      case LINK -> throw new Refused(Errno.ELOOP);
      case FILE -> handles.requireRoom();
    }
    var channel = Files.newByteChannel(nodes.pathOf(node), options(flags));
    return handles.add(new OpenFile(node, channel));
  }

  private static Set<OpenOption> options(int flags) {
    var options = new HashSet<OpenOption>();
    options.add(NOFOLLOW_LINKS);
    var access = flags & ACCESS_MODE;
    if (access != WRITE_ONLY) {
      options.add(StandardOpenOption.READ);
    }
    if (access != READ_ONLY || (flags & O_TRUNC) != 0) {
      options.add(StandardOpenOption.WRITE);
    }
    if ((flags & O_TRUNC) != 0) {
      options.add(StandardOpenOption.TRUNCATE_EXISTING);
    }
    return options;
  }

  long openDirectory(long id) throws IOException {
    return handles.add(new OpenDirectory(directory(id), handles));
  }

  /** The names in a directory; those that the kernel could not be told are left out. */
  List<String> names(Node directory) throws IOException {
    return shared(() -> {
      if (directory.last != null) {
        return List.of();
      }
      var most = handles.roomForNames();
      var found = new ArrayList<String>();
      found.add(".");
      found.add("..");
      try (var listed = Files.newDirectoryStream(nodes.pathOf(directory))) {
        for (var each : listed) {
          var name = String.valueOf(each.getFileName());
          if (name.getBytes(UTF_8).length <= NAME_BYTES) {
            found.add(name);
          }
          if (found.size() > most) {
            throw new Refused(Errno.ENFILE);
          }
        }
      } catch (DirectoryIteratorException e) {
        throw e.getCause();
      }
      return found;
    });
  }

  /** What the kernel may know of a name without asking the provider. */
  Optional<Node> known(Node directory, String name) {
    return Optional.ofNullable(nodes.child(directory, name));
  }

  void remove(long directory, String name, boolean wantsDirectory) throws IOException {
    var _ =
        alone(() -> {
          var parent = directory(directory);
          var path = path(parent, name);
          var attributes = Attributes.of(path, posix);
          if (wantsDirectory != (attributes.kind() == Kind.DIRECTORY)) {
            throw new Refused(wantsDirectory ? Errno.ENOTDIR : Errno.EISDIR);
          }
          Files.delete(path);
          known(parent, name).ifPresent(node -> nodes.detach(node, attributes));
          return attributes;
        });
  }

  void rename(long from, String name, long to, String newName, boolean noReplace)
      throws IOException {
    var _ =
        alone(() -> {
          var source = directory(from);
          var target = directory(to);
          return moved(source, name, target, newName, noReplace);
        });
  }

  private Optional<Attributes> moved(
      Node from, String name, Node to, String newName, boolean noReplace) throws IOException {
    var source = path(from, name);
    var target = path(to, newName);
    var kind = Attributes.of(source, posix).kind();
    var moved = known(from, name);
    if (moved.isPresent() && Nodes.isWithin(to, moved.get())) {
      throw new Refused(Errno.EINVAL);
    }
    var replaced = attributesIfThere(target);
    if (replaced.isPresent()) {
      requireReplaceable(kind, replaced.get().kind(), noReplace);
    }
    if (source.equals(target)) {
      return replaced;
    }
    Files.move(source, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    var gone = known(to, newName);
    if (gone.isPresent()) {
      nodes.detach(gone.get(), replaced.orElse(Attributes.unknown(kind)));
    }
    moved.ifPresent(node -> nodes.move(node, to, newName));
    return replaced;
  }

  private Optional<Attributes> attributesIfThere(Path path) throws IOException {
    try {
      return Optional.of(Attributes.of(path, posix));
    } catch (NoSuchFileException _) {
      return Optional.empty();
    }
  }

  private static void requireReplaceable(Kind kind, Kind replaced, boolean noReplace)
      throws Refused {
    if (noReplace) {
      throw new Refused(Errno.EEXIST);
    }
    if ((kind == Kind.DIRECTORY) != (replaced == Kind.DIRECTORY)) {
      throw new Refused(kind == Kind.DIRECTORY ? Errno.ENOTDIR : Errno.EISDIR);
    }
  }

  FileStore store() throws IOException {
    return Files.getFileStore(root);
  }
}
