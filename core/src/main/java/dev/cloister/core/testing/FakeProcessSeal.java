package dev.cloister.core.testing;

import dev.cloister.core.Description;
import dev.cloister.core.posture.Guarantee;
import dev.cloister.core.posture.Posture.Finding;
import dev.cloister.core.posture.Posture.State;
import dev.cloister.core.process.ProcessSeal;
import java.util.List;

/** Hardens nothing, and says so: SIMULATED. Remembers whether it was asked to. */
public final class FakeProcessSeal implements ProcessSeal {
  private boolean hardened;

  /** Makes a seal that was not put on. */
  public FakeProcessSeal() {}

  @Override
  public void describe(Description into) {
    into.put("seal", "fake");
  }

  @Override
  public List<Finding> probe() {
    return List.of(
        new Finding(Guarantee.NO_CORE_FILE, State.SIMULATED, "a fake seal would harden nothing"));
  }

  @Override
  public List<Finding> harden() {
    hardened = true;
    return List.of(
        new Finding(Guarantee.NO_CORE_FILE, State.SIMULATED, "a fake seal hardened nothing"));
  }

  /**
   * Tells whether a context asked.
   *
   * @return whether {@link #harden()} was called
   */
  public boolean isHardened() {
    return hardened;
  }
}
