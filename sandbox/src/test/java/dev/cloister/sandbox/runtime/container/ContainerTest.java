package dev.cloister.sandbox.runtime.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cloister.core.TimeSource;
import dev.cloister.core.internal.RootUser;
import dev.cloister.core.policy.NetworkPolicy;
import dev.cloister.core.policy.Resource;
import dev.cloister.core.testing.RequiresProgram;
import dev.cloister.sandbox.image.Image;
import dev.cloister.sandbox.runtime.Ending.Cause;
import dev.cloister.sandbox.runtime.RuntimeLabel.Claim;
import dev.cloister.sandbox.runtime.spawned.PythonFunctions;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a function finds inside its container, and what is left when it has ended. */
@RequiresProgram({"bwrap", "python3", "nft"})
final class ContainerTest {
  @TempDir private Path directory;
  private Image image;
  private ContainerRuntime runtime;

  @BeforeEach
  void openTheRuntime() throws IOException {
    image = PythonFunctions.image(directory);
    runtime = ContainerRuntime.open(Thread.ofPlatform().factory(), TimeSource.system());
  }

  @AfterEach
  void closeTheRuntime() throws IOException {
    runtime.close();
  }

  private Container.Outcome run(String code) throws Exception {
    return Container.run(runtime, image, code);
  }

  @Test
  void itsRootIsWhatTheImageReadsAndNothingElse() throws Exception {
    var outcome =
        run(
            """
            import os
            cell.send(' '.join(sorted(os.listdir('/') + os.listdir('/dev') + os.listdir('/etc'))).encode())
            """);
    assertThat(Set.of(outcome.said().split(" ", -1)))
        .isSubsetOf(
            "bin",
            "dev",
            "etc",
            "image",
            "ld.so.cache",
            "lib",
            "lib64",
            "null",
            "tmp",
            "urandom",
            "usr",
            "zero")
        .contains("usr", "image", "tmp", "null");
  }

  @Test
  void nothingButTmpCanBeWritten() throws Exception {
    var outcome =
        run(
            """
            for place in ('/', '/usr/', '/image/', '/dev/', '/etc/', '/usr/bin/', '/tmp/'):
                try:
                    open(place + 'x', 'w')
                except OSError as refused:
                    cell.send(('%s %d' % (place, refused.errno)).encode())
            """);
    assertThat(outcome.sent())
        .containsExactly("/ 30", "/usr/ 30", "/image/ 30", "/dev/ 30", "/etc/ 30", "/usr/bin/ 30");
  }

  @Test
  void whatItWritesToTmpEndsAtItsLimitOfDisk() throws Exception {
    var outcome =
        run(
            """
            total = 0
            with open('/tmp/f', 'wb', buffering=0) as file:
                try:
                    while True:
                        total += file.write(b'x' * 4096)
                except OSError as full:
                    cell.send(b'%d after %d' % (full.errno, total))
                    raise
            """);
    assertThat(outcome.said()).isEqualTo("28 after " + (1 << 20));
    assertThat(outcome.ending().limit()).contains(Resource.DISK_BYTES);
  }

  @Test
  void withoutAPageOfDiskTmpIsReadOnly() throws Exception {
    var limits = Container.limits().with(Resource.DISK_BYTES, 4095);
    var code =
        """
        try:
            open('/tmp/f', 'wb')
        except OSError as refused:
            cell.send(str(refused.errno).encode())
        """;
    try (var container = Container.start(runtime, image, limits, NetworkPolicy.none(), code)) {
      assertThat(container.ended().said()).isEqualTo("30");
    }
  }

  @Test
  void whatItWritesToTmpIsItsMemory() throws Exception {
    var limits =
        Container.limits()
            .with(Resource.MEMORY_BYTES, 64L << 20)
            .with(Resource.DISK_BYTES, 256L << 20);
    var code =
        """
        with open('/tmp/f', 'wb', buffering=0) as file:
            while True:
                file.write(b'x' * 65536)
        """;
    try (var container = Container.start(runtime, image, limits, NetworkPolicy.none(), code)) {
      assertThat(container.ended().ending().limit()).contains(Resource.MEMORY_BYTES);
    }
  }

