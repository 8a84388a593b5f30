package dev.cloister.sandbox.cgroup;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * The kernel's mark of a group that lets whatever is beside it go first: it is preempted at once,
 * and gets next to nothing while others want the processor. In both versions since Linux 5.15; see
 * {@code cpu.idle} in the kernel's {@code admin-guide/cgroup-v2}.
 */
final class IdleMark {
  private static final String FILE = "cpu.idle";

  private IdleMark() {}

  /** Asks of a group without the mark whether it takes one; if not, that is a line of lacks. */
  static void probe(Kernel kernel, Path group, List<String> lacks) {
    try {
      kernel.write(group.resolve(FILE), "0");
    } catch (IOException e) {
      lacks.add(
          FILE
              + ": "
              + Refusal.reason(e)
              + "; a function that keeps a processor busy does not yield to others");
    }
  }

  /** Sets it or takes it off; does nothing where there is none. */
  static void set(Kernel kernel, Path group, boolean on) throws IOException {
    var file = group.resolve(FILE);
    if (kernel.has(file)) {
      Refusal.write(kernel, file, on ? "1" : "0");
    }
  }
}
