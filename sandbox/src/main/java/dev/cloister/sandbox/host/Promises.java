package dev.cloister.sandbox.host;

import dev.cloister.core.Denied;
import dev.cloister.core.policy.ResourceLimits;
import java.util.stream.Collectors;

/**
 * What a host has promised to the cells that live now; never more in sum than its operator gave.
 * Safe for use by many threads.
 */
final class Promises {
  private final ResourceLimits total;
  private ResourceLimits promised = ResourceLimits.none();

  Promises(ResourceLimits total) {
    this.total = total;
  }

  /**
   * Promises limits to one more cell, all of them or none.
   *
   * @throws Denied naming every resource of which there is not enough left
   */
  synchronized void make(ResourceLimits limits) {
    var sum = promised.plus(limits);
    var excess = sum.excessOver(total);
    if (!excess.isEmpty()) {
      throw new Denied(
          "total",
          excess.stream()
              .map(over ->
                  "%s %s asked, %s left: come back when another cell has ended"
                      .formatted(
                          over.resource().label(),
                          over.resource().text(limits.of(over.resource())),
                          over.resource().text(over.allowed() - promised.of(over.resource()))))
              .collect(Collectors.joining("; ")));
    }
    promised = sum;
  }

  /** Takes back what was promised to a cell that has ended. */
  synchronized void release(ResourceLimits limits) {
    promised = promised.minus(limits);
  }

  synchronized ResourceLimits promised() {
    return promised;
  }
}
