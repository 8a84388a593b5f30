package dev.cloister.sandbox.session;

import dev.cloister.core.ContextId;
import dev.cloister.core.policy.Manifest;
import dev.cloister.core.policy.NodePolicy;
import dev.cloister.core.token.InvocationToken;
import dev.cloister.core.token.ShutdownToken;
import dev.cloister.core.token.Token;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/**
 * A function whose needs a node's policy meets; that the node has room for it just now, only
 * starting tells. Immutable.
 */
public final class Admitted {
  private static final int ID_BYTES = 16;
  private static final int KEY_BYTES = 32;

  private final CellClient client;
  private final NodePolicy policy;
  private final Manifest manifest;

  Admitted(CellClient client, NodePolicy policy, Manifest manifest) {
    this.client = client;
    this.policy = policy;
    this.manifest = manifest;
  }

  /**
   * Returns what was decided by.
   *
   * @return the node's policy, as it was read
   */
  public NodePolicy policy() {
    return policy;
  }

  /**
   * Has the node start a cell, by the manifest; the node decides again.
   *
   * @return the cell, which waits for its code
   * @throws dev.cloister.core.Denied when the node refuses after all, or has no room
   * @throws IOException when the node was not reached, did not answer, or could not start it
   */
  public RemoteCell start() throws IOException {
    try (var talk = client.begin()) {
      return talk.ask(Ask.START, Papers.write(manifest.document()), Duration.ZERO, this::started);
    }
  }

  private RemoteCell started(Talk.Reply reply) throws Broken {
    var in = reply.some();
    var id = new ContextId(in.hex(ID_BYTES));
    var grant =
        RemoteGrant.of(
            client.node(),
            InvocationToken.of(in.bytes(Token.BYTES)),
            Optional.of(ShutdownToken.of(in.bytes(Token.BYTES))),
            RemoteGrant.NOTHING_READ);
    var identity = new RemoteIdentity(id, in.hex(KEY_BYTES), in.hex(KEY_BYTES), in.hex(KEY_BYTES));
    in.end();
    in.wipe();
    return new RemoteCell(client, grant, Optional.of(identity));
  }
}
