package dev.cloister.examples;

import dev.cloister.core.process.TracingSeal;
import dev.cloister.tracing.sink.Push;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What a sealed process needs to reach whom it pushes to. */
final class PushTarget {
  /** Where the name of a host is looked up, which is done once, before the end of the seal. */
  private static final List<Path> NAMES =
      List.of(Path.of("/etc/hosts"), Path.of("/etc/resolv.conf"), Path.of("/etc/host.conf"));

  private PushTarget() {}

  /** Lets it through. */
  static TracingSeal reachedBy(TracingSeal seal, Push push) {
    if (push.port().isEmpty()) {
      return seal.connectingToUnixSockets();
    }
    var more = seal.connectingTo(push.port().getAsInt());
    for (var file : NAMES) {
      if (Files.exists(file)) {
        more = more.reading(file);
      }
    }
    return more;
  }
}
