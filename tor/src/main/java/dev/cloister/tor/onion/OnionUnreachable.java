package dev.cloister.tor.onion;

import dev.cloister.tor.socks.Destination;
import dev.cloister.tor.socks.SocksFailure;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.stream.Collectors;

/**
 * No try to reach an onion service succeeded. The message names every cause and how often it was
 * met; the last one is the cause, the others are suppressed in it, in order.
 */
public final class OnionUnreachable extends IOException {
  private static final long serialVersionUID = 1L;

  OnionUnreachable(Destination to, String why, Duration after, List<IOException> failures) {
    super(
        "%s was not reached within %d ms, and %s; what failed: %s; is the service up, and published?"
            .formatted(to, after.toMillis(), why, counted(failures)),
        failures.isEmpty() ? null : failures.getLast());
    failures.stream().limit(Math.max(0, failures.size() - 1)).forEach(this::addSuppressed);
  }

  private static String counted(List<IOException> failures) {
    return failures.stream()
        .collect(
            Collectors.groupingBy(
                OnionUnreachable::name, LinkedHashMap::new, Collectors.counting()))
        .entrySet()
        .stream()
        .map(cause -> cause.getValue() + " x " + cause.getKey())
        .collect(Collectors.joining(", "));
  }

  private static String name(IOException failure) {
    return failure instanceof SocksFailure refused
        ? refused.code().name()
        : String.valueOf(failure.getMessage());
  }
}
