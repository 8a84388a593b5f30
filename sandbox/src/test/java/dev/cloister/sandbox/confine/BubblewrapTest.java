package dev.cloister.sandbox.confine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cloister.core.testing.RequiresProgram;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The same filter around namespaces: bubblewrap makes them, and its guest cannot any more. */
@RequiresProgram(value = "bwrap", root = true)
final class BubblewrapTest {

  private static ConfinedChild start(String code) throws IOException {
    return spawn(code).start(Guest.THREADS);
  }

  private static ConfinedSpawn spawn(String code) {
    var whenTold = "import sys\nprint('ready', flush=True)\nsys.stdin.readline()\n" + code;
    var command =
        List.of(
            "/usr/bin/bwrap",
            "--unshare-all",
            "--die-with-parent",
            "--ro-bind",
            "/usr",
            "/usr",
            "--symlink",
            "usr/lib",
            "/lib",
            "--symlink",
            "usr/lib64",
            "/lib64",
            "--proc",
            "/proc",
            "--dev",
            "/dev",
            "--size",
            "1048576",
            "--tmpfs",
            "/tmp",
            "/usr/bin/python3",
            "-I",
            "-c",
            whenTold);
    return ConfinedSpawn.of(command, Guest.filter())
        .environment(Guest.ENVIRONMENT)
        .launch(Launch.BUBBLEWRAP);
  }

  @Test
  void theGuestStartsInItsNamespacesAndEndsWithItsValue() throws Exception {
    try (var child = start("import os; open('/tmp/f', 'w'); print(os.getpid(), os.listdir('/'))")) {
      var guest = Guest.sealedAndRun(child);
      assertThat(guest.output()).as(guest.error()).startsWith("2 [").doesNotContain("'etc'");
      assertThat(guest.denied()).isEmpty();
      assertThat(guest.exit()).isZero();
    }
  }

  @Test
  void whatTheStartNeededIsRefusedAndNamedAfterTheSeal() throws Exception {
    var code =
        """
        import ctypes
        libc = ctypes.CDLL(None, use_errno=True)
        for call in ((272, 0x20000), (165, 0, b'/tmp', 0, 0x20, 0), (41, 2, 1, 0)):
          print(libc.syscall(*call), ctypes.get_errno())
        """;
    try (var child = start(code)) {
      var guest = Guest.sealedAndRun(child);
      assertThat(guest.output()).as(guest.error()).isEqualTo("-1 1\n-1 1\n-1 1");
      assertThat(guest.deniedNames()).containsExactly("unshare", "mount", "socket");
    }
  }

  /** Limits are put on bubblewrap, which may make the guest's first process at once. */
  @Test
  void theLimitsAreThoseOfTheProcessInside() throws Exception {
    var code = "import resource; print(resource.getrlimit(resource.RLIMIT_NOFILE))";
    var limits = ChildLimits.none().with(ChildLimits.Resource.OPEN_FILES, 77);
    try (var child = spawn(code).limits(limits).start(Guest.THREADS)) {
      var guest = Guest.sealedAndRun(child);
      assertThat(guest.output()).as(guest.error()).isEqualTo("(77, 77)");
    }
  }

  @Test
  void killingItTakesTheWholeTree() throws Exception {
    var child = start("import time; time.sleep(1000)");
    assertThat(child.awaitOutput(java.time.Duration.ofSeconds(30))).isTrue();
    var tree = child.process().descendants().toList();
    assertThat(tree).isNotEmpty();
    child.close();
    for (var each : tree) {
      each.onExit().get(30, java.util.concurrent.TimeUnit.SECONDS);
    }
    assertThat(tree).noneMatch(ProcessHandle::isAlive);
  }
}
