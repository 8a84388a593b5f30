package dev.cloister.sandbox.confine;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cloister.core.testing.RequiresProgram;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Scanner;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Spawns by a Java process of its own: without privilege, and killed with its guest running. */
@RequiresProgram(
    value = {"python3", "setpriv"},
    root = true)
final class OtherHostTest {
  private static final String PROGRAM =
      """
      import dev.cloister.sandbox.confine.*;
      import java.nio.file.Path;
      import java.time.Duration;
      import java.util.List;
      import java.util.Map;
      import java.util.Scanner;

      void main(String[] code) throws Exception {
        var files = FileRules.nothing();
        for (var path : List.of("/usr", "/lib", "/lib64", "/etc/ld.so.cache")) {
          files = files.with(FileRules.Access.EXECUTE, Path.of(path));
        }
        var command = List.of("/usr/bin/python3", "-I", "-c", code[0]);
        var filter = SystemCallFilter.allowing(List.of(code[1].split(",")));
        var spawn = ConfinedSpawn.of(command, filter).files(files).environment(Map.of("HOME", "/"));
        try (var child = spawn.start(Thread.ofPlatform().factory())) {
          // Only now is the child this process's, and no more that of the thread that is gone.
          child.process().getOutputStream().write('\\n');
          child.awaitOutput(Duration.ofSeconds(30));
          child.calls().seal();
          var line = new Scanner(child.process().getInputStream()).nextLine();
          IO.println(child.process().pid() + " " + line);
          while (child.process().isAlive()) {
            child.calls().drain();
            Thread.sleep(1);
          }
          IO.println(new String(child.process().getErrorStream().readAllBytes()));
          IO.println(child.calls().denied());
          IO.println(child.process().exitValue());
        }
      }
      """;

  @TempDir private Path directory;

  private String classes = "";

  @BeforeEach
  void copyWhatAnyUserMayRead() throws IOException {
    classes = String.join(File.pathSeparator, OtherUser.classPath(directory));
    Files.writeString(directory.resolve("Program.java"), PROGRAM);
  }

  private Process start(List<String> before, String code) throws IOException {
    var command = new ArrayList<>(before);
    command.addAll(
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xshare:auto",
            "--enable-native-access=ALL-UNNAMED",
            "--class-path",
            classes,
            directory.resolve("Program.java").toString(),
            code,
            String.join(",", ImageSystemCalls.python3())));
    return new ProcessBuilder(command).redirectErrorStream(true).start();
  }

  @Test
  void withoutPrivilegeFilesAndCallsAreRefusedAllTheSame()
      throws IOException, InterruptedException {
    var code =
        """
        import sys, os
        sys.stdin.readline()
        try: open('/etc/passwd').read(); read = 'read'
        except OSError as e: read = e.errno
        print(read, flush=True)
        import time; time.sleep(0.1)
        try: os.kill(os.getppid(), 9)
        except OSError as e: sys.exit(e.errno)
        """;
    var host = start(OtherUser.NOBODY, code);
    var said = new String(host.getInputStream().readAllBytes(), UTF_8);
    assertThat(host.waitFor()).as(said).isZero();
    assertThat(said).contains(" 13\n", "[DeniedCall[name=kill, count=1]]\n1\n");
  }

  /** By their names in /proc, which one of the host's own user could open else. */
  @Test
  void withoutPrivilegeAGuestCannotOpenItsPipesAgain() throws Exception {
    var code =
        """
        import os, sys
        sys.stdin.readline()
        refused = []
        for end, mode in (0, os.O_WRONLY), (1, os.O_RDONLY):
            try: os.open("/proc/self/fd/%d" % end, mode | os.O_NONBLOCK)
            except OSError as e: refused.append(e.errno)
        print(refused, flush=True)
        """;
    var host = start(OtherUser.NOBODY, code);
    var said = new String(host.getInputStream().readAllBytes(), UTF_8);
    assertThat(host.waitFor()).as(said).isZero();
    assertThat(said).contains(" [13, 13]\n");
  }

  /** A guest that read no end of its input, held by its loader's one call before foreign code. */
  @Test
  void aGuestThatAskedForItDiesWithItsHost() throws Exception {
    var code =
        """
        import sys, ctypes
        sys.stdin.readline()
        libc = ctypes.CDLL(None, use_errno=True)
        libc.prctl(1, 9)
        print(libc.prctl(1, 9), flush=True)
        libc.prctl(1, 0)
        while True: pass
        """;
    var host = start(List.of(), code);
    try {
      var line = new Scanner(host.getInputStream(), UTF_8).nextLine();
      assertThat(line).endsWith(" 0");
      var guest = ProcessHandle.of(Long.parseLong(line.split(" ", -1)[0])).orElseThrow();
      assertThat(guest.isAlive()).isTrue();
      host.destroyForcibly().waitFor();
      guest.onExit().get(30, TimeUnit.SECONDS);
      assertThat(guest.isAlive()).isFalse();
    } finally {
      host.destroyForcibly();
    }
  }
}
