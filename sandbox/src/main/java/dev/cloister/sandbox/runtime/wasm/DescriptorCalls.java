package dev.cloister.sandbox.runtime.wasm;

import com.dylibso.chicory.runtime.Instance;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Map;

/** WASI's calls on what is open, but for a file's content. */
final class DescriptorCalls {
  private static final int PRESTAT_BYTES = 8;
  private static final int FDSTAT_BYTES = 24;
  private static final byte[] NAME = {'/'};

  private final GuestTree tree;
  private final Descriptors descriptors;

  DescriptorCalls(GuestTree tree, Descriptors descriptors) {
    this.tree = tree;
    this.descriptors = descriptors;
  }

  Map<String, FileCall> all() {
    return Map.ofEntries(
        Map.entry("fd_close", (_, a) -> descriptors.close(a[0])),
        Map.entry("fd_renumber", (_, a) -> descriptors.renumber(a[0], a[1])),
        Map.entry("fd_sync", (_, a) -> sync(a[0], Rights.SYNC, true)),
        Map.entry("fd_datasync", (_, a) -> sync(a[0], Rights.DATASYNC, false)),
        Map.entry("fd_fdstat_get", this::state),
        Map.entry("fd_fdstat_set_flags", (_, a) -> setFlags(a)),
        Map.entry("fd_fdstat_set_rights", (_, a) -> descriptors.get(a[0]).narrow(a[1], a[2])),
        Map.entry("fd_filestat_get", this::attributes),
        Map.entry("fd_filestat_set_times", (_, a) -> setTimes(a)),
        Map.entry("fd_prestat_get", this::given),
        Map.entry("fd_prestat_dir_name", this::name),
        Map.entry("fd_readdir", this::list));
  }

  /** A directory's entries are the file system's to keep. */
  private void sync(long number, long right, boolean all) throws IOException, FileRefused {
    switch (descriptors.get(number)) {
      case OpenFile file -> {
        file.require(right);
        file.channel.force(all);
      }
      case OpenDirectory directory -> directory.require(Rights.SYNC);
    }
  }

  private void state(Instance guest, long[] a) throws FileRefused {
    var of = descriptors.get(a[0]);
    var type = of instanceof OpenDirectory ? FileStat.DIRECTORY : FileStat.REGULAR_FILE;
    var bytes =
        ByteBuffer.allocate(FDSTAT_BYTES)
            .order(ByteOrder.LITTLE_ENDIAN)
            .put(0, type)
            .putShort(2, (short) of.flags)
            .putLong(8, of.rights())
            .putLong(16, of.inheriting())
            .array();
    Span.of(guest, a[1], FDSTAT_BYTES).write(bytes, 0);
  }

  /** Whether each write waits for the disk is settled when a file is opened. */
  private void setFlags(long[] a) throws FileRefused {
    var of = descriptors.get(a[0]);
    of.require(Rights.SET_FLAGS);
    var changed = (int) (a[1] ^ of.flags);
    if ((a[1] & ~(long) Descriptor.FLAGS) != 0) {
      throw new FileRefused(Errno.INVALID);
    }
    if ((changed & Descriptor.SYNCS) != 0) {
      throw new FileRefused(Errno.NOT_SUPPORTED);
    }
    of.flags = (int) a[1];
  }

  private void attributes(Instance guest, long[] a) throws IOException, FileRefused {
    var of = descriptors.get(a[0]);
    of.require(Rights.ATTRIBUTES);
    var to = Span.of(guest, a[1], FileStat.BYTES);
    switch (of) {
      case OpenFile file -> to.write(attributes(file), 0);
      case OpenDirectory directory -> to.write(FileStat.of(tree.at(directory.names)), 0);
    }
  }

  /** A file that was removed or replaced is told of as it was opened. */
  private byte[] attributes(OpenFile file) throws IOException {
    try {
      var place = named(file);
      return FileStat.of(file.number, place.there(), 1, file.channel.size());
    } catch (FileRefused _) {
      return FileStat.of(file.number, file.opened, 0, file.channel.size());
    }
  }

  /** Where a file that is open has its name, while it has it. */
  private GuestTree.Place named(OpenFile file) throws IOException, FileRefused {
    var place = tree.at(file.names);
    if (FileStat.number(place.path(), place.there()) != file.number) {
      throw new FileRefused(Errno.NOT_FOUND);
    }
    return place;
  }

  private void setTimes(long[] a) throws IOException, FileRefused {
    var of = descriptors.get(a[0]);
    of.require(Rights.SET_TIMES);
    var place =
        switch (of) {
          case OpenFile file -> named(file);
          case OpenDirectory directory -> tree.at(directory.names);
        };
    FileTimes.set(place, a[1], a[2], a[3]);
  }

  private void given(Instance guest, long[] a) throws FileRefused {
    requireGiven(a[0]);
    var bytes =
        ByteBuffer.allocate(PRESTAT_BYTES)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putInt(4, NAME.length)
            .array();
    Span.of(guest, a[1], PRESTAT_BYTES).write(bytes, 0);
  }

  private void name(Instance guest, long[] a) throws FileRefused {
    requireGiven(a[0]);
    var to = Span.of(guest, a[1], a[2]);
    if (to.length() < NAME.length) {
      throw new FileRefused(Errno.NAME_TOO_LONG);
    }
    to.write(NAME, 0);
  }

  private void requireGiven(long number) throws FileRefused {
    if (!(descriptors.get(number) instanceof OpenDirectory directory) || !directory.given) {
      throw new FileRefused(Errno.BAD_DESCRIPTOR);
    }
  }

  private void list(Instance guest, long[] a) throws IOException, FileRefused {
    var directory = descriptors.directory(a[0]);
    directory.require(Rights.READ_DIRECTORY);
    var buffer = Span.of(guest, a[1], a[2]);
    var count = Span.of(guest, a[4], Integer.BYTES);
    var place = tree.at(directory.names);
    place.there();
    count.writeInt(directory.listing.fill(place, a[3], buffer));
  }
}
