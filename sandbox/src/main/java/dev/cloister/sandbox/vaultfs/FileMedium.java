package dev.cloister.sandbox.vaultfs;

import dev.cloister.core.CorruptStorage;
import dev.cloister.core.internal.Failures;
import dev.cloister.core.internal.HeldDirectory;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousFileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * One file of the host, in a directory that is held as long as it is open; {@link #close} removes
 * both, and what a killed process left is removed when the directory is opened again.
 *
 * <p>The channel is of the asynchronous kind, with an executor that runs in the calling thread: it
 * reads and writes at positions for any number of threads, and unlike a {@code FileChannel} it is
 * not closed for all of them when one is interrupted.
 */
final class FileMedium implements BlockMedium {
  private final HeldDirectory directory;
  private final Path file;
  private final AsynchronousFileChannel channel;

  /** Null where files have no identity. */
  private final @Nullable Object identity;

  private FileMedium(
      HeldDirectory directory,
      Path file,
      AsynchronousFileChannel channel,
      @Nullable Object identity) {
    this.directory = directory;
    this.file = file;
    this.channel = channel;
    this.identity = identity;
  }

  static FileMedium in(Path path) throws IOException {
    var directory = HeldDirectory.open(path, "vault");
    try {
      var file = directory.path().resolve("blocks.vault");
      var channel =
          AsynchronousFileChannel.open(
              file,
              Set.of(
                  StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE),
              new CallerRuns(),
              forItsOwner(file));
      return new FileMedium(directory, file, channel, identity(file));
    } catch (IOException e) {
      Failures.undo(e, directory::close);
      throw e;
    }
  }

  private static FileAttribute<?>[] forItsOwner(Path file) {
    return file.getFileSystem().supportedFileAttributeViews().contains("posix")
        ? new FileAttribute<?>[] {
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
        }
        : new FileAttribute<?>[0];
  }

  private static @Nullable Object identity(Path file) throws IOException {
    return Files.readAttributes(file, BasicFileAttributes.class).fileKey();
  }

  @Override
  public void write(long position, byte[] bytes, int length) throws IOException {
    var buffer = ByteBuffer.wrap(bytes, 0, length);
    while (buffer.hasRemaining()) {
      done(channel.write(buffer, position + buffer.position()));
    }
  }

  @Override
  public int read(long position, byte[] bytes, int length) throws IOException {
    var buffer = ByteBuffer.wrap(bytes, 0, length);
    while (buffer.hasRemaining()) {
      if (done(channel.read(buffer, position + buffer.position())) < 0) {
        break;
      }
    }
    return buffer.position();
  }

  /** Takes what the call came to, which it has: it ran in this thread. */
  private static int done(Future<Integer> call) throws IOException {
    try {
      return call.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException failure) {
        throw failure;
      }
      throw new IOException("the call of the channel failed", e.getCause());
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted before a block was read or written");
    }
  }

  @Override
  public void force() throws IOException {
    channel.force(false);
    requireThere();
  }

  private void requireThere() throws IOException {
    try {
      if (Objects.equals(identity, identity(file))) {
        return;
      }
    } catch (NoSuchFileException _) {
      // Told below.
    }
    if (channel.isOpen()) {
      throw new CorruptStorage(
          "the vault's file in %s is gone or another: someone else wrote there"
              .formatted(directory.path()));
    }
  }

  @Override
  public void truncate(long end) throws IOException {
    if (channel.size() > end) {
      channel.truncate(end);
    }
  }

  @Override
  public void close() throws IOException {
    if (channel.isOpen()) {
      try (directory) {
        channel.close();
      }
    }
  }
}
