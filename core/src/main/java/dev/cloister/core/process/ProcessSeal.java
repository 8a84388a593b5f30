package dev.cloister.core.process;

import dev.cloister.core.Description;
import dev.cloister.core.internal.os.OperatingSystem;
import dev.cloister.core.posture.Posture.Finding;
import java.util.List;

/**
 * Hardens this process, once, for good. A context requires it and does not own it: what was
 * hardened stays so after the context has closed. {@code dev.cloister.core.testing} has a fake,
 * which reports SIMULATED.
 */
public interface ProcessSeal {

  /**
   * Writes what it will do.
   *
   * @param into where to
   */
  void describe(Description into);

  /**
   * Tells what {@link #harden()} would reach on this host; changes nothing.
   *
   * @return one finding for each guarantee it works on
   */
  List<Finding> probe();

  /**
   * Hardens. Called by the seal after every gate is open and every key made. A second call finds
   * the process hardened and tells the same.
   *
   * @return one finding for each guarantee it works on, with the forbidden act that was tried
   */
  List<Finding> harden();

  /**
   * Returns the seal of a process that traces.
   *
   * @return one that makes files nowhere and no sockets, until it is told
   */
  static TracingSeal forTracing() {
    return new TracingSeal(OperatingSystem.current());
  }
}