  @Test
  void itIsTheFirstProcessNobodyAndOnNoHostOfThatName() throws Exception {
    var outcome =
        run(
            """
            import os
            facts = [os.getpid(), os.getppid(), os.getuid(), os.getgid(), os.uname().nodename]
            cell.send(' '.join(map(str, facts)).encode())
            """);
    assertThat(outcome.said()).isEqualTo("1 0 65534 65534 cell");
  }

  @Test
  void itSeesNoProcessAndNoProc() throws Exception {
    var outcome =
        run(
            """
            import os
            cell.send(str(os.path.exists('/proc/self')).encode())
            """);
    assertThat(outcome.said()).isEqualTo("False");
  }

  @Test
  void anImageThatReadsProcGetsOneOfItsOwn() throws Exception {
    var reading = new java.util.ArrayList<>(image.reads());
    reading.add(Path.of("/proc"));
    var wider =
        new Image(
            image.name(),
            image.kind(),
            image.digest(),
            image.directory(),
            image.command(),
            reading,
            image.systemCalls());
    var outcome =
        Container.run(
            runtime,
            wider,
            """
            import os
            status = open('/proc/self/status').read()
            wanted = ('CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb', 'NoNewPrivs', 'Seccomp')
            cell.send('\\n'.join([' '.join(n for n in os.listdir('/proc') if n.isdigit())] + [
                ' '.join(line.split()) for line in status.splitlines()
                if line.split(':')[0] in wanted]).encode())
            """);
    assertThat(outcome.said().lines())
        .containsExactlyInAnyOrder(
            "1",
            "CapInh: 0000000000000000",
            "CapPrm: 0000000000000000",
            "CapEff: 0000000000000000",
            "CapBnd: 0000000000000000",
            "CapAmb: 0000000000000000",
            "NoNewPrivs: 1",
            "Seccomp: 2");
  }

  @Test
  @RequiresProgram(value = "bwrap", root = true)
  void outsideItIsAUserOfItsOwn() throws Exception {
    try (var container = Container.start(runtime, image, "cell.send(b'on'); cell.receive(60)")) {
      assertThat(container.said()).isEqualTo("on");
      var users =
          children().map(ContainerTest::user).filter(user -> user != 0).collect(Collectors.toSet());
      assertThat(users).hasSize(1).allMatch(user -> user >= 1_879_048_192);
    }
  }

  private static java.util.stream.Stream<ProcessHandle> children() {
    return ProcessHandle.current().descendants();
  }

