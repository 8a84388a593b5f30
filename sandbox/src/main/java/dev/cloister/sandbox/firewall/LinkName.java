package dev.cloister.sandbox.firewall;

import dev.cloister.sandbox.internal.HostLife;
import java.util.Optional;

/**
 * What one function's namespace, link and table are called: after the host's life, so that the next
 * host tells what a killed one left, and numbered.
 *
 * @param life the host's
 * @param number which of the host's functions
 */
record LinkName(HostLife life, int number) {

  /** Reads the name of a namespace, or of a table; empty when it is none of ours. */
  static Optional<LinkName> parse(String name) {
    var dashed = name.replace('_', '-');
    var end = dashed.lastIndexOf('-');
    if (end < 0 || !dashed.substring(end + 1).matches("[0-9]{1,9}")) {
      return Optional.empty();
    }
    return HostLife.named(dashed.substring(0, end))
        .map(life -> new LinkName(life, Integer.parseInt(dashed.substring(end + 1))));
  }

  /** The name in {@code /run/netns}. */
  String namespace() {
    return life.name() + "-" + number;
  }

  /** The name of the table; nftables takes no dash. */
  String table() {
    return table(life) + "_" + number;
  }

  /** What the tables of a host's life begin with. */
  static String table(HostLife life) {
    return life.name().replace('-', '_');
  }

  /** The host's end of the link: the kernel takes at most 15 characters. */
  String device() {
    return "cl" + life.distinction() + Integer.toString(number, Character.MAX_RADIX);
  }
}
