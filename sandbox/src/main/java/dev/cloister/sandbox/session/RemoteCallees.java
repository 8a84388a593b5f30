package dev.cloister.sandbox.session;

import dev.cloister.core.PolicyRejected;
import dev.cloister.core.gate.Exchange;
import dev.cloister.sandbox.host.Callees;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;

/**
 * Finds functions on other nodes by {@link RemoteGrant}s: a function that holds a grant's bytes
 * calls as any client of that node does. Which nodes may be reached, and how, the application
 * decides from what the grant says, which a stranger's function chose.
 *
 * <p>Safe for use by many threads as far as the application's part is.
 */
public final class RemoteCallees implements Callees {
  private final Function<String, Optional<CellClient>> nodes;

  private RemoteCallees(Function<String, Optional<CellClient>> nodes) {
    this.nodes = nodes;
  }

  /**
   * Makes a way to nodes.
   *
   * @param nodes gives a client of the node that a grant names, or nothing when there is none, or
   *     none that functions of this host may reach
   * @return for {@code CellHostPlan.callees}
   */
  public static RemoteCallees by(Function<String, Optional<CellClient>> nodes) {
    return new RemoteCallees(nodes);
  }

  @Override
  public Optional<Exchange> reach(byte[] grant) {
    try {
      var parsed = RemoteGrant.parse(grant);
      return nodes.apply(parsed.node()).map(client -> new RemoteCall(client, parsed));
    } catch (PolicyRejected _) {
      return Optional.empty();
    }
  }

  /** Calls a function of another node, each time over a channel of its own. */
  private static final class RemoteCall implements Exchange {
    private final CellClient client;
    private final RemoteGrant grant;

    RemoteCall(CellClient client, RemoteGrant grant) {
      this.client = client;
      this.grant = grant;
    }

    @Override
    public byte[] exchange(byte[] request, Duration deadline) throws IOException {
      var until = client.in(deadline);
      try (var talk = client.within(deadline).begin()) {
        return RemoteCell.call(talk, grant.invocation(), request, client.until(until));
      }
    }

    @Override
    public void close() {
      grant.close();
    }
  }
}
