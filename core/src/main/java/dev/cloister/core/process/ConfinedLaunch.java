package dev.cloister.core.process;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.cloister.core.Description;
import dev.cloister.core.internal.os.Hardening;
import dev.cloister.core.internal.os.Landlock;
import dev.cloister.core.internal.os.OperatingSystem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Starts this process anew under Landlock, which the kernel puts on one thread: the thread that
 * becomes the program passes it to every thread of it. Source: landlock(7), execve(2).
 */
final class ConfinedLaunch {
  /** Tells the relaunched process what was put on it; what holds, it tries. */
  private static final String MARK = "CLOISTER_CONFINED";

  private static final String REFUSED = "EACCES";

  private final OperatingSystem system;
  private final Reach reach;

  ConfinedLaunch(OperatingSystem system, Reach reach) {
    this.system = system;
    this.reach = reach;
  }

  /** Returns in the confined process; or in this one, where the kernel has no Landlock. */
  void run() throws IOException {
    @Nullable String mark = System.getenv(MARK);
    if (mark != null) {
      check(mark);
      return;
    }
    if (Thread.currentThread().isVirtual()) {
      throw new IllegalStateException(
          "relaunched from a virtual thread, which is not the kernel's: call it in main");
    }
    var landlock = new Landlock(system.confining().landlockVersion());
    if (landlock.version() > 0) {
      relaunch(landlock);
    }
  }

  private void check(String mark) {
    if (!mark.endsWith(digest()) || !rootIsRefused(system.hardening()).equals(REFUSED)) {
      throw new IllegalStateException(
          MARK
              + "="
              + mark
              + " is in the environment of a process that is not confined so: declare the same"
              + " before and after, and start java without it");
    }
  }

  private String digest() {
    var declared = new Description();
    reach.describe(declared);
    return declared.digest();
  }

  private void relaunch(Landlock landlock) throws IOException {
    var program = Path.of("/proc/self/exe").toRealPath().toString();
    var arguments = strings("/proc/self/cmdline");
    var environment = new ArrayList<>(strings("/proc/self/environ"));
    environment.add(MARK + "=" + landlock.version() + "-" + digest());
    var confining = system.confining();
    var ruleset = landlock.ruleset(confining, reach.files(), reach.ports());
    // Loaded before: from here on files are refused.
    var hardening = system.hardening();
    confining.refuseNewPrivileges();
    confining.restrict(ruleset);
    hardening.become(program, arguments, environment);
  }

  /** What the kernel keeps of the start, byte for byte. */
  private static List<String> strings(String file) throws IOException {
    var text = new String(Files.readAllBytes(Path.of(file)), ISO_8859_1);
    return text.isEmpty()
        ? List.of()
        : Arrays.asList(text.substring(0, text.length() - 1).split("\0", -1));
  }

  /** Tries to list the root of all files, which anybody may who is not confined. */
  static String rootIsRefused(Hardening hardening) {
    return hardening.attemptToRead(Path.of("/"));
  }

  /** Returns the version of Landlock that was put on this process; 0 when none was. */
  static int version(Hardening hardening) {
    @Nullable String mark = System.getenv(MARK);
    return mark == null || !rootIsRefused(hardening).equals(REFUSED)
        ? 0
        : Integer.parseInt(mark.substring(0, mark.indexOf('-')));
  }
}
