package dev.cloister.sandbox.runtime.wasm;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.Set;

/**
 * How a guest asks for something to be opened.
 *
 * @param create whether it may be made
 * @param directory whether it must be a directory
 * @param exclusive whether it must not be there yet
 * @param truncate whether it loses its content
 * @param rights what is to be done with it
 * @param inheriting what is to be done with what is opened by it
 * @param flags how it is written, as {@link Descriptor#FLAGS} lists
 */
record Opening(
    boolean create,
    boolean directory,
    boolean exclusive,
    boolean truncate,
    long rights,
    long inheriting,
    int flags) {
  private static final int CREATE = 1;
  private static final int DIRECTORY = 2;
  private static final int EXCLUSIVE = 4;
  private static final int TRUNCATE = 8;
  private static final long ALL = CREATE | DIRECTORY | EXCLUSIVE | TRUNCATE;

  static Opening of(long how, long rights, long inheriting, long flags) throws FileRefused {
    if ((how & ~ALL) != 0 || (flags & ~(long) Descriptor.FLAGS) != 0) {
      throw new FileRefused(Errno.INVALID);
    }
    if ((how & CREATE) != 0 && (how & DIRECTORY) != 0) {
      throw new FileRefused(Errno.INVALID);
    }
    return new Opening(
        (how & CREATE) != 0,
        (how & DIRECTORY) != 0,
        (how & EXCLUSIVE) != 0,
        (how & TRUNCATE) != 0,
        rights,
        inheriting,
        (int) flags);
  }

  boolean isNew() {
    return create && exclusive;
  }

  /** The rights that the directory it is opened by must have. */
  long neededOfDirectory() {
    return Rights.OPEN | (create ? Rights.CREATE_FILE : 0) | (truncate ? Rights.PATH_SET_SIZE : 0);
  }

  /** Opens what lies there, with at most these rights. */
  Descriptor open(GuestTree.Place place, long most) throws IOException, FileRefused {
    if (isNew() && place.found().isPresent()) {
      throw new FileRefused(Errno.EXISTS);
    }
    return place.isDirectory() ? openDirectory(place, most) : openFile(place, most);
  }

  private Descriptor openDirectory(GuestTree.Place place, long most) throws FileRefused {
    if (create || truncate || (rights & Rights.WRITE) != 0) {
      throw new FileRefused(Errno.IS_DIRECTORY);
    }
    var opened =
        new OpenDirectory(
            place.names(),
            bounded(rights, Rights.OF_DIRECTORY, most),
            bounded(inheriting, Rights.OF_DIRECTORY | Rights.OF_FILE, most),
            false);
    opened.flags = flags;
    return opened;
  }

  /** What means nothing for it is not given; what is not to be had is refused. */
  private static long bounded(long wanted, long meant, long most) throws FileRefused {
    var given = wanted & meant;
    if ((given & ~most) != 0) {
      throw new FileRefused(Errno.NOT_CAPABLE);
    }
    return given;
  }

  private Descriptor openFile(GuestTree.Place place, long most) throws IOException, FileRefused {
    var given = bounded(rights, Rights.OF_FILE, most);
    if (place.found().isEmpty() && !create) {
      throw new FileRefused(Errno.NOT_FOUND);
    }
    if (place.found().isPresent()) {
      requireOpens(place);
    }
    var channel = FileChannel.open(place.path(), options(given, place.found().isEmpty()));
    try {
      var found = GuestTree.look(place.path(), LinkOption.NOFOLLOW_LINKS);
      var attributes = found.orElseThrow(() -> new FileRefused(Errno.NOT_FOUND));
      var opened = new OpenFile(channel, place, attributes, given);
      opened.flags = flags;
      return opened;
    } catch (IOException | FileRefused | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  private void requireOpens(GuestTree.Place place) throws FileRefused {
    if (place.there().isSymbolicLink()) {
      throw new FileRefused(Errno.LOOP);
    }
    if (directory) {
      throw new FileRefused(Errno.NOT_DIRECTORY);
    }
    if (!place.there().isRegularFile()) {
      throw new FileRefused(Errno.ACCESS);
    }
  }

  /** Appending is done by hand, since a guest may begin and end it while a file is open. */
  private Set<OpenOption> options(long given, boolean isMade) {
    var options = new HashSet<OpenOption>();
    options.add(LinkOption.NOFOLLOW_LINKS);
    var writes = isMade || truncate || (given & Rights.CHANGES) != 0;
    if (writes) {
      options.add(StandardOpenOption.WRITE);
    }
    if (!writes || (given & Rights.READ) != 0) {
      options.add(StandardOpenOption.READ);
    }
    if (isMade) {
      options.add(StandardOpenOption.CREATE_NEW);
    } else if (truncate) {
      options.add(StandardOpenOption.TRUNCATE_EXISTING);
    }
    if ((flags & Descriptor.SYNCS) != 0) {
      options.add(StandardOpenOption.SYNC);
    }
    return options;
  }
}
