package dev.cloister.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cloister.core.testing.RequiresProgram;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A bad option, policy or file: exit 2, one line that says what and where, and nothing written. */
final class TraceRefusalTest {
  @TempDir private Path directory;

  private Run traceInto(Path output, String... arguments) {
    return Run.of(
        new Trace(),
        Stream.concat(Stream.of("--out=" + output), Stream.of(arguments)).toArray(String[]::new));
  }

  /** Runs a trace that must be refused, and returns its one line. */
  private String refused(String... arguments) {
    var output = directory.resolve("not").resolve("made");
    var run = traceInto(output, arguments);
    OptionsTest.assertRefused(run);
    assertThat(directory.resolve("not")).doesNotExist();
    return run.err().strip();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--memory-bytes=-1   | --memory-bytes, --disk-bytes, --passes: memoryBytes -1: must be at"
            + " least 0",
        "--disk-bytes=-1     | --memory-bytes, --disk-bytes, --passes: diskBytes -1: must be at"
            + " least 0",
        "--passes=0          | --memory-bytes, --disk-bytes, --passes: passes 0: must be at least"
            + " 1",
        "--overlap=bsd       | --overlap bsd: allowed are first and last",
        "--memory-bytes=much | Invalid value for option '--memory-bytes': 'much' is not a long;"
            + " --help lists every option",
        "--require=all       | --require all: allowed are root-secret-protected, heap-in-ram,"
            + " no-core-file, nothing-raw-on-disk, memory-unreadable, no-privileges,"
            + " no-new-program, nothing-listens, calls-confined, no-attach,"
            + " files-confined, connections-confined",
        "--accept=root       | --accept root: allowed are root-secret-protected, heap-in-ram,"
            + " no-core-file, nothing-raw-on-disk, memory-unreadable, no-privileges,"
            + " no-new-program, nothing-listens, calls-confined, no-attach,"
            + " files-confined, connections-confined",
        "--in=/no/such/file  | --in /no/such/file: there is no such file",
        "--in=/              | --in /: it is not a file that can be read",
        "--live=a/b          | --live: interface \"a/b\": allowed are 1 to 15 characters without"
            + " space or slash",
        "--cutoff=0          | --cutoff 0: must be at least 1",
        "--for=5             | --for 5: a file ends by itself: give --live too",
        "--policy=/no/file   | --policy /no/file: there is no such file",
      })
  void aBadOptionIsNamedWithWhatIsAllowed(String option, String line) {
    assertThat(refused(option)).isEqualTo(line);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--in=any.pcap | --live lo: --in names another input: leave one out",
        "--lab         | --live lo: a lab takes no live link: leave --lab out",
        "--for=0       | --for 0: must be at least 1",
      })
  void whatDoesNotGoWithALinkIsNamed(String option, String line) {
    assertThat(refused("--live=lo", option)).isEqualTo(line);
  }

  @Test
  @RequiresProgram(
      value = {},
      root = true)
  void aLinkThatIsNotThereIsNamed() {
    assertThat(refused("--live=nowhere0", "--accept=all"))
        .startsWith("interface nowhere0: ")
        .endsWith("there is no such interface, \"ip link\" lists those there are");
  }

  @Test
  void aFileThatIsNoCaptureIsToldByWhatItBeginsWith() throws IOException {
    var file = Files.writeString(directory.resolve("notes.txt"), "notes");
    assertThat(refused("--in=" + file))
        .isEqualTo(
            file + " begins with 6e6f7465, which is neither pcap nor pcapng: give a capture file");
    Files.write(file, new byte[] {0x1f, (byte) 0x8b, 8, 0});
    assertThat(refused("--in=" + file)).endsWith("gunzip it first");
    Files.write(file, new byte[0]);
    assertThat(refused("--in=" + file))
        .isEqualTo(file + " is shorter than any capture: give a pcap or pcapng file");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "version: 2; fields: {}                         | p.yaml:1 version: ",
        "version: 1                                     | p.yaml:1: ",
        "version: 1; fields:;   http.client.adress: keep | p.yaml:3 fields.http.client.adress:"
            + " unknown field",
        "version: 1; fields:;   http.client.port: hash  | p.yaml:3 fields.http.client.port: ",
        "version: 1; fields:;   http.client.port: prefix-preserving | p.yaml:3"
            + " fields.http.client.port: transform",
        "version: 1; fields:;   http.client.address: {truncate: 200} | p.yaml:3"
            + " fields.http.client.address.truncate: ",
        "version: 1; mode: open; fields: {}             | p.yaml:2 mode: mode \"open\": allowed is"
            + " lab",
        "version: 1; more: 1; fields: {}                | p.yaml:2 more: ",
        "version: 1; fields: {;                         | p.yaml:",
      })
  void aBadPolicyIsRefusedWithFileLineAndPath(String policy, String begin) throws IOException {
    var file = Files.writeString(directory.resolve("p.yaml"), policy.replaceAll("; ?", "\n"));
    assertThat(refused("--policy=" + file)).startsWith(begin);
  }

  @Test
  void bytesThatAreNoTextAreNoPolicy() throws IOException {
    var file = Files.write(directory.resolve("p.yaml"), new byte[] {'a', (byte) 0xff, ':'});
    assertThat(refused("--policy=" + file)).startsWith("p.yaml");
  }

  @Test
  void keepAllIsTakenInALabAlone() throws IOException {
    assertThat(refused("--policy=policies/keep-all.yaml"))
        .startsWith("keep-all.yaml:3 mode: ")
        .contains("lab");
    var output = directory.resolve("output");
    var run = traceInto(output, "--policy=policies/keep-all.yaml", "--lab");
    assertThat(run.exit()).as(run.err()).isZero();
    assertThat(Files.readAllLines(output.resolve("trace.jsonl")).getFirst())
        .contains("\"mode\":\"lab\"");
  }

  @Test
  void aSpillDirectoryThatIsNoneIsNamed() throws IOException {
    var file = Files.writeString(directory.resolve("file"), "");
    assertThat(refused("--spill=" + file))
        .startsWith("spill directory " + file + " cannot be written to: choose another directory");
    assertThat(refused("--spill=" + file.resolve("under")))
        .startsWith("spill directory " + file.resolve("under"));
  }

  @Test
  void anOutputThatIsNoDirectoryIsNamed() throws IOException {
    var file = Files.writeString(directory.resolve("file"), "mine");
    for (var output : List.of(file, file.resolve("under"))) {
      var run = traceInto(output);
      OptionsTest.assertRefused(run);
      assertThat(run.err())
          .startsWith("--out " + output + ": not a directory that can be written to (");
    }
    assertThat(file).hasContent("mine");
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void anOutputThatNobodyCanWriteToIsABadOption() {
    var run = traceInto(Path.of("/proc"));
    OptionsTest.assertRefused(run);
    assertThat(run.err()).startsWith("--out /proc: not a directory that can be written to (");
  }

  @Test
  void anOutputOfTooLongANameLeavesNothingOfItsWay() {
    var run = traceInto(directory.resolve("way").resolve("x".repeat(300)));
    OptionsTest.assertRefused(run);
    assertThat(directory.resolve("way")).doesNotExist();
  }

  @Test
  void anEarlierOutputIsKeptByATraceAndLeftAloneByARefusal() throws IOException {
    var output = directory.resolve("output");
    assertThat(traceInto(output).exit()).isZero();
    var earlier = Files.readString(output.resolve("trace.jsonl"));
    var file = Files.writeString(directory.resolve("file"), "");
    for (var wrong : List.of("--passes=0", "--spill=" + file)) {
      OptionsTest.assertRefused(traceInto(output, wrong));
      assertThat(output.resolve("trace.jsonl")).hasContent(earlier);
      assertThat(output.resolve("earlier-1")).doesNotExist();
    }
    assertThat(traceInto(output).exit()).isZero();
    assertThat(output.resolve("earlier-1").resolve("trace.jsonl")).hasContent(earlier);
    assertThat(Files.readString(output.resolve("trace.jsonl"))).isNotEqualTo(earlier);
    assertThat(traceInto(output).exit()).isZero();
    assertThat(output.resolve("earlier-1").resolve("trace.jsonl")).hasContent(earlier);
    assertThat(output.resolve("earlier-2").resolve("trace.jsonl")).exists();
  }
}
