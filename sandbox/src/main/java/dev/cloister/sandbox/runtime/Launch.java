package dev.cloister.sandbox.runtime;

import dev.cloister.core.policy.NetworkPolicy;
import dev.cloister.core.policy.ResourceLimits;
import dev.cloister.sandbox.image.Image;
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
 */
public record Launch(
    String cell,
    Image image,
    Set<String> systemCalls,
    ResourceLimits limits,
    NetworkPolicy network) {

  /** Refuses an id that could be taken for something else, and copies what could change. */
  public Launch {
    if (!cell.matches("[A-Za-z0-9][A-Za-z0-9-]{0,63}")) {
      throw new IllegalArgumentException(
          "cell id \"" + cell + "\": 1 to 64 letters, digits, dashes");
    }
    systemCalls = Set.copyOf(systemCalls);
  }
}
