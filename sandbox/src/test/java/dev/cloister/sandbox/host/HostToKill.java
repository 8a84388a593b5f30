package dev.cloister.sandbox.host;

import dev.cloister.sandbox.ChildJvm;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** A host in a process of its own, with functions that live as long as it lets them. */
final class HostToKill {
  static final List<String> FUNCTIONS =
      List.of(
          "cell.store.put('secret', b'encrypted')\ncell.send(b'on')\ncell.receive()",
          "cell.send(b'on')\nwhile True: pass",
          "import os, time\nif os.fork() == 0: time.sleep(1000)\ncell.send(b'on')\ncell.receive()");

  private HostToKill() {}

  /** Waits for a line, starts the functions, says so, and lets them run. */
  public static void main(String... args) throws Exception {
    var _ = System.in.read();
    var world =
        PythonWorld.withMounts(
            Path.of(args[0]), Path.of(args[0], "mounts"), RealRuntime.valueOf(args[1]));
    for (var function : FUNCTIONS) {
      var cell = world.running("import cell\n" + function + "\n");
      var _ = world.next(world.attached(cell));
    }
    System.out.println("on");
    while (true) {
      world.host.tick();
      Thread.sleep(5);
    }
  }

  /** Starts one on the classes of this test run; it waits for a line. */
  static Process start(Path directory, RealRuntime kind) throws IOException {
    return ChildJvm.of(HostToKill.class, directory.toString(), kind.name())
        .redirectErrorStream(true)
        .start();
  }
}
