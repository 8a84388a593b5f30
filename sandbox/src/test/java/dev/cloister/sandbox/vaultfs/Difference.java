package dev.cloister.sandbox.vaultfs;

import dev.cloister.sandbox.vaultfs.FileScript.Outcome;
import java.util.Arrays;
import java.util.Set;

/** Where a vault answers otherwise than another file system, by name, and why it does. */
enum Difference {
  /** Whoever asks the JDK by stat(2) is told that there is no such file, whatever the errno. */
  THROUGH_A_FILE("attributes|move|copy", "NoSuchFileException", "FileSystemException"),

  /** The JDK opens a directory without following, and takes every failure of that for this. */
  LISTING_A_LOOP("list", "NotDirectoryException", "FileSystemException"),

  /** The JDK opens it, and the first read fails without a name of the file. */
  READING_A_DIRECTORY("read", "IOException", "FileSystemException"),

  /** The same refusal; the JDK leaves out the name of the file. */
  NOT_FOLLOWING("open", "IOException", "FileSystemException"),

  /** One refusal with two names, of which the JDK gives the plainer when it moves at once. */
  NOT_EMPTY("move", "FileSystemException", "DirectoryNotEmptyException"),

  /** Both paths are wrong, and rename(2) tells of the other first. */
  TWO_WRONGS("move", "FileSystemException", "NoSuchFileException");

  private static final Set<String> REFUSED =
      Set.of(
          "NoSuchFileException",
          "FileAlreadyExistsException",
          "FileSystemException",
          "IOException",
          "NotDirectoryException",
          "DirectoryNotEmptyException");

  /** What may be done, as a regular expression. */
  private final String steps;

  private final String theirs;
  private final String ours;

  Difference(String steps, String theirs, String ours) {
    this.steps = steps;
    this.theirs = theirs;
    this.ours = ours;
  }

  /** Whether the JDK may answer so where a vault answers so. */
  static boolean allows(Outcome theirs, Outcome ours) {
    return theirs.equals(ours)
        || Arrays.stream(values()).anyMatch(difference -> difference.is(theirs, ours));
  }

  /** Whether jimfs may: it tells refusals apart in another way. */
  static boolean allowsJimfs(Outcome theirs, Outcome ours) {
    return theirs.equals(ours)
        || (REFUSED.contains(theirs.result()) && REFUSED.contains(ours.result()))
        || isSameToJimfs(theirs, ours)
        || isExecutableToJimfs(theirs, ours);
  }

  /** Files that are not there are not the same, for jimfs. */
  private static boolean isSameToJimfs(Outcome theirs, Outcome ours) {
    return ours.step().startsWith("same ")
        && REFUSED.contains(ours.result())
        && theirs.result().equals("false");
  }

  /** For jimfs, whatever is there may be executed. */
  private static boolean isExecutableToJimfs(Outcome theirs, Outcome ours) {
    return ours.step().startsWith("permissions ")
        && theirs.result().equals(ours.result().replace("falsetrue", "truetrue"));
  }

  private boolean is(Outcome other, Outcome vault) {
    return other.step().split(" ", -1)[0].matches(steps)
        && other.result().equals(theirs)
        && vault.result().equals(ours);
  }
}
