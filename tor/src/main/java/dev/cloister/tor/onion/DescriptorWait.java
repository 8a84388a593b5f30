package dev.cloister.tor.onion;

import dev.cloister.core.TimeSource;
import dev.cloister.core.internal.Deadline;
import dev.cloister.tor.OnionAddress;
import dev.cloister.tor.control.EventKind;
import dev.cloister.tor.control.TorControl;
import dev.cloister.tor.control.TorEvent;
import java.io.IOException;
import java.time.Duration;
import java.util.List;

/** Waits for a service's descriptor to come to the client's tor, which is made to ask for it. */
final class DescriptorWait {
  private DescriptorWait() {}

  /**
   * Has tor fetch the descriptor, and waits until it came or the time is over.
   *
   * @throws IOException when the control connection ended
   */
  static void await(TorControl control, OnionAddress address, Duration atMost, TimeSource clock)
      throws IOException {
    try (var events = control.events(EventKind.HS_DESC)) {
      control.onions().fetch(address, List.of());
      var deadline = Deadline.in(atMost, clock);
      while (!deadline.hasPassed()) {
        var event = events.next(Duration.ofNanos(deadline.nanosLeft()));
        if (event.isPresent() && isReceived(event.get(), address)) {
          return;
        }
      }
    }
  }

  private static boolean isReceived(TorEvent event, OnionAddress address) {
    return event instanceof TorEvent.OnionDescriptor descriptor
        && descriptor.action() == TorEvent.DescriptorAction.RECEIVED
        && address.id().equals(descriptor.address());
  }
}
