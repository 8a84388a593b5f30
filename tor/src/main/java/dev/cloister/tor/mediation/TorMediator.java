package dev.cloister.tor.mediation;

import dev.cloister.core.Description;
import dev.cloister.core.gate.Declaration;
import dev.cloister.core.gate.Opening;
import dev.cloister.core.ledger.Counter;
import dev.cloister.tor.control.TorControl;
import java.io.IOException;
import java.util.Arrays;
import java.util.Collection;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Lets functions speak to one tor, each through a gate of its own that its context opens and
 * closes. What a function has in tor ends with its gate; what it may have, the grant says. Should
 * this process be killed, onion services end with its control connection, and circuits when tor
 * finds them idle. Safe for use by many threads.
 */
public final class TorMediator implements Declaration<MediatedTor> {
  private final TorControl control;
  private final TorGrant grant;
  private final Credentials credentials;
  private final Set<MediatedTor> open = ConcurrentHashMap.newKeySet();

  private TorMediator(TorControl control, TorGrant grant) {
    this.control = control;
    this.grant = grant;
    this.credentials = new Credentials(control);
  }

  /**
   * Stands before a control port.
   *
   * @param control a connection that all functions share; the caller closes it after them
   * @param grant what each function may do
   * @return a gate to declare in each function's context
   */
  public static TorMediator of(TorControl control, TorGrant grant) {
    return new TorMediator(control, grant);
  }

  @Override
  public String name() {
    return "tor";
  }

  @Override
  public void describe(Description into) {
    grant.describe(into);
  }

  @Override
  public Collection<? extends Counter> counters() {
    return Arrays.asList(MediationCounter.values());
  }

  @Override
  public MediatedTor open(Opening opening) throws IOException {
    var gate =
        new MediatedTor(
            control, grant, credentials, opening.time(), opening.ledger(), open::remove);
    open.add(gate);
    return gate;
  }

  /**
   * Takes in the events that functions do not, so that they wait in no queue of tor's; does what is
   * due and returns.
   *
   * @return nanoseconds until it should be called again
   * @throws IOException when the control connection has ended
   */
  public long tick() throws IOException {
    for (var gate : open) {
      gate.takeEventsIfIdle();
    }
    return 1_000_000_000L;
  }
}
