package dev.cloister.sandbox.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * One life of one host, as a name that tells later whether it still goes on: the process's number,
 * the moment it started, and the namespace in which that number means something; and a random part,
 * so that one process may have several.
 *
 * @param namespace the inode of the process's PID namespace
 * @param pid the process's number in it
 * @param started clock ticks from the boot to the process's start
 * @param distinction 8 hex digits
 */
public record HostLife(String namespace, long pid, String started, String distinction) {
  private static final Pattern NAME =
      Pattern.compile("cloister-([0-9]{1,20})-([0-9]{1,10})-([0-9]{1,20})-([0-9a-f]{8})");

  /** The fields of /proc/PID/stat after the name, of which "starttime" is the 22nd; proc(5). */
  private static final int STARTED = 22 - 3;

  /**
   * The life of this process.
   *
   * @param proc where processes are described
   * @return one of its own for each call
   * @throws IOException when {@code /proc} does not tell
   */
  public static HostLife begun(Path proc) throws IOException {
    var pid = ProcessHandle.current().pid();
    return new HostLife(
        namespace(proc),
        pid,
        started(proc, "self").orElseThrow(() -> new IOException(proc + "/self/stat: not there")),
        UUID.randomUUID().toString().substring(0, 8));
  }

  /**
   * Reads a name.
   *
   * @param name any text
   * @return empty when it is none of ours
   */
  public static Optional<HostLife> named(String name) {
    var match = NAME.matcher(name);
    return match.matches()
        ? Optional.of(
            new HostLife(
                match.group(1), Long.parseLong(match.group(2)), match.group(3), match.group(4)))
        : Optional.empty();
  }

  /**
   * Writes the life as a name.
   *
   * @return small letters, digits and dashes
   */
  public String name() {
    return "cloister-" + namespace + "-" + pid + "-" + started + "-" + distinction;
  }

  /**
   * Tells whether it is over for certain; one of another namespace is never known to be.
   *
   * @param proc where processes are described
   * @return whether no such process runs any more
   * @throws IOException when {@code /proc} does not tell
   */
  public boolean over(Path proc) throws IOException {
    return namespace.equals(namespace(proc))
        && !started(proc, Long.toString(pid)).equals(Optional.of(started));
  }

  private static String namespace(Path proc) throws IOException {
    return Files.readSymbolicLink(proc.resolve("self/ns/pid")).toString().replaceAll("[^0-9]", "");
  }

  /** Empty when there is no such process, or only what is left of it. */
  private static Optional<String> started(Path proc, String process) throws IOException {
    var stat = proc.resolve(process).resolve("stat");
    try {
      var line = Files.readString(stat);
      var fields = line.substring(line.lastIndexOf(')') + 2).split(" ", -1);
      var dead = fields[0].equals("Z") || fields[0].equals("X");
      return dead ? Optional.empty() : Optional.of(fields[STARTED]);
    } catch (IOException e) {
      if (Files.exists(stat)) {
        throw e;
      }
      return Optional.empty();
    }
  }
}
