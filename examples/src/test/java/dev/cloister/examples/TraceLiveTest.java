package dev.cloister.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cloister.core.testing.RequiresProgram;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A trace of a live link, in a process and a network of its own. */
@RequiresProgram(
    value = {"ip", "python3", "curl"},
    root = true)
@Timeout(120)
final class TraceLiveTest {
  private static final int FETCHES = 5;

  /** More than a block of a store. */
  private static final int LARGE_BYTES = 2 << 20;

  private static final Pattern STATE = Pattern.compile("\"state\" *: *\"(\\w+)\"");

  @TempDir private Path directory;
  private Loopback network;

  @BeforeEach
  void make() throws IOException {
    network = Loopback.in(directory);
  }

  @AfterEach
  void remove() throws IOException {
    network.close();
  }

  private Process trace(String... options) throws IOException {
    return traceOn("lo", options);
  }

  private Process traceOn(String link, String... options) throws IOException {
    var all = new ArrayList<>(List.of("--live=" + link, "--out=" + output()));
    all.addAll(List.of(options));
    return network.start(
        JavaChild.onModulePath(JavaChild.FLAGS, "Trace", all.toArray(String[]::new)));
  }

  private Path output() {
    return directory.resolve("output");
  }

  private void serve() throws IOException {
    network.serve(Path.of("/etc"));
  }

  private long records() throws IOException {
    try (var lines = Files.lines(output().resolve("trace.jsonl"))) {
      return lines.count() - 1;
    }
  }

  private Summary ended(Process trace) throws IOException {
    return ended(trace, 0);
  }

  private Summary ended(Process trace, int status) throws IOException {
    assertThat(trace.onExit().join().exitValue()).as(network.complaints()).isEqualTo(status);
    assertThat(Run.of(new Verify(), "--in=" + output()).outLines().getFirst()).isEqualTo("valid");
    var summary = Summary.of(output());
    assertThat(summary.number("received"))
        .isEqualTo(summary.number("analysed") + summary.sum("lost"));
    return summary;
  }

  @Test
  void whatIsSpokenIsTracedUntilStandardInputEnds() throws IOException {
    serve();
    var trace = trace("--accept=all");
    network.await(trace, () -> Files.exists(output().resolve("posture.json")));
    for (var i = 0; i < FETCHES; i++) {
      network.fetch();
    }
    network.await(trace, () -> records() == FETCHES);
    trace.getOutputStream().close();
    var summary = ended(trace);
    assertThat(summary.number("httpRequests")).isEqualTo(FETCHES);
    assertThat(summary.number("httpResponses")).isEqualTo(FETCHES);
    assertThat(summary.number("tcpFlows")).isGreaterThanOrEqualTo(FETCHES);
  }

  /** Long before its time is over. */
  @Test
  void anInterfaceThatIsRemovedEndsTheTraceWhichSaysSo() throws IOException {
    network.ip(
        "-n", network.namespace(), "link", "add", "near", "type", "veth", "peer", "name", "far");
    network.ip("-n", network.namespace(), "link", "set", "near", "up");
    network.ip("-n", network.namespace(), "link", "set", "far", "up");
    var trace = traceOn("near", "--accept=all", "--for=10000");
    network.await(trace, () -> Files.exists(output().resolve("posture.json")));
    network.ip("-n", network.namespace(), "link", "del", "near");
    ended(trace, 1);
    assertThat(network.complaints()).contains("the interface was removed");
    var told = Run.of(new Watch(), "--in=" + output().resolve("heartbeats.jsonl"));
    assertThat(told.err()).contains("1 links that it captured were removed");
  }

  @Test
  void theCutoffIsOneOfTheLosses() throws IOException {
    serve();
    var trace = trace("--accept=all", "--cutoff=100");
    network.await(trace, () -> Files.exists(output().resolve("posture.json")));
    network.fetch();
    // It has nothing behind the cutoff, and is whole when what came before it was captured.
    network.fetch("--head");
    network.await(trace, () -> records() == 1);
    trace.getOutputStream().close();
    var lost = new Summary(ended(trace).root().required("lost"));
    assertThat(lost.number("cutoff")).isPositive();
  }

  /** Standard input has ended before; and whatever is missing on this host has no pardon. */
  @Test
  void aTraceForATimeEndsByItselfAndAcceptsNothingUnasked() throws IOException {
    var accepting = trace("--accept=all", "--for=1");
    accepting.getOutputStream().close();
    ended(accepting);
    var lacks = !states().stream().allMatch("ENFORCED"::equals);
    var trace = trace("--for=1");
    assertThat(trace.onExit().join().exitValue()).isEqualTo(lacks ? 3 : 0);
    assertThat(Files.readAllLines(directory.resolve("stderr")).isEmpty()).isEqualTo(!lacks);
  }

  /** What is accepted here is the host's or the build's, and none of it is in the seal's way. */
  @Test
  void theProcessIsSealedAndTracesOnAsAnotherUser() throws IOException {
    var site = Files.createDirectory(directory.resolve("site"));
    Files.write(site.resolve("group"), new byte[LARGE_BYTES]);
    network.serve(site);
    var trace =
        network.start(
            JavaChild.onModulePath(
                JavaChild.FLAGS,
                network.readableModules(),
                "Trace",
                "--live=lo",
                "--out=" + output(),
                "--memory-bytes=0",
                "--accept=root-secret-protected,heap-in-ram,calls-confined"));
    network.await(trace, () -> Files.exists(output().resolve("posture.json")));
    var status = Files.readString(Path.of("/proc/" + trace.pid() + "/status"));
    for (var i = 0; i < FETCHES; i++) {
      network.fetch();
    }
    network.await(trace, () -> records() == FETCHES);
    trace.getOutputStream().close();
    var summary = ended(trace);
    assertThat(status)
        .containsPattern("Uid:\\s+(\\d{5,})\\s+\\1\\s")
        .containsPattern("CapEff:\\s+0+\\s")
        .containsPattern("Seccomp:\\s+2\\s");
    assertThat(summary.number("httpRequests")).isEqualTo(FETCHES);
    assertThat(summary.number("spilledBytes")).isPositive();
    assertThat(output().resolve("spill")).isEmptyDirectory();
    assertThat(Files.readString(output().resolve("posture.json")))
        .contains("open /proc/self/mem: EACCES")
        .contains("execve: EPERM")
        .contains("bind: EPERM")
        .contains("socket(AF_PACKET): EPERM");
  }

  private List<String> states() throws IOException {
    return STATE
        .matcher(Files.readString(output().resolve("posture.json")))
        .results()
        .map(state -> state.group(1))
        .toList();
  }
}
