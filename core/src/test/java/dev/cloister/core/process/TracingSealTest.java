package dev.cloister.core.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.cloister.core.Description;
import dev.cloister.core.internal.os.FakeLibc;
import dev.cloister.core.posture.Guarantee;
import dev.cloister.core.posture.Posture.Finding;
import dev.cloister.core.posture.Posture.State;
import dev.cloister.core.testing.RequiresProgram;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URISyntaxException;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@RequiresProgram(
    value = {"setpriv"},
    root = true)
final class TracingSealTest {
  private static final List<String> LABELS =
      SealProof.GUARANTEES.stream().map(Guarantee::label).toList();

  @TempDir private Path directory;

  private Path jar = Path.of("");
  private Path output = Path.of("");

  @BeforeEach
  void packClasses() throws IOException, URISyntaxException {
    jar = SealedProcess.jar(directory);
    output = Files.createDirectory(directory.resolve("output"));
  }

  private SealedProcess run(List<String> flags, String what, String... more)
      throws IOException, InterruptedException {
    var arguments = new ArrayList<>(List.of(what, output.toString()));
    arguments.addAll(List.of(more));
    return SealedProcess.run(SealedProcess.command(jar, flags, arguments.toArray(String[]::new)));
  }

  /** What was found, but of the list, which fits one build of Java alone. */
  private static List<String> states(SealedProcess process, String when) {
    var fits = CallList.forThisJava(Set.of()).map(CallList::fits).orElse(false);
    return process.after(when).stream()
        .filter(line -> fits || !line.startsWith(Guarantee.CALLS_CONFINED.label()))
        .map(line -> line.split(" ", -1)[1])
        .toList();
  }

  @ParameterizedTest
  @ValueSource(strings = {"-XX:+UseG1GC", "-XX:+UseSerialGC", "-XX:+UseParallelGC", "-XX:+UseZGC"})
  void aSealedProcessGivesAwayNothingAndLivesOn(String collector) throws Exception {
    var flags = new ArrayList<>(SealedProcess.FLAGS);
    flags.add(collector);
    var process = run(flags, "confined-live").done();
    for (var when : List.of("probe", "sealed", "again")) {
      assertThat(process.after(when).stream().map(line -> line.split(" ", -1)[0]))
          .as(when)
          .containsExactlyElementsOf(LABELS);
      assertThat(states(process, when))
          .as(String.join("\n", process.said()))
          .containsOnly("ENFORCED");
    }
    assertThat(process.after("sealed"))
        .anyMatch(line -> line.contains("execve: EPERM"))
        .anyMatch(line -> line.contains("open /proc/self/mem: EACCES"))
        .anyMatch(line -> line.contains("open /etc/shadow: EACCES"))
        .anyMatch(line -> line.contains("bind: EPERM, listen: EPERM"))
        .anyMatch(line -> line.contains("socket(AF_PACKET): EPERM"))
        .anyMatch(line -> line.contains("open /: EACCES; Landlock "));
    assertThat(Files.getAttribute(output, "unix:uid")).isEqualTo(TracingSeal.DEFAULT_USER);
  }

  @Test
  void everyOtherSystemCallOfTheKernelFails() throws Exception {
    var process = run(SealedProcess.FLAGS, "call").done();
    var calls = process.after("call");
    assertThat(calls).hasSizeGreaterThan(500);
    assertThat(calls)
        .filteredOn(line -> !line.startsWith("clone3 "))
        .allMatch(line -> line.endsWith(" EPERM EPERM EPERM"));
    assertThat(calls)
        .filteredOn(line -> line.startsWith("clone3 "))
        .containsExactly("clone3 ENOSYS EPERM ENOSYS");
    assertThat(calls)
        .anyMatch(line -> line.startsWith("execve "))
        .anyMatch(line -> line.startsWith("prctl "))
        .anyMatch(line -> line.startsWith("clone "))
        .anyMatch(line -> line.startsWith("call 599 "));
  }

  @Test
  void aProcessThatIsNotRootsStaysWhoItIsAndIsSealedAsWell() throws Exception {
    var own = Files.createDirectory(directory.resolve("own"));
    Files.setAttribute(own, "unix:uid", 65534);
    var command =
        new ArrayList<>(List.of("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"));
    command.addAll(
        SealedProcess.command(jar, SealedProcess.FLAGS, "confined-live", own.toString()));
    var process = SealedProcess.run(command).done();
    assertThat(states(process, "sealed")).containsOnly("ENFORCED");
    assertThat(Files.getAttribute(own, "unix:uid")).isEqualTo(65534);
  }

  @Test
  void aDoorThatTheRuntimeLeavesOpenIsNamedByTheFlagThatShutsIt() throws Exception {
    for (var missing : SealedProcess.FLAGS) {
      var others = SealedProcess.FLAGS.stream().filter(flag -> !flag.equals(missing)).toList();
      assertThat(run(others, "open").done().after("sealed"))
          .anyMatch(line ->
              line.startsWith("no-attach WEAKENED") && line.contains(missing + " is missing"));
    }
  }

  @Test
  void onlySocketsThatWereAskedForAreMade() throws Exception {
    var loopback = InetAddress.getByAddress(new byte[] {127, 0, 0, 1});
    try (var server = ServerSocketChannel.open().bind(new InetSocketAddress(loopback, 0))) {
      var process = run(SealedProcess.FLAGS, "connect", port(server)).done();
      assertThat(process.said())
          .contains("tcp true")
          .contains("udp Operation not permitted")
          .contains("unix Operation not permitted")
          .contains("listen Operation not permitted");
    }
  }

