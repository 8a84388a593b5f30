package dev.cloister.sandbox.fuse;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cloister.core.CorruptStorage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.NonWritableChannelException;
import java.nio.file.AccessDeniedException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.ClosedFileSystemException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.NotLinkException;
import java.nio.file.ReadOnlyFileSystemException;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What a provider throws becomes what a kernel would have said. */
final class ErrnoTest {

  @ParameterizedTest
  @MethodSource
  void anExceptionIsAnErrno(Throwable thrown, int errno) {
    assertThat(Errno.of(thrown).number()).isEqualTo(errno);
  }

  static Stream<Arguments> anExceptionIsAnErrno() {
    return Stream.of(
        Arguments.of(new NoSuchFileException("x"), 2),
        Arguments.of(new CorruptStorage("x"), 5),
        Arguments.of(new IOException("x"), 5),
        Arguments.of(new IOException(), 5),
        Arguments.of(new UncheckedIOException(new IOException("x")), 5),
        Arguments.of(new ClosedFileSystemException(), 5),
        Arguments.of(new IllegalStateException("x"), 5),
        Arguments.of(new StackOverflowError(), 5),
        Arguments.of(new ClosedChannelException(), 9),
        Arguments.of(new NonWritableChannelException(), 9),
        Arguments.of(new OutOfMemoryError(), 12),
        Arguments.of(new AccessDeniedException("x"), 13),
        Arguments.of(new SecurityException("x"), 13),
        Arguments.of(new FileAlreadyExistsException("x"), 17),
        Arguments.of(new AtomicMoveNotSupportedException("x", "y", "z"), 18),
        Arguments.of(new NotDirectoryException("x"), 20),
        Arguments.of(new FileSystemException("x", null, "Is a directory"), 21),
        Arguments.of(new NotLinkException("x"), 22),
        Arguments.of(new IOException("File too large"), 27),
        Arguments.of(new IOException("No space left on device"), 28),
        Arguments.of(new FileSystemException("x", null, "No space left: 5 of 4 bytes"), 28),
        Arguments.of(new ReadOnlyFileSystemException(), 30),
        Arguments.of(new FileSystemException("x", "y", "File name too long"), 36),
        Arguments.of(new DirectoryNotEmptyException("x"), 39),
        Arguments.of(new FileSystemException("x", "y", "Directory not empty"), 39),
        Arguments.of(new FileSystemLoopException("x"), 40),
        Arguments.of(new InvalidPathException("x", "y"), 84),
        Arguments.of(new UnsupportedOperationException(), 95),
        Arguments.of(new IOException("Disk quota exceeded"), 122));
  }
}
