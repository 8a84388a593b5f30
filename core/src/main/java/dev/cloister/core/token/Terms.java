package dev.cloister.core.token;

import java.time.Duration;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;

/**
 * What an invocation token is good for, from the moment it is made: how often, how long, and for
 * which rights. Immutable: each setting gives other terms. A token made from another never gets
 * more than that one has, whatever its terms say.
 *
 * @param uses how many presentations are accepted, at least 1
 * @param lifetime how long, up to {@link #LONGEST}; measured on the clock that never goes back
 * @param rights at least one; not {@link Right#SHUTDOWN}, which has a token of its own
 */
public record Terms(long uses, Duration lifetime, Set<Right> rights) {

  /** As many uses as the lifetime has room for. */
  public static final long UNLIMITED = Long.MAX_VALUE;

  /** The longest lifetime: 366 days. */
  public static final Duration LONGEST = Duration.ofDays(366);

  /** Checks the terms. */
  public Terms {
    if (uses < 1) {
      throw new IllegalArgumentException("uses " + uses + ": must be at least 1");
    }
    if (!lifetime.isPositive() || lifetime.compareTo(LONGEST) > 0) {
      throw new IllegalArgumentException(
          "lifetime " + lifetime + ": allowed above zero, up to " + LONGEST);
    }
    if (rights.isEmpty() || rights.contains(Right.SHUTDOWN)) {
      throw new IllegalArgumentException(
          "rights " + rights + ": allowed are some of INVOKE, READ, DELEGATE");
    }
    rights = Collections.unmodifiableSet(EnumSet.copyOf(rights));
  }

  /**
   * Makes the widest terms: unlimited uses, and every right that an invocation token can have.
   *
   * @param lifetime how long, up to {@link #LONGEST}
   * @return the terms
   */
  public static Terms lasting(Duration lifetime) {
    return new Terms(UNLIMITED, lifetime, EnumSet.of(Right.INVOKE, Right.READ, Right.DELEGATE));
  }

  /**
   * Sets how many presentations are accepted.
   *
   * @param count at least 1; unlimited unless set
   * @return terms with that
   */
  public Terms uses(long count) {
    return new Terms(count, lifetime, rights);
  }

  /**
   * Takes away the right to send.
   *
   * @return terms with that; what may be delegated is then read only too
   */
  public Terms readOnly() {
    return without(Right.INVOKE);
  }

  /**
   * Takes away the right to have narrower tokens made.
   *
   * @return terms with that
   */
  public Terms undelegable() {
    return without(Right.DELEGATE);
  }

  private Terms without(Right right) {
    var kept = EnumSet.copyOf(rights);
    kept.remove(right);
    return new Terms(uses, lifetime, kept);
  }
}
