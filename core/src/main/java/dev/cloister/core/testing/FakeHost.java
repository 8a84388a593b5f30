package dev.cloister.core.testing;

import dev.cloister.core.key.SecretMemory;
import dev.cloister.core.posture.Guarantee;
import dev.cloister.core.posture.Posture.Finding;
import dev.cloister.core.posture.Posture.State;
import dev.cloister.core.process.Host;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * A machine that guarantees nothing: every guarantee of the host is SIMULATED, so that only lab
 * mode takes it, until the test says that one is WEAKENED or ABSENT. Keys rest on the heap. Safe
 * for use by many threads.
 */
public final class FakeHost implements Host {
  private final Map<Guarantee, State> states = new EnumMap<>(Guarantee.class);

  /** Makes a machine on which every guarantee of the host is SIMULATED. */
  public FakeHost() {
    states.put(Guarantee.ROOT_SECRET_PROTECTED, State.SIMULATED);
    states.put(Guarantee.HEAP_IN_RAM, State.SIMULATED);
    states.put(Guarantee.NO_CORE_FILE, State.SIMULATED);
  }

  /**
   * Makes the machine lack a guarantee from now on.
   *
   * @param guarantee one that rests on the host
   * @param state WEAKENED, ABSENT or SIMULATED; a fake enforces nothing
   */
  public synchronized void lose(Guarantee guarantee, State state) {
    if (state == State.ENFORCED || !states.containsKey(guarantee)) {
      throw new IllegalArgumentException(
          guarantee.label() + " " + state + ": a fake host cannot say that");
    }
    states.put(guarantee, state);
  }

  @Override
  public SecretMemory secretMemory(long bytes) {
    return SecretMemory.onHeap(bytes);
  }

  @Override
  public synchronized List<Finding> probe() {
    return states.entrySet().stream()
        .map(entry -> new Finding(entry.getKey(), entry.getValue(), "a fake host says so"))
        .toList();
  }
}
