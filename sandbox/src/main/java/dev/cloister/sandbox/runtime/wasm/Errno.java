package dev.cloister.sandbox.runtime.wasm;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.ReadOnlyFileSystemException;
import java.util.Map;
import java.util.Objects;

/** The error numbers of WASI preview 1 that are answered here, and which failure is which. */
final class Errno {
  static final int SUCCESS = 0;
  static final int ACCESS = 2;
  static final int BAD_DESCRIPTOR = 8;
  static final int BUSY = 10;
  static final int EXISTS = 20;
  static final int TOO_LARGE = 22;
  static final int ILLEGAL_NAME = 25;
  static final int INVALID = 28;
  static final int FAILED = 29;
  static final int IS_DIRECTORY = 31;
  static final int LOOP = 32;
  static final int TOO_MANY_OPEN = 33;
  static final int NAME_TOO_LONG = 37;
  static final int TOO_MANY_OPEN_AT_HOST = 41;
  static final int NOT_FOUND = 44;
  static final int NO_SPACE = 51;
  static final int NOT_DIRECTORY = 54;
  static final int NOT_EMPTY = 55;
  static final int NOT_SUPPORTED = 58;
  static final int OVERFLOW = 61;
  static final int NOT_PERMITTED = 63;
  static final int READ_ONLY = 69;
  static final int NOT_SEEKABLE = 70;
  static final int OTHER_DEVICE = 75;
  static final int NOT_CAPABLE = 76;

  /** What file systems say by no type of their own, in the words of errno(3). */
  private static final Map<String, Integer> WORDS =
      Map.ofEntries(
          Map.entry("No space left on device", NO_SPACE),
          Map.entry("Disk quota exceeded", NO_SPACE),
          Map.entry("out of disk space", NO_SPACE),
          Map.entry("File too large", TOO_LARGE),
          Map.entry("Is a directory", IS_DIRECTORY),
          Map.entry("Not a directory", NOT_DIRECTORY),
          Map.entry("Directory not empty", NOT_EMPTY),
          Map.entry("File name too long", NAME_TOO_LONG),
          Map.entry("Too many levels of symbolic links", LOOP),
          Map.entry("Too many open files", TOO_MANY_OPEN_AT_HOST),
          Map.entry("Device or resource busy", BUSY),
          Map.entry("Invalid argument", INVALID),
          Map.entry("Operation not permitted", NOT_PERMITTED),
          Map.entry("Read-only file system", READ_ONLY));

  private Errno() {}

  /** Which number a failure of a file system is. It tells the guest nothing else of it. */
  static int of(Exception failure) {
    return switch (failure) {
      case NoSuchFileException _ -> NOT_FOUND;
      case FileAlreadyExistsException _ -> EXISTS;
      case DirectoryNotEmptyException _ -> NOT_EMPTY;
      case NotDirectoryException _ -> NOT_DIRECTORY;
      case AccessDeniedException _ -> ACCESS;
      case FileSystemLoopException _ -> LOOP;
      case AtomicMoveNotSupportedException _ -> OTHER_DEVICE;
      case DirectoryIteratorException e -> of(Objects.requireNonNull(e.getCause()));
      case IOException e -> said(String.valueOf(e.getMessage()));
      case InvalidPathException _ -> ILLEGAL_NAME;
      case ReadOnlyFileSystemException _ -> READ_ONLY;
      case UnsupportedOperationException _ -> NOT_SUPPORTED;
      default -> FAILED;
    };
  }

  private static int said(String message) {
    for (var known : WORDS.entrySet()) {
      if (message.contains(known.getKey())) {
        return known.getValue();
      }
    }
    return FAILED;
  }
}
