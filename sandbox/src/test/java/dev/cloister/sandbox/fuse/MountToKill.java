package dev.cloister.sandbox.fuse;

import dev.cloister.sandbox.ChildJvm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A mount in a process of its own, which goes on until that is killed. */
final class MountToKill {
  private MountToKill() {}

  /** Mounts the first at the second, writes a file and says so. */
  public static void main(String... args) throws Exception {
    var served = Served.at(Path.of(args[1]), Path.of(args[0]));
    Files.writeString(served.place.resolve("file"), "alive");
    System.out.print("on");
    System.out.flush();
    served.ended();
  }

  /** Starts one on the classes of this test run. */
  static Process start(Path root, Path place) throws IOException {
    return ChildJvm.of(MountToKill.class, root.toString(), place.toString())
        .redirectErrorStream(true)
        .start();
  }
}
