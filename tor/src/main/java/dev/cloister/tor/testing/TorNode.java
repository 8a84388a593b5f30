package dev.cloister.tor.testing;

import dev.cloister.tor.Fingerprint;
import dev.cloister.tor.control.TorControl;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * One tor of a private network: where it is reached, and where its files lie, until the network
 * closes. That its process still runs it does not say. Immutable.
 */
public final class TorNode {
  private final NodePlan plan;
  private final @Nullable Fingerprint fingerprint;
  private final long pid;

  TorNode(NodePlan plan, @Nullable Fingerprint fingerprint, long pid) {
    this.plan = plan;
    this.fingerprint = fingerprint;
    this.pid = pid;
  }

  /**
   * Tells what it is there for.
   *
   * @return its role
   */
  public TorRole role() {
    return plan.role();
  }

  /**
   * Names it within its network.
   *
   * @return its role and a number from 0, such as {@code exit0}
   */
  public String nickname() {
    return plan.nickname();
  }

  /**
   * Names a relay in the consensus.
   *
   * @return its fingerprint
   * @throws IllegalStateException for a client, which has none
   */
  public Fingerprint fingerprint() {
    return relays(fingerprint);
  }

  /**
   * Returns where other nodes reach a relay.
   *
   * @return an address of loopback, not 127.0.0.1
   * @throws IllegalStateException for a client
   */
  public InetSocketAddress orAddress() {
    return relays(new InetSocketAddress(plan.address(), plan.orPort()));
  }

  private <T> T relays(@Nullable T value) {
    if (value == null || !role().relays()) {
      throw new IllegalStateException("node " + nickname() + ": a client is not a relay");
    }
    return value;
  }

  /**
   * Returns where a client takes streams.
   *
   * @return an address of 127.0.0.1, SOCKS 4 and 5
   * @throws IllegalStateException for a node that is none
   */
  public InetSocketAddress socksAddress() {
    if (role() != TorRole.CLIENT) {
      throw new IllegalStateException(
          "node %s: only a client has a SOCKS port".formatted(nickname()));
    }
    return new InetSocketAddress(NodePlan.LOOPBACK, plan.socksPort());
  }

  /**
   * Returns where it takes commands.
   *
   * @return an address of 127.0.0.1
   */
  public InetSocketAddress controlAddress() {
    return plan.control();
  }

  /**
   * Returns the file whose content its control port takes for authentication.
   *
   * @return 32 bytes, which this user alone can read
   */
  public Path cookie() {
    return plan.cookie();
  }

  /**
   * Returns where all its files lie: tor's {@code DataDirectory}.
   *
   * @return a directory that this user alone can enter
   */
  public Path directory() {
    return plan.directory();
  }

  /**
   * Returns its configuration as it was started with.
   *
   * @return a file
   */
  public Path torrc() {
    return plan.torrc();
  }

  /**
   * Returns what it says, from notices upwards.
   *
   * @return a file that grows
   */
  public Path log() {
    return plan.log();
  }

  /**
   * Returns its process.
   *
   * @return a number
   */
  public long pid() {
    return pid;
  }

  /**
   * Connects to its control port.
   *
   * @return an authenticated connection, which the caller closes
   * @throws IOException when the node is not there any more
   */
  public TorControl control() throws IOException {
    return TorControl.connect(controlAddress());
  }

  @Override
  public String toString() {
    return nickname() + "[pid " + pid + ", control " + controlAddress() + "]";
  }
}
