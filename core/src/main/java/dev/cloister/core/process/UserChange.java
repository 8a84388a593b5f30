package dev.cloister.core.process;

import dev.cloister.core.internal.os.Hardening;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A process of root's that becomes another user: what must be within that user's reach, and what is
 * given to it.
 *
 * @param user the uid
 * @param group the gid
 * @param directories in which files are made later
 */
record UserChange(int user, int group, List<Path> directories) {
  private static final int STICKY = 01000;

  /** Copies. */
  UserChange {
    directories = List.copyOf(directories);
  }

  /** Tells what would not work afterwards; empty when nothing is in the way. */
  Optional<String> obstacle(Hardening hardening) {
    for (var directory : directories) {
      if (isShared(directory)) {
        return Optional.of(
            directory + " is root's and everybody's: name a directory for this process alone");
      }
    }
    var needed = Stream.concat(directories.stream(), LateClasses.directories().stream()).toList();
    // Once as root, so that the classes for it are loaded.
    firstOutOfReach(needed);
    return hardening
        .withFileRightsOf(user, group, () -> firstOutOfReach(needed))
        .map(
            path -> path + " cannot be reached by uid " + user + ": open it and its parents to it");
  }

  private static Optional<Path> firstOutOfReach(List<Path> paths) {
    return paths.stream().filter(path -> !isInReach(path)).findFirst();
  }

  /** A directory that the seal will make is within reach where its parent is. */
  private static boolean isInReach(Path path) {
    try {
      Files.readAttributes(path, BasicFileAttributes.class);
      return true;
    } catch (NoSuchFileException _) {
      var parent = path.toAbsolutePath().getParent();
      return parent != null && isInReach(parent);
    } catch (IOException _) {
      return false;
    }
  }

  private static boolean isShared(Path directory) {
    try {
      return isRoots(directory) && (attribute(directory, "unix:mode") & STICKY) != 0;
    } catch (IOException _) {
      return false; // It is not there yet; if it is not at the seal, that says so.
    }
  }

  private static boolean isRoots(Path directory) throws IOException {
    return attribute(directory, "unix:uid") == 0;
  }

  private static int attribute(Path directory, String name) throws IOException {
    return (int) Files.getAttribute(directory, name, LinkOption.NOFOLLOW_LINKS);
  }

  /** Gives away each directory that is root's, and nothing that is in it. */
  void giveDirectories() throws IOException {
    for (var directory : directories) {
      if (isRoots(directory)) {
        Files.setAttribute(directory, "unix:gid", group, LinkOption.NOFOLLOW_LINKS);
        Files.setAttribute(directory, "unix:uid", user, LinkOption.NOFOLLOW_LINKS);
      }
    }
  }
}
