package dev.cloister.tor.node;

import dev.cloister.core.internal.Deadline;
import dev.cloister.core.internal.Failures;
import dev.cloister.tor.Fingerprint;
import dev.cloister.tor.NodeAddress;
import dev.cloister.tor.NodeAddress.Reach;
import dev.cloister.tor.control.EventKind;
import dev.cloister.tor.control.NewOnion;
import dev.cloister.tor.control.Setting;
import dev.cloister.tor.control.TemporarySettings;
import dev.cloister.tor.control.TorControl;
import dev.cloister.tor.onion.OnionService;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.List;

/** A way by which clients come to a port of this host, while it is open. */
record Door(Reach reach, List<String> settings, Failures.Step end) {
  /** What onion services of nodes are asked for. */
  private static final int ONION_PORT = 443;

  /** Tor follows its options after about a second. */
  private static final Duration FOLLOWING_MOST = Duration.ofSeconds(5);

  private static final Duration SECOND = Duration.ofSeconds(1);

  /** Opens a way to a port that listens already. */
  @FunctionalInterface
  interface Opening {
    Door to(InetSocketAddress listening) throws IOException;
  }

  static Door loopback(InetSocketAddress listening) {
    return new Door(new NodeAddress.Loopback(listening.getPort()), List.of(), () -> {});
  }

  /** Has tor serve an onion service under a new key, which changes nothing of the relay. */
  static Door onion(TorControl control, Duration within, InetSocketAddress listening)
      throws IOException {
    var plan = NewOnion.serving(ONION_PORT, listening).discardKey();
    var service = OnionService.publish(control, plan, within);
    return new Door(
        new NodeAddress.Onion(service.address(), ONION_PORT), List.of(), service::close);
  }

  /** Has a relay that lets nothing out let streams out to one port of its own loopback. */
  static Door exit(TorControl control, Duration within, InetSocketAddress listening)
      throws IOException {
    refuseAnExit(control);
    var relay = new Fingerprint(control.getInfo("fingerprint"));
    var allowed = "accept 127.0.0.1:" + listening.getPort();
    var settings =
        TemporarySettings.apply(
            control,
            new Setting("ExitRelay", "1"),
            new Setting("ExitPolicyRejectPrivate", "0"),
            new Setting("ExitPolicy", allowed),
            new Setting("ExitPolicy", "reject *:*"));
    try {
      if (!isInTime(control, allowed, true, within)) {
        throw new SocketTimeoutException(
            "the relay does not let out \"%s\" within %s: wait longer, and see tor's log"
                .formatted(allowed, within));
      }
    } catch (IOException | RuntimeException e) {
      Failures.undo(e, settings::close);
      throw e;
    }
    return new Door(
        new NodeAddress.Exit(relay, listening.getPort()),
        settings.lines(),
        () -> undo(settings, control, allowed));
  }

  /** An exit's own policy would be put aside, with all that it keeps from the relay's host. */
  private static void refuseAnExit(TorControl control) throws IOException {
    var accepting =
        control.getInfo("exit-policy/full").lines().filter(line -> line.startsWith("accept"));
    if (accepting.findAny().isPresent()) {
      throw new IOException(
          "the relay is an exit already: its policy is left alone; serve the node as an onion"
              + " service");
    }
  }

  /** Looks whenever tor tells of another second; returns whether it came in time. */
  private static boolean isInTime(
      TorControl control, String allowed, boolean isWanted, Duration within) throws IOException {
    var deadline = Deadline.in(within);
    try (var seconds = control.events(EventKind.BW)) {
      while (control.getInfo("exit-policy/full").contains(allowed) != isWanted) {
        if (deadline.hasPassed()) {
          return false;
        }
        seconds.next(SECOND);
      }
      return true;
    }
  }

  /** Undoes the options, and waits a little until tor follows them. */
  private static void undo(TemporarySettings settings, TorControl control, String allowed)
      throws IOException {
    settings.close();
    isInTime(control, allowed, false, FOLLOWING_MOST);
  }
}
