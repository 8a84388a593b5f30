package dev.cloister.sandbox.image;

import dev.cloister.core.PolicyRejected;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Collections;
import java.util.zip.ZipFile;
import org.jspecify.annotations.Nullable;

/**
 * An image's archive, unpacked to a temporary directory that others may read and only its owner may
 * write. Entries that would lie elsewhere, and archives beyond the bounds, are refused; links are
 * not unpacked, and neither are owners, times and execute bits.
 */
record UnpackedImage(Path directory) implements AutoCloseable {
  /** How many entries an archive may have. */
  static final int ENTRIES_MAX = 65_536;

  /** How many bytes an archive may unpack to. */
  static final long BYTES_MAX = 1L << 30;

  static UnpackedImage of(Path archive) throws IOException {
    var directory = Files.createTempDirectory("cloister-image-");
    var unpacked = new UnpackedImage(directory);
    try (var zip = new ZipFile(archive.toFile())) {
      if (zip.size() > ENTRIES_MAX) {
        throw new PolicyRejected(archive.toString(), "more than " + ENTRIES_MAX + " entries");
      }
      var left = BYTES_MAX;
      for (var entry : Collections.list(zip.entries())) {
        var target = directory.resolve(entry.getName()).normalize();
        if (!target.startsWith(directory)) {
          throw new PolicyRejected(
              archive.toString(), "entry \"" + entry.getName() + "\" leads outside the image");
        }
        if (entry.isDirectory()) {
          Files.createDirectories(target);
        } else {
          Files.createDirectories(parent(target));
          try (var in = zip.getInputStream(entry)) {
            left -= copy(in, target, left, archive);
          }
        }
      }
      // Functions run as users of their own.
      Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
      return unpacked;
    } catch (IOException | RuntimeException e) {
      unpacked.close();
      throw e;
    }
  }

  private static Path parent(Path target) throws IOException {
    var parent = target.getParent();
    if (parent == null) {
      throw new IOException(target + " has no directory");
    }
    return parent;
  }

  private static long copy(InputStream in, Path target, long most, Path archive)
      throws IOException {
    var copied = 0L;
    try (var out = Files.newOutputStream(target)) {
      var buffer = new byte[1 << 16];
      for (var read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        copied += read;
        if (copied > most) {
          throw new PolicyRejected(
              archive.toString(), "it unpacks to more than " + BYTES_MAX + " bytes");
        }
        out.write(buffer, 0, read);
      }
    }
    return copied;
  }

  /** Removes the directory and all in it. */
  @Override
  public void close() throws IOException {
    Files.walkFileTree(
        directory,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path visited, @Nullable IOException failure)
              throws IOException {
            if (failure != null) {
              throw failure;
            }
            Files.delete(visited);
            return FileVisitResult.CONTINUE;
          }
        });
  }
}
