package dev.cloister.examples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cloister.core.Description;
import dev.cloister.core.testing.RequiresProgram;
import dev.cloister.sandbox.guest.PythonGuest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** One function, driven as a script would drive it that knows only the page of commands. */
@RequiresProgram({"python3", "bwrap"})
@ParameterizedClass
@ValueSource(strings = {"process", "container"})
final class CellsTest {
  @Parameter private String runtime = "";

  @TempDir private Path directory;

  private Path file(String name, String content) throws IOException {
    return Files.writeString(directory.resolve(name), content);
  }

  private Run cells(String source, String... more) throws IOException {
    var arguments =
        new ArrayList<>(
            List.of("--runtime=" + runtime, "--image=python", "--code=" + code(source)));
    arguments.addAll(Arrays.asList(more));
    return Run.of(new Cells(), arguments.toArray(String[]::new));
  }

  private Path code(String source) throws IOException {
    return file("function.py", "import cell\n" + source);
  }

  private static String report(Run run) {
    return run.errLines().getLast();
  }

  @Test
  void theOutputIsWhatTheFunctionSendsAndTheLastLineIsTheReport() throws IOException {
    var run =
        cells("cell.send(cell.receive(5).upper())\n", "--input=" + file("input", "some words"));
    assertThat(run.out()).isEqualTo("SOME WORDS");
    assertThat(run.exit()).isZero();
    assertThat(report(run))
        .startsWith("{\"reason\":\"exited\",\"exitCode\":0,\"detail\":\"\",\"usage\":{")
        .containsPattern("\"cpuSeconds\":0\\.\\d+")
        .containsPattern("\"memoryBytes\":\\d{6,}")
        .contains("\"bytesOut\":10")
        .endsWith("\"deniedCalls\":{}}");
  }

  @Test
  void dataIsFoundInTheStore() throws IOException {
    var run = cells("cell.send(cell.store.get('data'))\n", "--data=" + file("data", "of mine"));
    assertThat(run.out()).isEqualTo("of mine");
  }

  @Test
  void withoutInputNoMessageComes() throws IOException {
    assertThat(cells("cell.send(str(cell.receive(60)).encode())\n").out()).isEqualTo("None");
  }

  @Test
  void anExitCodeIsReportedAndIsAFailureUnlessItIsZero() throws IOException {
    var run = cells("cell.exit(7)\n");
    assertThat(run.exit()).isEqualTo(1);
    assertThat(report(run)).startsWith("{\"reason\":\"exited\",\"exitCode\":7,");
  }

  @Test
  void anErrorIsReportedInItsOwnWords() throws IOException {
    var run = cells("raise ValueError('no such luck')\n");
    assertThat(run.exit()).isEqualTo(1);
    assertThat(report(run))
        .startsWith("{\"reason\":\"failed\",\"detail\":\"ValueError: no such luck\"");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "cpuSeconds=0.3 | cpuSeconds | while True: pass",
        "wallSeconds=0.3 | wallSeconds | import time; time.sleep(60)",
        "memoryBytes=60000000 | memoryBytes | hoard = [bytearray(1 << 20) for _ in range(1000)]",
        "processes=1 | processes | import os; os.fork()",
        "openFiles=16 | openFiles | files = [open('/dev/null') for _ in range(100)]",
        "diskBytes=10000 | diskBytes | cell.store.put('big', bytes(10000))",
        "bytesOut=100 | bytesOut | cell.send(bytes(101))",
      })
  void aLimitEndsTheFunctionAndIsNamed(String limit, String name, String source)
      throws IOException {
    var run = cells(source + "\n", "--limit=" + limit);
    assertThat(run.exit()).isEqualTo(1);
    assertThat(report(run)).startsWith("{\"reason\":\"limit\",\"limit\":\"" + name + "\"");
  }

  @Test
  void aDeniedSystemCallIsNamed() throws IOException {
    var run =
        cells(
            """
            import socket
            socket.socket()
            """);
    assertThat(run.exit()).isEqualTo(1);
    assertThat(report(run)).contains("denied system calls: socket", "\"deniedCalls\":{\"socket\":");
  }

  @Test
  void withoutAPolicyNothingLeavesTheCell() throws IOException {
    var run =
        cells(
            """
            for call in (lambda: cell.fetch("http://127.0.0.1/"), lambda: cell.tor("GETINFO"),
                         lambda: cell.call(b"", b"")):
                try:
                    call()
                except cell.Refused as refused:
                    cell.send(refused.grant.encode() + b" ")
            """);
    assertThat(run.out()).isEqualTo("fetch tor call ");
  }

  @Test
  void aManifestThatThePolicyDoesNotMeetStartsNothing() throws IOException {
    var source = "cell.send(b'ran')\n";
    var manifest =
        file(
            "manifest.yaml",
            """
            name: test
            image: python
            api: [send, tor]
            codeDigest: %s
            limits: {processes: 1000}
            """
                .formatted(Description.sha256Hex(("import cell\n" + source).getBytes(UTF_8))));
    var run = cells(source, "--manifest=" + manifest, "--policy=policies/node.yaml");
    assertThat(run.exit()).isEqualTo(1);
    assertThat(run.out()).isEmpty();
    assertThat(run.err()).contains("api tor", "limits processes 1000");
    assertThat(report(run)).isEqualTo("{\"reason\":\"refused\"}");
  }

  @Test
  void aManifestThatThePolicyMeetsRuns() throws IOException {
    var source = "cell.send(b'ran')\n";
    var manifest =
        file(
            "manifest.yaml",
            "name: test\nimage: python\napi: [send]\ncodeDigest: "
                + Description.sha256Hex(("import cell\n" + source).getBytes(UTF_8)));
    var run = cells(source, "--manifest=" + manifest, "--policy=policies/node.yaml");
    assertThat(run.out()).isEqualTo("ran");
    assertThat(run.exit()).isZero();
  }

  @Test
  void anOperatorsOwnImagesAreTaken() throws IOException {
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
    var images = Files.createDirectories(directory.resolve("images"));
    PythonGuest.install(Files.createDirectory(images.resolve("mine")));
    assertThat(cells("cell.send(b'ran')\n", "--images=" + images).out()).isEqualTo("ran");
    Files.writeString(images.resolve("mine").resolve("image.yaml"), "version: 2\n");
    var run = cells("cell.send(b'ran')\n", "--images=" + images);
    assertThat(run.exit()).isEqualTo(2);
    assertThat(run.errLines()).singleElement().asString().contains("image.yaml:1");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--limit=memory=1",
        "--limit=memoryBytes=many",
        "--data=/nowhere/at/all",
        "--images=/nowhere/at/all",
        "--policy=/nowhere/at/all",
        "--unknown",
      })
  void aBadOptionIsOneLineAndExitTwo(String option) throws IOException {
    var run = cells("cell.send(b'ran')\n", option);
    assertThat(run.exit()).isEqualTo(2);
    assertThat(run.out()).isEmpty();
    assertThat(run.errLines()).singleElement().asString().isNotBlank();
  }

  @Test
  void anUnknownRuntimeIsOneLineAndExitTwo() throws IOException {
    var run = Run.of(new Cells(), "--runtime=enclave", "--image=python", "--code=" + code(""));
    assertThat(run.exit()).isEqualTo(2);
    assertThat(run.errLines())
        .containsExactly("--runtime enclave: allowed are process, container and wasm");
  }
}
