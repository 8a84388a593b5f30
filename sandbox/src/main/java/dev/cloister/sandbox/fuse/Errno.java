package dev.cloister.sandbox.fuse;

import dev.cloister.core.CorruptStorage;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.NonReadableChannelException;
import java.nio.channels.NonWritableChannelException;
import java.nio.file.AccessDeniedException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.NotLinkException;
import java.nio.file.ReadOnlyFileSystemException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/** What a request is answered that cannot be done; errno(3), as Linux numbers it. */
enum Errno {
  NONE(0),
  EPERM(1),
  ENOENT(2),
  EIO(5),
  EBADF(9),
  ENOMEM(12),
  EACCES(13),
  EBUSY(16),
  EEXIST(17),
  EXDEV(18),
  ENOTDIR(20),
  EISDIR(21),
  EINVAL(22),
  ENFILE(23),
  ENOTTY(25),
  EFBIG(27),
  ENOSPC(28),
  EROFS(30),
  EMLINK(31),
  ENAMETOOLONG(36),
  ENOSYS(38),
  ENOTEMPTY(39),
  ELOOP(40),
  EPROTO(71),
  EILSEQ(84),
  EOPNOTSUPP(95),
  ESTALE(116),
  EDQUOT(122);

  /** What the JDK has no exception for, and says in words alone: strerror(3)'s, and jimfs's. */
  private static final Map<String, Errno> WORDS = new LinkedHashMap<>();

  static {
    WORDS.put("No space left", ENOSPC);
    WORDS.put("out of disk space", ENOSPC);
    WORDS.put("quota exceeded", EDQUOT);
    WORDS.put("Directory not empty", ENOTEMPTY);
    WORDS.put("Is a directory", EISDIR);
    WORDS.put("Not a directory", ENOTDIR);
    WORDS.put("File name too long", ENAMETOOLONG);
    WORDS.put("Too many levels of symbolic links", ELOOP);
    WORDS.put("Read-only file system", EROFS);
    WORDS.put("Too many open files", ENFILE);
    WORDS.put("Too many links", EMLINK);
    WORDS.put("File too large", EFBIG);
    WORDS.put("Operation not permitted", EPERM);
    WORDS.put("Invalid argument", EINVAL);
    WORDS.put("resource busy", EBUSY);
    WORDS.put("cross-device link", EXDEV);
  }

  private final int number;

  Errno(int number) {
    this.number = number;
  }

  int number() {
    return number;
  }

  /** What the root's provider threw, as the kernel would have said it. */
  static Errno of(Throwable thrown) {
    return switch (thrown) {
      case Refused e -> e.errno();
      case NoSuchFileException _ -> ENOENT;
      case FileAlreadyExistsException _ -> EEXIST;
      case DirectoryNotEmptyException _ -> ENOTEMPTY;
      case NotDirectoryException _ -> ENOTDIR;
      case NotLinkException _, BufferUnderflowException _ -> EINVAL;
      case FileSystemLoopException _ -> ELOOP;
      case AccessDeniedException _, SecurityException _ -> EACCES;
      case AtomicMoveNotSupportedException _ -> EXDEV;
      case ReadOnlyFileSystemException _ -> EROFS;
      case UnsupportedOperationException _ -> EOPNOTSUPP;
      case InvalidPathException _ -> EILSEQ;
      case ClosedChannelException _, NonReadableChannelException _, NonWritableChannelException _ ->
          EBADF;
      case CorruptStorage _ -> EIO;
      case OutOfMemoryError _ -> ENOMEM;
      case IOException e -> byWords(Objects.requireNonNullElse(e.getMessage(), ""));
      default -> EIO;
    };
  }

  private static Errno byWords(String message) {
    return WORDS.entrySet().stream()
        .filter(each -> message.contains(each.getKey()))
        .map(Map.Entry::getValue)
        .findFirst()
        .orElse(EIO);
  }
}
