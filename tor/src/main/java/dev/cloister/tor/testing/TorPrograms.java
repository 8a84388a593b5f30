package dev.cloister.tor.testing;

import dev.cloister.tor.internal.TorProgram;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Where the two programs of Debian's package {@code tor} are. Whether they work is not tried. */
record TorPrograms(Path tor, Path gencert) {
  private static final String TOR = "tor";
  private static final String GENCERT = "tor-gencert";

  /** Elsewhere loopback has one address only, and ports are looked up in other ways. */
  private static final Path LINUX = Path.of("/proc/self");

  static TorPrograms find() throws IOException {
    var missing = missing();
    if (!missing.isEmpty()) {
      throw new IOException("a private Tor network needs " + String.join(", ", missing));
    }
    return new TorPrograms(
        TorProgram.find(TOR).orElseThrow(), TorProgram.find(GENCERT).orElseThrow());
  }

  /** Names what is not there, and what to do. */
  static List<String> missing() {
    var missing = new ArrayList<String>();
    if (Files.notExists(LINUX)) {
      missing.add("Linux");
    }
    for (var name : List.of(TOR, GENCERT)) {
      if (TorProgram.find(name).isEmpty()) {
        missing.add("program \"" + name + "\" on the PATH (Debian: apt install tor)");
      }
    }
    return missing;
  }
}
