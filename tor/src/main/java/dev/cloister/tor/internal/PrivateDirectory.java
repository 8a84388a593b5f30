package dev.cloister.tor.internal;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.List;
import java.util.Set;

/** Directories that nobody but this user enters, root excepted. */
public final class PrivateDirectory {
  private static final Set<PosixFilePermission> OWNERS =
      PosixFilePermissions.fromString("rwx------");
  private static final FileAttribute<Set<PosixFilePermission>> ATTRIBUTE =
      PosixFilePermissions.asFileAttribute(OWNERS);

  /** Belongs to the user whom this process runs as. */
  private static final Path SELF = Path.of("/proc/self");

  private PrivateDirectory() {}

  /**
   * Makes one.
   *
   * @param directory which is not there yet
   * @return it
   * @throws IOException when it cannot be made
   */
  public static Path create(Path directory) throws IOException {
    return Files.createDirectory(directory, ATTRIBUTE);
  }

  /**
   * Makes one with a name of its own.
   *
   * @param in where
   * @return the new one
   * @throws IOException when it cannot be made
   */
  public static Path createTemporary(Path in) throws IOException {
    return Files.createTempDirectory(in, "making-", ATTRIBUTE);
  }

  /**
   * Makes it, or takes the one that is there, if it is ours and no one else's.
   *
   * @param directory which
   * @return it
   * @throws IOException when it cannot be made, or is not ours alone
   */
  public static Path take(Path directory) throws IOException {
    if (Files.notExists(directory, LinkOption.NOFOLLOW_LINKS)) {
      Files.createDirectories(directory.toAbsolutePath().getParent());
      try {
        return create(directory);
      } catch (FileAlreadyExistsException _) {
        // Another process was faster; whose it is shows below.
      }
    }
    var owner = Files.getAttribute(directory, "unix:uid", LinkOption.NOFOLLOW_LINKS);
    var permissions = Files.getPosixFilePermissions(directory, LinkOption.NOFOLLOW_LINKS);
    if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)
        || !owner.equals(Files.getAttribute(SELF, "unix:uid"))
        || !OWNERS.containsAll(permissions)) {
      throw new IOException(
          "directory %s belongs to user %s with %s: it must be this user's alone (chmod 700), or another one named"
              .formatted(directory, owner, PosixFilePermissions.toString(permissions)));
    }
    return directory;
  }

  /**
   * Removes it with all that it holds.
   *
   * @param directory which is there
   * @throws IOException when something could not be removed
   */
  public static void remove(Path directory) throws IOException {
    List<Path> deepestFirst;
    try (var all = Files.walk(directory)) {
      deepestFirst = all.sorted(Comparator.reverseOrder()).toList();
    }
    for (var path : deepestFirst) {
      Files.delete(path);
    }
  }
}
