package dev.cloister.sandbox.host;

import dev.cloister.core.Denied;
import dev.cloister.core.policy.Resource;
import dev.cloister.core.policy.ResourceLimits;
import dev.cloister.sandbox.runtime.Ending;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * Counts what goes into a cell and what comes out, and lets no byte through beyond the limits. Safe
 * for use by many threads.
 */
final class Meter implements Traffic {
  private final ResourceLimits limits;
  private final AtomicLong bytesIn = new AtomicLong();
  private final AtomicLong bytesOut = new AtomicLong();

  private volatile Consumer<Ending> atLimit = _ -> {};

  /** Starts at zero. */
  Meter(ResourceLimits limits) {
    this.limits = limits;
  }

  /** Sets who ends the function when a limit is reached; before the function runs. */
  void whenReached(Consumer<Ending> end) {
    atLimit = end;
  }

  /** Counts bytes that go in; throws before they do when they are too many. */
  @Override
  public void in(int bytes) {
    count(bytesIn, Resource.BYTES_IN, bytes);
  }

  /** Counts bytes that come out; throws before they do when they are too many. */
  @Override
  public void out(int bytes) {
    count(bytesOut, Resource.BYTES_OUT, bytes);
  }

  long bytesIn() {
    return bytesIn.get();
  }

  long bytesOut() {
    return bytesOut.get();
  }

  private void count(AtomicLong counter, Resource resource, int bytes) {
    var limit = limits.of(resource);
    var before = counter.getAndUpdate(used -> bytes <= limit - used ? used + bytes : used);
    if (bytes > limit - before) {
      var words = "%d more than %d of %d bytes".formatted(bytes, before, limit);
      atLimit.accept(Ending.atLimit(resource, words));
      throw new Denied("limits." + resource.label(), words);
    }
  }
}
