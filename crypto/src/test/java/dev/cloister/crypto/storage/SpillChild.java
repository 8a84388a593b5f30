package dev.cloister.crypto.storage;

import dev.cloister.core.ContextId;
import dev.cloister.core.Mode;
import dev.cloister.core.TimeSource;
import dev.cloister.core.gate.EgressPass;
import dev.cloister.core.gate.Opening;
import dev.cloister.core.key.KeyRing;
import dev.cloister.core.key.SecretMemory;
import dev.cloister.core.ledger.Ledger;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/** Another process with a store: it opens one, spills, says so, and waits for its end. */
final class SpillChild implements AutoCloseable {
  /** What the child's records hold. */
  static final byte[] CANARY =
      "GET /canary-of-the-spill-store HTTP/1.1 ".getBytes(StandardCharsets.US_ASCII);

  /** How many blocks of them it writes. */
  static final int BLOCKS = 12;

  /** What it says last. */
  static final String SPILLED = "spilled";

  private final Process process;
  private final BufferedReader out;

  private SpillChild(Process process) {
    this.process = process;
    this.out =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
  }

  /** Starts a Java of the same version on the same classes, which need not be modules there. */
  static SpillChild start(Path directory, String... flags) throws IOException {
    var classes =
        Stream.of(
                codeOf(SpillStore.class),
                codeOf(KeyRing.class),
                Path.of("target", "test-classes").toAbsolutePath().toString())
            .reduce((a, b) -> a + File.pathSeparator + b)
            .orElseThrow();
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(Arrays.asList(flags));
    command.addAll(List.of("-cp", classes, SpillChild.class.getName(), directory.toString()));
    return new SpillChild(new ProcessBuilder(command).redirectErrorStream(true).start());
  }

  private static String codeOf(Class<?> type) {
    return Path.of(type.getProtectionDomain().getCodeSource().getLocation().getPath()).toString();
  }

  /** Reads what the child says, up to the line that says it has spilled, or its end. */
  List<String> linesUntilSpilled() throws IOException {
    var lines = new ArrayList<String>();
    for (var line = out.readLine(); line != null; line = out.readLine()) {
      lines.add(line);
      if (line.equals(SPILLED)) {
        break;
      }
    }
    return lines;
  }

  /** Ends the child as kill -9 does. */
  @Override
  public void close() {
    process.destroyForcibly().onExit().join();
  }

  /** The child. */
  public static void main(String... arguments) throws IOException {
    var plan =
        SpillStore.in(Path.of(arguments[0]))
            .blockBytes(4096)
            .memoryBytes(0)
            .diskBytes(64 * 4096)
            .passes(1);
    var keys = KeyRing.open(SecretMemory::onHeap);
    var pass = new EgressPass(ContextId.random(new SecureRandom()));
    var ledger = Ledger.of(plan.counters());
    SpillStore store;
    try {
      store = plan.open(new Opening(Mode.LAB, TimeSource.system(), ledger, () -> keys, pass));
    } catch (IOException e) {
      System.out.println(e.getMessage());
      return;
    }
    fill(store);
    System.out.println(SPILLED);
    var _ = System.in.read();
  }

  /** Spills blocks full of canaries. */
  static void fill(SpillStore store) {
    while (store.spilledBytes() < BLOCKS * 4096L) {
      store.append(CANARY, CANARY, 0, CANARY.length);
      store.drain();
    }
  }
}
