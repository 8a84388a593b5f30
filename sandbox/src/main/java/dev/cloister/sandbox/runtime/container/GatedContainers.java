package dev.cloister.sandbox.runtime.container;

import dev.cloister.core.TimeSource;
import dev.cloister.sandbox.runtime.GuestProcess;
import dev.cloister.sandbox.runtime.Launch;
import dev.cloister.sandbox.runtime.RuntimeLabel;
import java.io.IOException;
import java.util.concurrent.ThreadFactory;

/**
 * Containers as {@link ContainerRuntime} has them, whose functions reach one TCP port of this host
 * each, and nothing else: for runtimes that put a gate there. What the gate lets through, it does
 * not say; the launch's network policy is the gate's to obey. Only root can; nothing of this
 * machine's settings is changed, for nothing is passed on. Safe for use by many threads.
 */
public final class GatedContainers implements AutoCloseable {
  private final ContainerRuntime containers;

  private GatedContainers(ContainerRuntime containers) {
    this.containers = containers;
  }

  /**
   * Opens them; what a killed process left of its control groups and networks is removed.
   *
   * @param threads makes a platform thread for each start, which dies after it
   * @param time for deadlines
   * @param network from where links get addresses; nobody is masqueraded
   * @return containers, which the caller closes after the last function
   * @throws IOException when there is no bubblewrap, ip or nft on the PATH, or this is not root
   */
  public static GatedContainers open(ThreadFactory threads, TimeSource time, OwnNetwork network)
      throws IOException {
    return new GatedContainers(ContainerRuntime.openBehindGates(threads, time, network));
  }

  /**
   * Says what a container is on this host.
   *
   * @return what it withstands, and what is done about each limit
   */
  public RuntimeLabel label() {
    return containers.label();
  }

  /**
   * Starts a guest up to the point where it waits for its function's code.
   *
   * @param launch what to start, and within which limits
   * @param port the gate's, from 1; free at the addresses of the network
   * @param gate opened before the guest starts
   * @return the guest, which the caller closes
   * @throws IOException when it did not start; then nothing is left of it but the gate
   */
  public GuestProcess start(Launch launch, int port, LinkGate gate) throws IOException {
    return containers.start(launch, (_, spawner) -> containers.byGate(port, gate, spawner));
  }

  /**
   * Gives back the control groups and the networks.
   *
   * @throws IOException when a part could not be removed; the rest was
   */
  @Override
  public void close() throws IOException {
    containers.close();
  }
}
