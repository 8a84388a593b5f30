package dev.cloister.sandbox.escape;

import dev.cloister.core.policy.NetworkPolicy;
import dev.cloister.core.policy.Resource;
import dev.cloister.core.policy.ResourceLimits;
import dev.cloister.sandbox.image.Image;
import dev.cloister.sandbox.runtime.FunctionRuntime;
import dev.cloister.sandbox.runtime.GuestProcess;
import dev.cloister.sandbox.runtime.Launch;
import java.io.IOException;
import java.util.Map;
import java.util.Set;
import java.util.function.IntUnaryOperator;

/**
 * A runtime under attack.
 *
 * @param name what it is called here
 * @param runtime the runtime
 * @param image Python, in its usual image
 * @param network what a function may reach by itself
 * @param areas where it is attacked; everywhere when there are none
 * @param letsAtMost how many attacks may succeed, of so many
 * @param lets what it does not withstand: an attack, and the words of its label that say so
 */
record Contender(
    String name,
    FunctionRuntime runtime,
    Image image,
    NetworkPolicy network,
    Set<String> areas,
    IntUnaryOperator letsAtMost,
    Map<String, String> lets) {

  /** One without a network, that is attacked everywhere. */
  static Contender of(
      FunctionRuntime runtime, Image image, IntUnaryOperator letsAtMost, Map<String, String> lets) {
    return new Contender(
        runtime.label().name(), runtime, image, NetworkPolicy.none(), Set.of(), letsAtMost, lets);
  }

  boolean faces(Attack attack) {
    return areas.isEmpty() || areas.contains(attack.area());
  }

  /** Starts a guest, which waits for its code. */
  GuestProcess start(String cell) throws IOException {
    return runtime.start(new Launch(cell, image, image.systemCalls(), limits(), network));
  }

  private static ResourceLimits limits() {
    return ResourceLimits.none()
        .with(Resource.CPU_SECONDS, "20")
        .with(Resource.CPU_SHARE, "1")
        .with(Resource.WALL_SECONDS, "40")
        .with(Resource.MEMORY_BYTES, 256L << 20)
        .with(Resource.PROCESSES, 8)
        .with(Resource.OPEN_FILES, 64)
        .with(Resource.DISK_BYTES, 1L << 20)
        .with(Resource.BYTES_IN, 64L << 20)
        .with(Resource.BYTES_OUT, 64L << 20);
  }
}
