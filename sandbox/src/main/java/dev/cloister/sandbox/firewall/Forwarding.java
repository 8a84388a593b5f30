package dev.cloister.sandbox.firewall;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Whether this machine passes packets on, which is one setting for all of it. Who turned it on is
 * kept in an empty table of nftables, so that a killed host's change is undone later, and several
 * hosts hand the undoing on: the last one does it.
 */
final class Forwarding {
  private static final String SUFFIX = "_forward";

  /** One setting of the kernel; see the kernel's {@code networking/ip-sysctl}. */
  private enum Setting {
    IPV4("/proc/sys/net/ipv4/ip_forward"),
    IPV6("/proc/sys/net/ipv6/conf/all/forwarding");

    private final Path file;

    Setting(String file) {
      this.file = Path.of(file);
    }

    boolean on() throws IOException {
      return !Files.readString(file, US_ASCII).strip().equals("0");
    }

    void set(boolean on) throws IOException {
      Files.writeString(file, on ? "1" : "0", US_ASCII);
    }

    String chain() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private Forwarding() {}

  /** Turns on what is off; returns a line for each setting that was changed. */
  static List<String> on(String life) throws IOException {
    var changed = new ArrayList<Setting>();
    var changes = new ArrayList<String>();
    var marker = new StringBuilder("table inet " + life + SUFFIX + " {\n");
    for (var setting : Setting.values()) {
      if (!setting.on()) {
        changed.add(setting);
        changes.add(setting.file + " was 0 and was set to 1");
        marker.append("  chain ").append(setting.chain()).append(" { }\n");
      }
    }
    // Before the change, or a host killed in between would leave it for good.
    Program.run(marker.append("}\n").toString(), "nft", "-f", "-");
    for (var setting : changed) {
      setting.set(true);
    }
    return changes;
  }

  /** Tells whether a table is of this kind. */
  static boolean marks(String table) {
    return table.endsWith(SUFFIX);
  }

  /** Names the life that a table of this kind belongs to. */
  static String life(String table) {
    return table.substring(0, table.length() - SUFFIX.length());
  }

  /** Turns off what a host turned on, or leaves that to another host which still needs it. */
  static void off(String life) throws IOException {
    var own = life + SUFFIX;
    var content = Program.run("", "nft", "list", "table", "inet", own);
    var others =
        Tables.ours().stream().filter(Forwarding::marks).filter(name -> !name.equals(own)).toList();
    for (var setting : Setting.values()) {
      if (content.contains("chain " + setting.chain() + " ")) {
        if (others.isEmpty()) {
          setting.set(false);
        } else {
          Program.run("", "nft", "add", "chain", "inet", others.getFirst(), setting.chain());
        }
      }
    }
    Tables.remove(own);
  }
}
