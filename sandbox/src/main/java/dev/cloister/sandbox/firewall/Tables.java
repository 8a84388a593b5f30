package dev.cloister.sandbox.firewall;

import java.io.IOException;
import java.util.List;

/** The tables of nftables that this library made. */
final class Tables {
  private static final String LINE = "table inet ";

  private Tables() {}

  static List<String> ours() throws IOException {
    return Program.run("", "nft", "list", "tables", "inet")
        .lines()
        .filter(line -> line.startsWith(LINE + "cloister_"))
        .map(line -> line.substring(LINE.length()))
        .toList();
  }

  static void remove(String name) throws IOException {
    Program.run("", "nft", "delete", "table", "inet", name);
  }
}
