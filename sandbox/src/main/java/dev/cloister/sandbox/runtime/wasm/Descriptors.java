package dev.cloister.sandbox.runtime.wasm;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What a guest has open, by its numbers: the lowest that is free, and none from the limit on, as a
 * process has them. The first three are streams, which are not kept here.
 */
final class Descriptors {
  /** The first that is a file or a directory. */
  static final int FIRST = 3;

  private final long limit;
  private final Map<Integer, Descriptor> open = new HashMap<>();

  Descriptors(long limit) {
    this.limit = limit;
  }

  /** Refuses where no number is free: asked before something is opened. */
  int free() throws FileRefused {
    var number = FIRST;
    while (open.containsKey(number)) {
      number++;
    }
    if (number >= limit) {
      throw new FileRefused(Errno.TOO_MANY_OPEN);
    }
    return number;
  }

  void put(int number, Descriptor descriptor) {
    open.put(number, descriptor);
  }

  boolean holds(long number) {
    return open.containsKey((int) number);
  }

  Descriptor get(long number) throws FileRefused {
    var found = open.get((int) number);
    if (found == null) {
      throw new FileRefused(Errno.BAD_DESCRIPTOR);
    }
    return found;
  }

  /** A file; a directory has no content. */
  OpenFile file(long number) throws FileRefused {
    return switch (get(number)) {
      case OpenFile file -> file;
      case OpenDirectory _ -> throw new FileRefused(Errno.IS_DIRECTORY);
    };
  }

  /** A directory; a file or a stream has no entries. */
  OpenDirectory directory(long number) throws FileRefused {
    if (number >= 0 && number < FIRST) {
      throw new FileRefused(Errno.NOT_DIRECTORY);
    }
    return switch (get(number)) {
      case OpenDirectory directory -> directory;
      case OpenFile _ -> throw new FileRefused(Errno.NOT_DIRECTORY);
    };
  }

  void close(long number) throws IOException, FileRefused {
    var closed = get(number);
    open.remove((int) number);
    closed.close();
  }

  /** Gives what has one number another, whose holder is closed. */
  void renumber(long from, long to) throws IOException, FileRefused {
    var moved = get(from);
    var replaced = get(to);
    if (moved != replaced) {
      open.remove((int) from);
      open.put((int) to, moved);
      replaced.close();
    }
  }

  /** Lets what is open below a name know that it has another. */
  void renamed(List<String> from, List<String> to) {
    for (var each : open.values()) {
      if (isWithin(each.names, from)) {
        var names = new ArrayList<>(to);
        names.addAll(each.names.subList(from.size(), each.names.size()));
        each.names = List.copyOf(names);
      }
    }
  }

  static boolean isWithin(List<String> names, List<String> directory) {
    return names.size() >= directory.size() && names.subList(0, directory.size()).equals(directory);
  }

  /** Closes all, whatever fails. */
  @SuppressWarnings("EmptyCatch") // the guest is gone, and nobody is left to tell
  void closeAll() {
    for (var each : open.values()) {
      try {
        each.close();
      } catch (IOException | RuntimeException _) {
        // The next one is closed all the same.
      }
    }
    open.clear();
  }
}
