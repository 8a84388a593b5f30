package dev.cloister.tor.node;

import dev.cloister.core.TimeSource;
import dev.cloister.crypto.identity.TransportIdentity;
import dev.cloister.sandbox.session.CellChannel;
import dev.cloister.tor.control.TorControl;
import java.io.IOException;
import java.time.Duration;
import java.util.function.Consumer;

/** Declares a node. A builder; not safe for use by many threads. */
public final class BentoNodePlan {
  final Consumer<CellChannel> service;
  final TransportIdentity identity;
  NodeLimits limits = NodeLimits.standard();
  TimeSource clock = TimeSource.system();
  int port;
  Door.Opening door = Door::loopback;

  BentoNodePlan(Consumer<CellChannel> service, TransportIdentity identity) {
    this.service = service;
    this.identity = identity;
  }

  /**
   * Has clients come from this host alone, with no tor between: the way of a plan that names none.
   *
   * @return this
   */
  public BentoNodePlan onLoopback() {
    door = Door::loopback;
    return this;
  }

  /**
   * Has clients come as to an onion service: nothing of the relay is changed, where there is one.
   * The service has a new key, and ends with the node or with the control connection.
   *
   * @param control of the tor that serves it; the caller closes it, after the node
   * @param within how long its descriptors' publication may take
   * @return this
   */
  public BentoNodePlan asOnionService(TorControl control, Duration within) {
    door = listening -> Door.onion(control, within, listening);
    return this;
  }

  /**
   * Has clients come by circuits that end at a relay of this host, which is no exit: it lets
   * streams out to the node's port and to nothing else, and {@link BentoNode#settings} says by
   * which options. They are undone when the node is closed; the relay's own descriptor says
   * meanwhile that it lets out one private port, of which the consensus tells nothing.
   *
   * @param control of the relay; the caller closes it, after the node
   * @param within how long tor may take to follow its options
   * @return this
   */
  public BentoNodePlan throughOwnRelay(TorControl control, Duration within) {
    door = listening -> Door.exit(control, within, listening);
    return this;
  }

  /**
   * Sets where on loopback it listens.
   *
   * @param local a port of 127.0.0.1, 0 for one that is free, which it is unless set
   * @return this
   */
  public BentoNodePlan port(int local) {
    port = local;
    return this;
  }

  /**
   * Sets what clients may take before they are served.
   *
   * @param most the limits
   * @return this
   */
  public BentoNodePlan limits(NodeLimits most) {
    limits = most;
    return this;
  }

  /**
   * Sets what times are measured by.
   *
   * @param source the clocks
   * @return this
   */
  public BentoNodePlan clock(TimeSource source) {
    clock = source;
    return this;
  }

  /**
   * Opens the node; nobody is accepted before it is run.
   *
   * @return a node, which the caller closes
   * @throws dev.cloister.tor.control.ControlRefused when tor refuses the service or an option
   * @throws IOException when it cannot listen, tor does not answer or not in time, or the relay is
   *     an exit; all is as before then
   */
  public BentoNode open() throws IOException {
    return BentoNode.open(this);
  }
}
