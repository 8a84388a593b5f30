package dev.cloister.sandbox.runtime;

import dev.cloister.core.policy.NetworkPolicy;
import dev.cloister.core.policy.ResourceLimits;
import dev.cloister.sandbox.image.Image;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;

/**
 * What a runtime is to start.
 *
 * @param cell the cell's id: letters, digits and dashes, which no other living cell has
 * @param image what to start
 * @param systemCalls the names of the calls that the guest may make: the image's, narrowed by
 *     policy
 * @param limits the most that it may use
 * @param network what it may reach, where the runtime gives it sockets of its own
 * @param writable a directory that the function may write, and starts in; to a runtime that starts
 *     programs, one of the default file system, such as a mount, below directories that everybody
 *     may pass. Started by root, such a runtime gives it to the function's user by chown(2); taking
 *     it back or away after the end, and what it may hold, is the caller's
 */
public record Launch(
    String cell,
    Image image,
    Set<String> systemCalls,
    ResourceLimits limits,
    NetworkPolicy network,
    Optional<Path> writable) {

  /** Refuses an id that could be taken for something else, and copies what could change. */
  public Launch {
    if (!cell.matches("[A-Za-z0-9][A-Za-z0-9-]{0,63}")) {
      throw new IllegalArgumentException(
          "cell id \"" + cell + "\": 1 to 64 letters, digits, dashes");
    }
    systemCalls = Set.copyOf(systemCalls);
  }

  /**
   * Describes a start without a directory to write.
   *
   * @param cell the cell's id
   * @param image what to start
   * @param systemCalls the names of the calls that the guest may make
   * @param limits the most that it may use
   * @param network what it may reach
   */
  public Launch(
      String cell,
      Image image,
      Set<String> systemCalls,
      ResourceLimits limits,
      NetworkPolicy network) {
    this(cell, image, systemCalls, limits, network, Optional.empty());
  }

  /**
   * Gives the function a directory.
   *
   * @param directory that it may write
   * @return this with it
   */
  public Launch writing(Path directory) {
    return new Launch(cell, image, systemCalls, limits, network, Optional.of(directory));
  }
}
