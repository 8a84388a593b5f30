package dev.cloister.tor.onionproxy;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/**
 * What a tor says on its standard output: read without waiting, and forgotten but for how far it
 * has come and what it said last. Safe for use by many threads. Source: Tor's control-spec,
 * "Bootstrap phases", whose words its log has too.
 */
final class TorLog {
  private static final int PIECE_BYTES = 1 << 16;
  private static final int LINE_CHARACTERS_MAX = 1000;
  private static final Pattern BOOTSTRAPPED = Pattern.compile("Bootstrapped ([0-9]{1,3})%");

  private final InputStream output;
  private final StringBuilder line = new StringBuilder();
  private String last = "";
  private int percent;

  TorLog(InputStream output) {
    this.output = output;
  }

  /** Reads what is there. */
  synchronized void read() {
    try {
      var piece = output.readNBytes(Math.min(output.available(), PIECE_BYTES));
      new String(piece, StandardCharsets.ISO_8859_1).chars().forEach(this::take);
    } catch (IOException _) {
      // Closed by its death: there is no more.
    }
  }

  private void take(int character) {
    if (character != '\n') {
      if (line.length() < LINE_CHARACTERS_MAX) {
        line.append((char) character);
      }
      return;
    }
    last = line.toString();
    line.setLength(0);
    var match = BOOTSTRAPPED.matcher(last);
    if (match.find()) {
      percent = Integer.parseInt(match.group(1));
    }
  }

  /** Returns how far it has come: 100 when it can open streams. */
  synchronized int percent() {
    return percent;
  }

  /** Returns its last whole line; empty before the first. */
  synchronized String last() {
    return last;
  }
}
