package dev.cloister.core.gate;

import dev.cloister.core.Description;
import dev.cloister.core.Mode;
import dev.cloister.core.ledger.Counter;
import dev.cloister.core.posture.Posture.Finding;
import java.io.IOException;
import java.util.Collection;
import java.util.List;

/**
 * What a plan says of a part before it is open. Immutable; opening it is the seal's work alone.
 *
 * @param <T> what it opens
 */
public interface Declaration<T extends Part> {

  /**
   * Returns the part's name, which no other part of a plan has.
   *
   * @return letters, digits and dashes
   */
  String name();

  /**
   * Writes everything that decides what the part will do; this goes into the measurement.
   *
   * @param into where to
   */
  void describe(Description into);

  /**
   * Returns the counters this part will write.
   *
   * @return none unless said
   */
  default Collection<? extends Counter> counters() {
    return List.of();
  }

  /**
   * Looks at what this part guarantees on this host; leaves everything as it was.
   *
   * @return a finding for each guarantee this part bears on
   * @throws IOException when it cannot be looked at
   */
  default List<Finding> probe() throws IOException {
    return List.of();
  }

  /**
   * Tells whether the part may run in a mode.
   *
   * @param mode how the context will run
   * @return whether it may; every mode unless said
   */
  default boolean runsIn(Mode mode) {
    return true;
  }

  /**
   * Opens the part.
   *
   * @param opening what the context lends it
   * @return the part, which the context closes
   * @throws IOException when it cannot be opened; then nothing is left open
   */
  T open(Opening opening) throws IOException;
}
