package dev.cloister.core.token;

import dev.cloister.core.ContextId;
import java.time.Duration;
import java.util.Set;

/**
 * What an accepted token was good for, at the moment of its presentation, with what its ancestors
 * left of it.
 *
 * @param context whose token it is
 * @param rights what its holder may ask for
 * @param usesLeft how many presentations more are accepted now, {@link Terms#UNLIMITED} when they
 *     are not counted; others who share an ancestor may take them first
 * @param timeLeft until it expires, above zero
 */
public record Presented(ContextId context, Set<Right> rights, long usesLeft, Duration timeLeft) {

  /**
   * Tells whether the holder may read and not send.
   *
   * @return whether {@link Right#INVOKE} is missing and {@link Right#READ} is there
   */
  public boolean isReadOnly() {
    return rights.contains(Right.READ) && !rights.contains(Right.INVOKE);
  }
}
