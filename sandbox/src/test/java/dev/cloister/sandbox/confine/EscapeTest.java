package dev.cloister.sandbox.confine;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cloister.core.testing.RequiresProgram;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What a hostile guest tries. Each act first works without confinement, or it would prove nothing.
 */
@RequiresProgram(value = "python3", root = true)
final class EscapeTest {
  @TempDir private Path directory;

  /** Makes a raw call, and says whether it was refused by the filter or what came of it. */
  private static String raw(int number, String arguments) {
    return """
    import ctypes, os
    libc = ctypes.CDLL(None, use_errno=True)
    libc.syscall.restype = ctypes.c_long
    result = libc.syscall(%d, %s)
    print('refused' if result == -1 and ctypes.get_errno() == 1 else 'let through')
    """
        .formatted(number, arguments);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "ptrace              | 101 | 0, 0, 0, 0",
        "io_uring_setup      | 425 | 4, ctypes.create_string_buffer(120)",
        "bpf                 | 321 | 0, 0, 0",
        "perf_event_open     | 298 | 0, 0, -1, -1, 0",
        "unshare             | 272 | 0x20000",
        "keyctl              | 250 | 0, -3, 1",
        "add_key             | 248 | b'user', b'name', b'value', 5, -3",
        "socket              | 41  | 2, 1, 0",
        "socket              | 41  | 2, 2, 0",
        "socket              | 41  | 16, 3, 0",
        "socket              | 41  | 1, 1, 0",
        "execve              | 59  | b'/bin/false-by-name', 0, 0",
        "execveat            | 322 | -100, b'/no', 0, 0, 0",
        "kill                | 62  | os.getppid(), 0",
        "tgkill              | 234 | os.getppid(), os.getppid(), 0",
        "pidfd_open          | 434 | os.getppid(), 0",
        "process_vm_readv    | 310 | os.getpid(), 0, 0, 0, 0, 0",
        "memfd_create        | 319 | b'name', 0",
        "mount               | 165 | 0, b'/no/such', 0, 0x20, 0",
        "setns               | 308 | -1, 0",
        "userfaultfd         | 323 | 1",
        "chroot              | 161 | b'/'",
        "setuid              | 105 | 0",
        "setsid              | 112 | 0",
        "open_by_handle_at   | 304 | -1, 0, 0",
        "seccomp             | 317 | 2, 0, ctypes.create_string_buffer(4)",
        "call 1000           | 1000| 0",
      })
  void aCallOutsideTheListIsRefusedAndNamed(String name, int number, String arguments)
      throws IOException, InterruptedException {
    var code = raw(number, arguments);
    // Not refused by the filter: done, or refused for another cause.
    if (!name.equals("setsid") && !name.equals("setuid")) {
      assertThat(Guest.plain(code).output()).isEqualTo("let through");
    }
    var guest = Guest.confined(code);
    assertThat(guest.output()).as(guest.error()).isEqualTo("refused");
    assertThat(guest.denied()).containsExactly(new DeniedCall(name, 1));
  }

  private static String opening(Path path, String mode) {
    return "try: open('%s', '%s').close(); print('opened')\nexcept OSError as e: print(e.errno)"
        .formatted(path, mode);
  }

  private static final String EACCES = "13";

  @ParameterizedTest
  @ValueSource(strings = {"/etc/shadow", "/etc/passwd", "/proc/version", "/proc/self/mem"})
  void noFileOutsideTheRulesIsRead(Path path) throws IOException, InterruptedException {
    assertThat(Guest.plain(opening(path, "rb")).output()).isEqualTo("opened");
    assertThat(Guest.confined(opening(path, "rb")).output()).isEqualTo(EACCES);
  }

  @Test
  void nothingIsWrittenAnywhere() throws IOException, InterruptedException {
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxrwxrwx"));
    var inside = directory.resolve("f");
    assertThat(Guest.plain(opening(inside, "w")).output()).isEqualTo("opened");
    assertThat(Guest.confined(opening(inside, "w")).output()).isEqualTo(EACCES);
    assertThat(Guest.confined(opening(Path.of("/usr/lib/planted"), "w")).output())
        .isEqualTo(EACCES);
  }

  @Test
  void whereWritingIsGrantedItIsPossibleThereAlone() throws IOException, InterruptedException {
    var store = Files.createDirectory(directory.resolve("store"));
    var rules = Guest.files().with(FileRules.Access.WRITE, store);
    var inside = opening(store.resolve("f"), "w");
    var beside = opening(directory.resolve("f"), "w");
    assertThat(Guest.confined(inside, Guest.filter(), s -> s.files(rules)).output())
        .isEqualTo("opened");
    assertThat(Guest.confined(beside, Guest.filter(), s -> s.files(rules)).output())
        .isEqualTo(EACCES);
  }

  @Test
  void aFileForRootAloneIsReadByNoFunctionUser() throws IOException, InterruptedException {
    var secret = Files.writeString(directory.resolve("secret"), "x", UTF_8);
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
    Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-------"));
    var rules = Guest.files().with(FileRules.Access.READ, directory);
    var code = opening(secret, "rb");
    assertThat(Guest.confined(code, Guest.filter(), s -> s.files(rules)).output())
        .isEqualTo("opened");
    try (var own = FunctionIdentities.standard().lend()) {
      var guest = Guest.confined(code, Guest.filter(), s -> s.files(rules).identity(own));
      assertThat(guest.output()).as(guest.error()).isEqualTo(EACCES);
    }
  }

  /** Allowed by the list of system calls, so that nothing but Landlock can refuse them. */
  private static final SystemCallFilter OPEN =
      SystemCallFilter.allowing(
              Stream.concat(
                      ImageSystemCalls.python3().stream(),
                      Stream.of("bind", "connect", "kill", "socket"))
                  .toList())
          .withInternet();

  private static void isRefusedByLandlockAlone(String code)
      throws IOException, InterruptedException {
    assertThat(Guest.confined(code, OPEN, spawn -> spawn).output()).isEqualTo("done");
    var refused = Guest.confined(code, OPEN, spawn -> spawn.files(Guest.files()));
    assertThat(refused.output()).isIn("1", "13");
    assertThat(refused.denied()).isEmpty();
  }

  @Test
  void landlockByItselfRefusesToConnect() throws IOException, InterruptedException {
    try (var server = new ServerSocket(0)) {
      isRefusedByLandlockAlone(
          """
          import _socket
          s = _socket.socket(2, 1)
          try: s.connect(('127.0.0.1', %d)); print('done')
          except OSError as e: print(e.errno)
          """
              .formatted(server.getLocalPort()));
    }
  }

  @Test
  void landlockByItselfRefusesToBind() throws IOException, InterruptedException {
    isRefusedByLandlockAlone(
        """
        import _socket
        s = _socket.socket(2, 1)
        try: s.bind(('127.0.0.1', 0)); print('done')
        except OSError as e: print(e.errno)
        """);
  }

  @Test
  void whoMayConnectBehindLandlockStillBindsNoPort() throws IOException, InterruptedException {
    try (var server = new ServerSocket(0)) {
      var code =
          """
          import _socket
          s = _socket.socket(2, 1)
          s.connect(('127.0.0.1', %d))
          try: _socket.socket(2, 1).bind(('127.0.0.1', 0)); print('bound')
          except OSError as e: print('connected', e.errno)
          """
              .formatted(server.getLocalPort());
      var guest = Guest.confined(code, OPEN, spawn -> spawn.files(Guest.files()).connecting());
      assertThat(guest.output()).as(guest.error()).isEqualTo("connected 13");
    }
  }

  @Test
  void whereListeningIsGrantedASocketCanBeMadeThereAndNothingElse()
      throws IOException, InterruptedException {
    var open = Files.createDirectory(directory.resolve("open"));
    var rules = Guest.files().with(FileRules.Access.LISTEN, open);
    var code =
        """
        import _socket
        def bound(path):
          try: _socket.socket(1, 1).bind(path); return 'bound'
          except OSError as e: return e.errno
        def made(path):
          try: open(path, 'w'); return 'made'
          except OSError as e: return e.errno
        print(bound('%1$s/open/s'), bound('%1$s/s'), made('%1$s/open/f'))
        """
            .formatted(directory);
    var guest =
        Guest.confined(
            code,
            SystemCallFilter.allowing(OPEN.allowed()).withInternetAndUnix(),
            spawn -> spawn.files(rules));
    assertThat(guest.output()).as(guest.error()).isEqualTo("bound 13 13");
  }

  @Test
  void landlockByItselfRefusesToSignalTheHost() throws IOException, InterruptedException {
    isRefusedByLandlockAlone(
        """
        import os
        try: os.kill(os.getppid(), 0); print('done')
        except OSError as e: print(e.errno)
        """);
  }

  private static final String FORKING =
      """
      import os
      try:
        child = os.fork()
        if child == 0: os._exit(0)
        os.waitpid(child, 0)
        print('forked')
      except OSError as e: print(e.errno)
      """;

  @Test
  void forkIsRefusedUnlessItIsAllowed() throws IOException, InterruptedException {
    assertThat(Guest.plain(FORKING).output()).isEqualTo("forked");
    var guest = Guest.confined(FORKING);
    assertThat(guest.output()).isEqualTo("1");
    assertThat(guest.deniedNames()).isSubsetOf("clone", "fork", "vfork").isNotEmpty();
    var calls = new java.util.ArrayList<>(ImageSystemCalls.python3());
    calls.add("wait4");
    var forking = SystemCallFilter.allowing(calls).withForks();
    assertThat(Guest.confined(FORKING, forking, s -> s.files(Guest.files())).output())
        .isEqualTo("forked");
  }
}
