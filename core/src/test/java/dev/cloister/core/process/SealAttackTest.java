package dev.cloister.core.process;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cloister.core.testing.RequiresProgram;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The table of attacks on a sealed process, each by a process of its own: as another user, as the
 * same, as root. What root does to it is written down as it is: no process is closed to root.
 */
@RequiresProgram(
    value = {"gdb", "gcore", "ip", "setpriv", "prlimit", "python3", "unshare"},
    root = true)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class SealAttackTest {
  private static final int OTHER = 65533;

  /** How long is waited for a tool that gets an answer, and for one that gets none. */
  private static final int LONG_SECONDS = 60;

  private static final int SHORT_SECONDS = 3;

  @TempDir private static Path directory;

  private Path jar = Path.of("");
  private Path script = Path.of("");
  private Held sealed;

  /** A process that stands still, and where in it there is something to find. */
  private record Held(Process process, BufferedReader out, List<String> addresses) {

    static Held start(List<String> command, Path directory) throws IOException {
      var process =
          new ProcessBuilder(command)
              .directory(directory.toFile())
              .redirectErrorStream(true)
              .start();
      var out = process.inputReader(UTF_8);
      return new Held(process, out, List.of(awaited(out, "addresses ").split(" ", -1)));
    }

    static String awaited(BufferedReader out, String beginning) throws IOException {
      for (var line = out.readLine(); line != null; line = out.readLine()) {
        if (line.startsWith(beginning)) {
          return line.substring(beginning.length());
        }
      }
      throw new AssertionError("it ended without saying " + beginning);
    }

    Held seal() throws IOException {
      process.outputWriter(UTF_8).append("seal\n").flush();
      awaited(out, "holding");
      return this;
    }

    /** What it says until it ends. */
    List<String> lastWords() {
      return out.lines().toList();
    }

    void end() throws IOException, InterruptedException {
      process.destroyForcibly().waitFor();
      SealedProcess.removeListener(process.pid());
    }
  }

  @BeforeAll
  void start() throws IOException, URISyntaxException {
    jar = SealedProcess.jar(directory);
    script = directory.resolve("attack.py");
    try (var in = Objects.requireNonNull(getClass().getResourceAsStream("attack.py"))) {
      Files.copy(in, script);
    }
    sealed = held("sealed", SealedProcess.FLAGS, "confined-hold").seal();
  }

  private Held held(String name, List<String> flags, String what) throws IOException {
    var own = Files.createDirectory(directory.resolve(name));
    // Whatever limit this test runs under: the process itself must see to it.
    var command = new ArrayList<>(List.of("prlimit", "--core=unlimited"));
    command.addAll(SealedProcess.command(jar, flags, what, own.toString()));
    return Held.start(command, own);
  }

  @AfterAll
  void end() throws IOException, InterruptedException {
    sealed.end();
  }

  private String attack(Held victim, String act, int user)
      throws IOException, InterruptedException {
    var command =
        new ArrayList<>(
            List.of(
                "setpriv",
                "--reuid=" + user,
                "--regid=" + user,
                "--clear-groups",
                "/usr/bin/python3"));
    command.addAll(List.of(script.toString(), act));
    command.addAll(victim.addresses());
    var builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("ATTACK_DIRECTORY", directory.toString());
    var process = builder.start();
    process.getOutputStream().close();
    var said = new String(process.getInputStream().readAllBytes(), UTF_8).strip();
    process.waitFor();
    return said;
  }

  @ParameterizedTest
  @CsvSource({
    // What a process tries, and what comes of it: as another user, as the same, as root.
    "memory,           refused EACCES, refused EACCES, succeeds",
    "secret,           refused EACCES, refused EACCES, refused EIO",
    "copy,             refused EPERM,  refused EPERM,  succeeds",
    "copy-secret,      refused EPERM,  refused EPERM,  refused EFAULT",
    "environment,      refused EACCES, refused EACCES, succeeds",
    "map,              refused EACCES, refused EACCES, succeeds",
    "descriptors,      refused EACCES, refused EACCES, succeeds",
    "steal-descriptor, refused EPERM,  refused EPERM,  succeeds",
    "ptrace,           refused EPERM,  refused EPERM,  succeeds",
    "gdb,              refused,        refused,        succeeds",
    "gdb-secret,       refused,        refused,        refused",
    "gcore,            refused,        refused,        succeeds",
    "overwrite,        refused EACCES, refused EACCES, succeeds",
    "inject,           refused,        refused,        succeeds",
    "stop,             refused EPERM,  succeeds,       succeeds",
  })
  void anAttackHasTheVerdictThatIsWrittenHere(String act, String other, String same, String root)
      throws Exception {
    assertThat(attack(sealed, act, OTHER)).as("another user").isEqualTo(other);
    assertThat(attack(sealed, act, TracingSeal.DEFAULT_USER)).as("same user").isEqualTo(same);
    assertThat(attack(sealed, act, 0)).as("root").isEqualTo(root);
    assertThat(sealed.process().isAlive()).isTrue();
  }

  @Test
  void anAttackThatIsRefusedSucceedsOnAProcessThatIsNotSealed() throws Exception {
    var own = Files.createDirectory(directory.resolve("users"));
    var user = TracingSeal.DEFAULT_USER;
    Files.setAttribute(own, "unix:uid", user);
    var command =
        new ArrayList<>(List.of("setpriv", "--reuid=" + user, "--regid=" + user, "--clear-groups"));
    command.addAll(SealedProcess.command(jar, SealedProcess.FLAGS, "hold", own.toString()));
    var victim = Held.start(command, own);
    try {
      for (var act :
          List.of(
              "memory",
              "copy",
              "environment",
              "map",
              "descriptors",
              "ptrace",
              "gdb",
              "overwrite",
              "inject")) {
        assertThat(attack(victim, act, user)).as(act).isEqualTo("succeeds");
      }
    } finally {
      victim.end();
    }
  }

  @Test
  void whatFoundItsWayInGetsNothingOutAndNobodyIn() throws Exception {
    var own = Files.createDirectory(directory.resolve("inside"));
    var acts =
        SealedProcess.run(
                SealedProcess.command(jar, SealedProcess.FLAGS, "confined-inside", own.toString()))
            .done()
            .after("inside");
    assertThat(acts).hasSize(20);
    assertThat(acts.subList(0, 12)).allMatch(line -> line.endsWith(" EPERM"));
    assertThat(acts.subList(12, 20)).allMatch(line -> line.endsWith(" refused"));
  }

  /** What comes of sending on the capture socket, and how many frames then went out. */
  @Test
  void theCaptureSocketSendsForNobodyWhoGotIn() throws Exception {
    assertThat(sending("seal"))
        .containsExactly(
            "write 0",
            "sendto EPERM",
            "sendmsg EPERM",
            "sendfile 0",
            "ring-taken-away EPERM",
            "ring-of-2-mib EINVAL",
            "ring-of-a-page EINVAL",
            "ring-of-its-own 0",
            "ring EPERM",
            "the link is UP",
            "0 frames");
    // Without the seal it is the mapping alone that sends.
    assertThat(sending("open")).contains("write 0", "ring-taken-away EBUSY", "ring 60", "1 frames");
  }

  /** In a network of its own, in which nobody else sends. */
  private List<String> sending(String word) throws Exception {
    var own = Files.createDirectory(directory.resolve("sending-" + word));
    var command =
        new ArrayList<>(
            List.of("unshare", "--net", "sh", "-c", "ip link set lo up && exec \"$@\"", "sh"));
    command.addAll(
        SealedProcess.command(jar, SealedProcess.FLAGS, "confined-send", own.toString()));
    var victim = Held.start(command, own);
    try {
      victim.process().outputWriter(UTF_8).append(word + "\n").flush();
      var said = new ArrayList<String>();
      for (var line = victim.out().readLine();
          line != null && !line.equals("holding");
          line = victim.out().readLine()) {
        if (line.startsWith("sends ")) {
          said.add(line.substring("sends ".length()));
        }
      }
      said.add(sentOnLoopback(victim.addresses().getFirst()) + " frames");
      return said;
    } finally {
      victim.end();
    }
  }

  /** The tenth figure of the interface's line in proc_net(5). */
  private static String sentOnLoopback(String pid) throws IOException {
    var line =
        Files.readAllLines(Path.of("/proc", pid, "net", "dev")).stream()
            .filter(each -> each.strip().startsWith("lo:"))
            .findFirst()
            .orElseThrow();
    return line.substring(line.indexOf(':') + 1).strip().split("\\s+", -1)[9];
  }

  @ParameterizedTest
  @CsvSource({
    "QUIT, same", "QUIT, root",
    "ABRT, same", "ABRT, root",
    "SEGV, same", "SEGV, root",
    "KILL, same", "KILL, root",
  })
  void whoMayEndItGetsNoDumpCoreOrReport(String signal, String who) throws Exception {
    var name = "ended-by-" + signal + "-of-" + who;
    var victim = held(name, SealedProcess.FLAGS, "confined-hold").seal();
    var user = who.equals("root") ? 0 : TracingSeal.DEFAULT_USER;
    assertThat(signal(victim, signal, user)).isZero();
    assertThat(victim.lastWords()).noneMatch(line -> line.contains("Full thread dump"));
    assertThat(victim.process().waitFor()).isGreaterThan(128);
    try (var left = Files.list(directory.resolve(name))) {
      assertThat(left).isEmpty();
    }
    var report = "hs_err_pid" + victim.addresses().getFirst() + ".log";
    assertThat(Path.of(System.getProperty("java.io.tmpdir"), report)).doesNotExist();
  }

  @ParameterizedTest
  @ValueSource(strings = {"QUIT", "ABRT", "SEGV", "KILL", "STOP"})
  void anotherUserReachesItWithNoSignal(String signal) throws Exception {
    assertThat(signal(sealed, signal, OTHER)).isOne();
    assertThat(sealed.process().isAlive()).isTrue();
  }

  private static int signal(Held victim, String signal, int user)
      throws IOException, InterruptedException {
    var command =
        List.of(
            "setpriv",
            "--reuid=" + user,
            "--clear-groups",
            "kill",
            "-" + signal,
            victim.addresses().getFirst());
    return new ProcessBuilder(command).start().waitFor();
  }

  @Test
  void aToolAttachesToAProcessThatIsOpenAndToNoneThatIsSealed() throws Exception {
    var careless = held("careless", List.of(), "hold");
    try {
      var pid = careless.addresses().getFirst();
      assertThat(jcmd(pid, 0, LONG_SECONDS)).anyMatch(line -> line.contains("JDK "));
      careless.seal();
      // The listener is there; no data comes from it.
      assertThat(jcmd(pid, 0)).noneMatch(line -> line.contains("JDK "));
      assertThat(jcmd(pid, TracingSeal.DEFAULT_USER)).noneMatch(line -> line.contains("JDK "));
    } finally {
      careless.end();
    }
    for (var user : List.of(0, TracingSeal.DEFAULT_USER, OTHER)) {
      assertThat(jcmd(sealed.addresses().getFirst(), user))
          .noneMatch(line -> line.contains("JDK "));
    }
    assertThat(sealed.process().isAlive()).isTrue();
  }

  private static List<String> jcmd(String pid, int user) throws IOException {
    return jcmd(pid, user, SHORT_SECONDS);
  }

  /** What jcmd says within some seconds. */
  private static List<String> jcmd(String pid, int user, int seconds) throws IOException {
    var command =
        Stream.of(
                "setpriv",
                "--reuid=" + user,
                "--regid=" + user,
                "--clear-groups",
                "timeout",
                "-s",
                "KILL",
                Integer.toString(seconds),
                Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                pid,
                "VM.version")
            .toList();
    var process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().close();
    return process.inputReader(UTF_8).lines().toList();
  }
}