  private static int user(ProcessHandle process) {
    try {
      return (int) Files.getAttribute(Path.of("/proc", Long.toString(process.pid())), "unix:uid");
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @Test
  void aSocketIsRefusedAndNamed() throws Exception {
    try (var server = new ServerSocket(0)) {
      var outcome =
          run(
              """
              import socket
              try:
                  socket.create_connection(('127.0.0.1', %d), 5)
              except OSError as refused:
                  cell.send(str(refused.errno).encode())
              """
                  .formatted(server.getLocalPort()));
      assertThat(outcome.said()).isEqualTo("1");
      assertThat(outcome.usage().deniedCalls()).containsOnlyKeys("socket");
    }
  }

  @ParameterizedTest
  @CsvSource({"unshare,272,0x10000000", "mount,165,0", "ptrace,101,0", "setns,308,3", "bpf,321,0"})
  void aCallThatTheStartNeededIsRefusedAndNamedToTheClient(String name, int number, String first)
      throws Exception {
    var outcome =
        run(
            """
            import ctypes
            if ctypes.CDLL(None, use_errno=True).syscall(%d, %s, 0, 0, 0, 0) == -1:
                raise OSError(ctypes.get_errno(), 'refused')
            """
                .formatted(number, first));
    assertThat(outcome.ending().cause()).isEqualTo(Cause.FAILED);
    assertThat(outcome.ending().detail()).contains("[Errno 1] refused").contains(name);
    assertThat(outcome.usage().deniedCalls()).containsOnlyKeys(name);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 5})
  void bubblewrapsOwnProcessIsNotCountedAsTheFunctions(int processes) throws Exception {
    var limits = Container.limits().with(Resource.PROCESSES, processes);
    var code =
        """
        import os
        import time
        count = 1
        try:
            while os.fork():
                count += 1
            time.sleep(100)
        except OSError:
            cell.send(str(count).encode())
        """;
    try (var container = Container.start(runtime, image, limits, NetworkPolicy.none(), code)) {
      var outcome = container.ended();
      assertThat(outcome.said()).isEqualTo(Integer.toString(processes));
      assertThat(outcome.usage().processesPeak()).isBetween(1L, (long) processes);
    }
  }

  @Test
  void aProcessThatIsKilledFromOutsideIsADeathAndNoMore() throws Exception {
    for (var first : List.of(true, false)) {
      var tree = Set.<ProcessHandle>of();
      try (var container = Container.start(runtime, image, "cell.send(b'on'); cell.receive(60)")) {
        assertThat(container.said()).isEqualTo("on");
        tree = children().collect(Collectors.toSet());
        assertThat(tree).hasSize(2);
        var victim =
            tree.stream().filter(each -> each.children().findAny().isPresent() == first).findAny();
        assertThat(victim.orElseThrow().destroyForcibly()).isTrue();
        assertThat(container.ended().ending().cause()).isEqualTo(Cause.DIED);
      }
      for (var each : tree) {
        // Whoever inherits a dead process reaps it in its own time.
        assertThat(each.onExit()).succeedsWithin(Duration.ofSeconds(30));
      }
    }
  }

  @Test
  void fiftyLivesLeaveNothing() throws Exception {
    run("cell.exit(0)");
    var before = Traces.now();
    for (var life = 0; life < 50; life++) {
      var ending = run(life % 2 == 0 ? "cell.exit(3)" : "raise ValueError('no')").ending();
      assertThat(ending.cause()).isEqualTo(life % 2 == 0 ? Cause.EXITED : Cause.FAILED);
    }
    assertThat(Traces.now()).isEqualTo(before);
  }

  @Test
  void aFunctionThatNeverSaysAWordIsEndedByItsLimit() throws Exception {
    var limits = Container.limits().with(Resource.CPU_SECONDS, "0.3");
    try (var container =
        Container.start(runtime, image, limits, NetworkPolicy.none(), "while True: pass")) {
      var outcome = container.ended();
      assertThat(outcome.ending().limit()).contains(Resource.CPU_SECONDS);
      assertThat(outcome.usage().cpuNanos()).isLessThan(500_000_000);
    }
  }

  @Test
  void aGuestThatDoesNotGetReadyIsAnErrorInItsOwnWords() throws Exception {
    var before = Traces.now();
    var missing =
        new Image(
            image.name(),
            image.kind(),
            image.digest(),
            image.directory(),
            List.of("/usr/bin/no-such-program"),
            image.reads(),
            image.systemCalls());
    assertThatThrownBy(() -> Container.run(runtime, missing, ""))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("no-such-program");
    assertThat(Traces.now()).isEqualTo(before);
  }

  @Test
  void withoutBubblewrapThePackageIsNamed() {
    assertThatThrownBy(() -> Bubblewrap.find("/nowhere:relative:"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("install the package bubblewrap");
  }

  @Test
  void aSettingThatForbidsUserNamespacesIsALack() throws IOException {
    var settings = directory.resolve("sys");
    Files.createDirectories(settings.resolve("kernel"));
    assertThat(UserNamespaces.lacks(settings)).isEmpty();
    Files.writeString(settings.resolve("kernel/unprivileged_userns_clone"), "0\n");
    assertThat(UserNamespaces.lacks(settings))
        .singleElement()
        .asString()
        .contains("unprivileged_userns_clone is 0")
        .contains("set kernel.unprivileged_userns_clone=1");
  }

  @Test
  void itsLabelClaimsWhatHoldsHere() {
    var label = runtime.label();
    assertThat(label.claims())
        .containsEntry(Resource.DISK_BYTES, Claim.ENFORCED)
        .containsEntry(Resource.BYTES_IN, Claim.NOT_CLAIMED);
    assertThat(label.lacks().stream().anyMatch(lack -> lack.startsWith("a user of its own")))
        .isEqualTo(!RootUser.isOurs());
  }
}
