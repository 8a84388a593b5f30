package dev.cloister.sandbox.runtime.wasm;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.FileTime;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Times of files as WASI sets them. Source: WASI snapshot preview 1, {@code fstflags}. */
final class FileTimes {
  private static final int ACCESSED = 1;
  private static final int ACCESSED_NOW = 2;
  private static final int MODIFIED = 4;
  private static final int MODIFIED_NOW = 8;
  private static final int NOW = ACCESSED_NOW | MODIFIED_NOW;

  private FileTimes() {}

  /** Whether flags ask for the time of day, which is the cell's to tell. */
  static boolean needNow(long flags) {
    return (flags & NOW) != 0;
  }

  /**
   * Puts a time in the place of "now": {@code at} is where a call has its two times, then flags.
   */
  static long[] withNow(long[] arguments, int at, long now) {
    var flags = (int) arguments[at + 2];
    if (both(flags)) {
      return arguments;
    }
    var given = arguments.clone();
    given[at] = (flags & ACCESSED_NOW) != 0 ? now : given[at];
    given[at + 1] = (flags & MODIFIED_NOW) != 0 ? now : given[at + 1];
    given[at + 2] = (flags & ~NOW) | ((flags & NOW) >> 1);
    return given;
  }

  /** Asks for one time and for another. */
  private static boolean both(int flags) {
    return (flags & NOW & flags << 1) != 0;
  }

  static void set(GuestTree.Place place, long accessed, long modified, long flags)
      throws IOException, FileRefused {
    if ((flags & ~(long) (ACCESSED | MODIFIED)) != 0) {
      throw new FileRefused(Errno.INVALID);
    }
    place.there();
    var view =
        Files.getFileAttributeView(
            place.path(), BasicFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
    view.setTimes(
        time(modified, (flags & MODIFIED) != 0), time(accessed, (flags & ACCESSED) != 0), null);
  }

  private static @Nullable FileTime time(long nanos, boolean isSet) throws FileRefused {
    if (isSet && nanos < 0) {
      throw new FileRefused(Errno.INVALID);
    }
    return isSet ? FileTime.from(nanos, TimeUnit.NANOSECONDS) : null;
  }
}