  @Test
  void whatIsRelaunchedIsTheSameProcessWithTheSameArgumentsAndNeverTwice() throws Exception {
    var process = run(SealedProcess.FLAGS, "confined-open", "two words", "");
    assertThat(process.after("life")).hasSize(2).allMatch(line -> line.endsWith("two words "));
    assertThat(process.after("life").getFirst()).isEqualTo(process.after("life").getLast());
  }

  @Test
  void noThreadOfAConfinedProcessOpensAFileThatIsNotBelowADeclaredPath() throws Exception {
    var outside = Files.writeString(directory.resolve("outside"), "outside").toString();
    var inside = Files.writeString(output.resolve("inside"), "inside").toString();
    assertThat(run(SealedProcess.FLAGS, "open", outside).done().after("open"))
        .containsExactly("main " + outside + " 7", "other " + outside + " 7");
    assertThat(run(SealedProcess.FLAGS, "confined-open", outside, inside).done().after("open"))
        .containsExactly(
            "main " + outside + " AccessDeniedException",
            "other " + outside + " AccessDeniedException",
            "main " + inside + " 6",
            "other " + inside + " 6");
  }

  @Test
  void aConfinedProcessConnectsToADeclaredPortAlone() throws Exception {
    var loopback = InetAddress.getByAddress(new byte[] {127, 0, 0, 1});
    try (var declared = ServerSocketChannel.open().bind(new InetSocketAddress(loopback, 0));
        var other = ServerSocketChannel.open().bind(new InetSocketAddress(loopback, 0))) {
      var process =
          run(SealedProcess.FLAGS, "confined-connect", port(declared), port(other)).done();
      assertThat(process.said()).contains("tcp true", "elsewhere Permission denied");
      assertThat(process.after("sealed"))
          .anyMatch(line ->
              line.startsWith("connections-confined WEAKENED socket(AF_UNIX): EPERM")
                  && line.contains("connect to another port: Permission denied")
                  && line.contains("Landlock knows ports alone"));
    }
  }

  private static String port(ServerSocketChannel server) throws IOException {
    return Integer.toString(((InetSocketAddress) server.getLocalAddress()).getPort());
  }

  @Test
  void aMarkInTheEnvironmentConfinesNothingAndIsRefused() throws Exception {
    var command = new ArrayList<>(List.of("env", "CLOISTER_CONFINED=7-" + "0".repeat(64)));
    command.addAll(
        SealedProcess.command(jar, SealedProcess.FLAGS, "confined-refused", output.toString()));
    var process = SealedProcess.run(command);
    assertThat(process.exit()).isNotZero();
    assertThat(process.said())
        .anyMatch(line ->
            line.contains("CLOISTER_CONFINED=7-0") && line.contains("start java without it"))
        .noneMatch(line -> line.startsWith("confined "));
  }

  @Test
  void whatIsInTheWayIsFoundBeforeAndLeavesEverythingAsItWas() throws Exception {
    var unreachable = Files.createDirectories(directory.resolve("closed").resolve("inner"));
    Files.setPosixFilePermissions(
        unreachable.getParent(),
        java.nio.file.attribute.PosixFilePermissions.fromString("rwx------"));
    for (var wrong : List.of(unreachable, Path.of("/tmp"))) {
      var process = run(SealedProcess.FLAGS, "refused", wrong.toString()).done();
      assertThat(process.after("lack"))
          .anyMatch(line ->
              line.startsWith("no-privileges is ABSENT (" + wrong)
                  && line.endsWith(Guarantee.NO_PRIVILEGES.remedy()));
      assertThat(process.said()).contains("dumpable true", "uid 0");
    }
    assertThat(Files.getAttribute(unreachable, "unix:uid")).isEqualTo(0);
  }

  @Test
  void aHostWithoutNativeCallsHasNone() {
    var seal = new TracingSeal(FakeLibc.none("not here"));
    assertThat(seal.probe())
        .isEqualTo(seal.harden())
        .extracting(Finding::state)
        .containsOnly(State.ABSENT);
    assertThat(seal.probe()).extracting(Finding::evidence).containsOnly("not here");
  }

  @Test
  void theListOfAnotherBuildIsPutOnAndSaysSo() {
    var other = CallList.forJava("26+1", "amd64", Set.of()).orElseThrow();
    assertThat(other.fits()).isFalse();
    assertThat(other.version()).isEqualTo("25.0.3+9-LTS");
    assertThat(other.toString()).contains("25.0.3+9-LTS").contains("EPERM");
    assertThat(CallList.forJava("25.0.3+9-LTS", "amd64", Set.of()).orElseThrow().fits()).isTrue();
    assertThat(CallList.forJava("25.0.3+9-LTS", "riscv64", Set.of())).isEmpty();
  }

  @Test
  void theRulesAreTextAndTheirDigestIsInTheMeasurement() {
    var seal = ProcessSeal.forTracing();
    assertThat(seal.rules()).contains("call: futex\n", "call: tgkill 0=self\n", "otherwise: EPERM");
    assertThat(seal.rules()).doesNotContain("call: socket");
    var measured = new Description();
    seal.describe(measured);
    assertThat(measured.text())
        .contains(Description.sha256Hex(seal.rules().getBytes(StandardCharsets.UTF_8)));
    assertThat(seal.connectingTo(4739).rules())
        .contains("call: socket 0=2|10 1&0xf=1 2=0|6\n")
        .isNotEqualTo(seal.rules());
    assertThat(seal.writing(Path.of("/a")).rules()).contains("writes: /a\n");
  }

  @Test
  void rootIsNobodyToBecome() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ProcessSeal.forTracing().user(0, 5))
        .withMessageContaining("user 0, group 5: allowed 1 to");
  }
}
