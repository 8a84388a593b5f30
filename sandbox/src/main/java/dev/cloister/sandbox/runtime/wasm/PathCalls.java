package dev.cloister.sandbox.runtime.wasm;

import com.dylibso.chicory.runtime.Instance;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.StandardCopyOption;
import java.util.Map;

/**
 * WASI's calls on paths, which lead nowhere but into the guest's directory. Links are followed
 * within it and made by nobody: whoever reads the directory by other means would follow them too.
 */
final class PathCalls {
  private static final int FOLLOW = 1;

  private final GuestTree tree;
  private final Descriptors descriptors;

  PathCalls(GuestTree tree, Descriptors descriptors) {
    this.tree = tree;
    this.descriptors = descriptors;
  }

  Map<String, FileCall> all() {
    return Map.of(
        "path_open", this::open,
        "path_create_directory", this::createDirectory,
        "path_remove_directory", this::removeDirectory,
        "path_unlink_file", this::unlink,
        "path_rename", this::rename,
        "path_filestat_get", this::attributes,
        "path_filestat_set_times", this::setTimes,
        "path_readlink", this::readLink);
  }

  private OpenDirectory directory(long number, long rights) throws FileRefused {
    var directory = descriptors.directory(number);
    directory.require(rights);
    return directory;
  }

  private static byte[] path(Instance guest, long address, long length) throws FileRefused {
    var path = Span.of(guest, address, length);
    if (path.length() > GuestTree.PATH_BYTES) {
      throw new FileRefused(Errno.NAME_TOO_LONG);
    }
    return path.read();
  }

  private static boolean follows(long flags) {
    return (flags & FOLLOW) != 0;
  }

  private void open(Instance guest, long[] a) throws IOException, FileRefused {
    var opening = Opening.of(a[4], a[5], a[6], a[7]);
    var from = directory(a[0], opening.neededOfDirectory());
    var path = path(guest, a[2], a[3]);
    var result = Span.of(guest, a[8], Integer.BYTES);
    var number = descriptors.free();
    var place = tree.resolve(from.names, path, follows(a[1]) && !opening.isNew());
    descriptors.put(number, opening.open(place, from.inheriting()));
    result.writeInt(number);
  }

  private void createDirectory(Instance guest, long[] a) throws IOException, FileRefused {
    var from = directory(a[0], Rights.CREATE_DIRECTORY);
    var place = tree.entry(from.names, path(guest, a[1], a[2]));
    if (place.found().isPresent()) {
      throw new FileRefused(Errno.EXISTS);
    }
    Files.createDirectory(place.path());
  }

  private void removeDirectory(Instance guest, long[] a) throws IOException, FileRefused {
    var from = directory(a[0], Rights.REMOVE_DIRECTORY);
    var place = tree.entry(from.names, path(guest, a[1], a[2]));
    if (!place.there().isDirectory()) {
      throw new FileRefused(Errno.NOT_DIRECTORY);
    }
    Files.delete(place.path());
  }

  private void unlink(Instance guest, long[] a) throws IOException, FileRefused {
    var from = directory(a[0], Rights.UNLINK);
    var place = tree.resolve(from.names, path(guest, a[1], a[2]), false);
    if (place.there().isDirectory()) {
      throw new FileRefused(Errno.IS_DIRECTORY);
    }
    Files.delete(place.path());
  }

  private void rename(Instance guest, long[] a) throws IOException, FileRefused {
    var from = tree.entry(directory(a[0], Rights.RENAME_SOURCE).names, path(guest, a[1], a[2]));
    var to = tree.entry(directory(a[3], Rights.RENAME_TARGET).names, path(guest, a[4], a[5]));
    var isDirectory = from.there().isDirectory();
    if (from.names().equals(to.names())) {
      return;
    }
    if (isDirectory && Descriptors.isWithin(to.names(), from.names())) {
      throw new FileRefused(Errno.INVALID);
    }
    if (to.found().isPresent()) {
      requireReplaceable(to, isDirectory);
    }
    Files.move(
        from.path(),
        to.path(),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
    descriptors.renamed(from.names(), to.names());
  }

  /** As rename(2) has it, where NIO would replace an empty directory by a file. */
  private static void requireReplaceable(GuestTree.Place to, boolean byDirectory)
      throws IOException, FileRefused {
    if (to.isDirectory() != byDirectory) {
      throw new FileRefused(byDirectory ? Errno.NOT_DIRECTORY : Errno.IS_DIRECTORY);
    }
    if (byDirectory) {
      try (var entries = Files.newDirectoryStream(to.path())) {
        if (entries.iterator().hasNext()) {
          throw new FileRefused(Errno.NOT_EMPTY);
        }
      }
    }
  }

  private void attributes(Instance guest, long[] a) throws IOException, FileRefused {
    var from = directory(a[0], Rights.PATH_ATTRIBUTES);
    var path = path(guest, a[2], a[3]);
    var to = Span.of(guest, a[4], FileStat.BYTES);
    to.write(FileStat.of(tree.resolve(from.names, path, follows(a[1]))), 0);
  }

  private void setTimes(Instance guest, long[] a) throws IOException, FileRefused {
    var from = directory(a[0], Rights.PATH_SET_TIMES);
    var place = tree.resolve(from.names, path(guest, a[2], a[3]), follows(a[1]));
    FileTimes.set(place, a[4], a[5], a[6]);
  }

  /** Tells where a link leads, where that is within; what lies outside is not even named. */
  private void readLink(Instance guest, long[] a) throws IOException, FileRefused {
    var from = directory(a[0], Rights.READ_LINK);
    var path = path(guest, a[1], a[2]);
    var to = Span.of(guest, a[3], a[4]);
    var count = Span.of(guest, a[5], Integer.BYTES);
    var place = tree.resolve(from.names, path, false);
    if (!place.there().isSymbolicLink()) {
      throw new FileRefused(Errno.INVALID);
    }
    var _ = tree.resolve(from.names, path, true);
    var target = Files.readSymbolicLink(place.path()).toString();
    count.writeInt(to.write(target.getBytes(StandardCharsets.UTF_8), 0));
  }
}
