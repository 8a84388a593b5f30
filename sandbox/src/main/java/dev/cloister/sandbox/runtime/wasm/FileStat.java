package dev.cloister.sandbox.runtime.wasm;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/**
 * A file's attributes as WASI lays them out. What it tells of a file's identity is a number made of
 * it, never the host's own.
 */
final class FileStat {
  static final int BYTES = 64;
  static final byte DIRECTORY = 3;
  static final byte REGULAR_FILE = 4;
  static final byte SYMBOLIC_LINK = 7;
  private static final byte UNKNOWN = 0;

  private static final long FNV_BASIS = 0xcbf29ce484222325L;
  private static final long FNV_PRIME = 0x100000001b3L;

  private FileStat() {}

  static byte[] of(GuestTree.Place place) throws FileRefused {
    var found = place.there();
    return of(number(place.path(), found), found, 1, found.size());
  }

  static byte[] of(long number, BasicFileAttributes of, long links, long size) {
    return ByteBuffer.allocate(BYTES)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(8, number)
        .put(16, type(of))
        .putLong(24, links)
        .putLong(32, size)
        .putLong(40, nanos(of.lastAccessTime()))
        .putLong(48, nanos(of.lastModifiedTime()))
        .putLong(56, nanos(of.lastModifiedTime()))
        .array();
  }

  static byte type(BasicFileAttributes of) {
    if (of.isDirectory()) {
      return DIRECTORY;
    }
    return of.isRegularFile() ? REGULAR_FILE : of.isSymbolicLink() ? SYMBOLIC_LINK : UNKNOWN;
  }

  /** The same for one file always; FNV-1a, for which two files of a guest's are not alike. */
  static long number(Path path, BasicFileAttributes of) {
    var hash = FNV_BASIS;
    for (var each : Objects.requireNonNullElse(of.fileKey(), path).toString().toCharArray()) {
      hash = (hash ^ each) * FNV_PRIME;
    }
    return hash;
  }

  private static long nanos(FileTime time) {
    return Math.max(0, time.to(TimeUnit.NANOSECONDS));
  }
}
