package dev.cloister.core.process;

import dev.cloister.core.internal.os.OperatingSystem;
import dev.cloister.core.key.SecretMemory;
import dev.cloister.core.posture.Posture.Finding;
import java.util.List;

/**
 * The machine under a context: where its keys rest, and what can be observed of it. {@code
 * dev.cloister.core.testing} has a fake, which reports SIMULATED. Implementations are safe for use
 * by many threads and change nothing of the machine.
 */
public interface Host {

  /**
   * Opens memory for keys.
   *
   * @param bytes how much, at least
   * @return the best this host gives
   */
  SecretMemory secretMemory(long bytes);

  /**
   * Looks at what this host guarantees now. Cheap enough to be called at every heartbeat.
   *
   * @return one finding for each guarantee that rests on the host
   */
  List<Finding> probe();

  /**
   * Returns the machine this process runs on.
   *
   * @return one that observes and changes nothing
   */
  static Host thisOne() {
    return new ThisHost(OperatingSystem.current());
  }
}
