package dev.cloister.examples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cloister.core.Description;
import dev.cloister.core.policy.Document;
import dev.cloister.core.process.TracingSeal;
import dev.cloister.core.testing.RequiresProgram;
import dev.cloister.tracing.sink.JsonLines;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What the table of attacks says of a sealed trace of a live link, beside its process: of what it
 * has on disk, and of another in its place. Each by a process of its own.
 */
@RequiresProgram(
    value = {"ip", "python3", "curl", "setpriv", "sh", "kill"},
    root = true)
@Timeout(180)
final class SealedTraceAttackTest {
  private static final int OTHER = 65533;

  /** Four segments of the smallest store that has eight, and a part of a fifth. */
  private static final int SITE_BYTES = 34 << 20;

  private static final long DISK_BYTES = 64L << 20;
  private static final long SEGMENT_BYTES = DISK_BYTES / 8;

  /** The first two change places, the third becomes shorter, the fourth what it was before. */
  private static final List<String> ATTACKS =
      List.of(
          "mv segment-00000000.spill aside && mv segment-00000001.spill segment-00000000.spill"
              + " && mv aside segment-00000001.spill",
          "truncate -s 3000000 segment-00000002.spill",
          "cp earlier segment-00000003.spill");

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

  private Process trace(Path output, String... more) throws IOException {
    var options =
        new ArrayList<>(
            List.of(
                "--live=lo",
                "--out=" + output,
                "--memory-bytes=0",
                "--disk-bytes=" + DISK_BYTES,
                "--accept=root-secret-protected,heap-in-ram,calls-confined"));
    options.addAll(List.of(more));
    var trace =
        network.start(
            JavaChild.onModulePath(
                JavaChild.FLAGS,
                network.readableModules(),
                "Trace",
                options.toArray(String[]::new)));
    network.await(trace, () -> Files.exists(output.resolve("posture.json")));
    return trace;
  }

  /** Does something in a directory as a user; true when it could. */
  private static boolean as(int user, Path place, String act) throws IOException {
    var command =
        List.of(
            "setpriv",
            "--reuid=" + user,
            "--regid=" + user,
            "--clear-groups",
            "sh",
            "-c",
            "cd " + place + " && " + act);
    var builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.redirectOutput(ProcessBuilder.Redirect.DISCARD);
    return builder.start().onExit().join().exitValue() == 0;
  }

  @Test
  void segmentsThatAreSwappedCutOrRolledBackAreNamedLosses() throws IOException {
    var site = Files.createDirectory(directory.resolve("site"));
    Files.write(site.resolve("group"), new byte[SITE_BYTES]);
    network.serve(site);
    var output = directory.resolve("output");
    var spill = output.resolve("spill");
    var trace = trace(output, "--deferred");
    var fourth = spill.resolve("segment-00000003.spill");
    var fetch = Thread.ofPlatform().start(() -> fetchQuietly());
    network.await(trace, () -> Files.exists(fourth) && Files.size(fourth) > 0);
    assertThat(as(TracingSeal.DEFAULT_USER, spill, "cp segment-00000003.spill earlier")).isTrue();
    network.await(trace, () -> !fetch.isAlive() && Files.size(fourth) == SEGMENT_BYTES);

    assertThat(ATTACKS).noneMatch(act -> can(OTHER, spill, act));
    assertThat(ATTACKS.subList(0, 2)).allMatch(act -> can(TracingSeal.DEFAULT_USER, spill, act));
    assertThat(ATTACKS.subList(2, 3)).allMatch(act -> can(0, spill, act));
    trace.getOutputStream().close();
    assertThat(trace.onExit().join().exitValue()).as(network.complaints()).isZero();

    var summary = Summary.of(output);
    var lost = new Summary(summary.root().required("lost"));
    assertThat(lost.number("swapped")).isPositive();
    assertThat(lost.number("truncated")).isPositive();
    assertThat(summary.number("received"))
        .isEqualTo(summary.number("analysed") + summary.sum("lost"));
    assertThat(summary.number("analysed")).isPositive();
    assertThat(verified(output)).isEqualTo("valid");
  }

  private void fetchQuietly() {
    try {
      network.fetch("-o", "/dev/null");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean can(int user, Path place, String act) {
    try {
      return as(user, place, act);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String verified(Path output, String... options) {
    var arguments =
        Stream.concat(Stream.of("--in=" + output), Stream.of(options)).toArray(String[]::new);
    return Run.of(new Verify(), arguments).outLines().getFirst();
  }

  /** Whoever kept the key, or a head, sees it; nobody else does. */
  @Test
  void aFakeInThePlaceOfAKilledOneIsToldByKeyAndByHead() throws IOException {
    var output = directory.resolve("output");
    var real = trace(output);
    network.await(real, () -> Files.size(output.resolve(JsonLines.HEARTBEATS)) > 0);
    var key = "--key=" + publicKey(output);
    var first = Files.readAllLines(output.resolve(JsonLines.HEARTBEATS)).getFirst();
    var head = "--head=0:" + Description.sha256Hex(first.getBytes(UTF_8));
    assertThat(as(OTHER, directory, "kill -KILL " + real.pid())).isFalse();
    assertThat(as(TracingSeal.DEFAULT_USER, directory, "kill -KILL " + real.pid())).isTrue();
    real.onExit().join();
    assertThat(verified(output, key, head)).isEqualTo("unclosed");

    var faked = directory.resolve("faked");
    var fake = trace(faked);
    fake.getOutputStream().close();
    assertThat(fake.onExit().join().exitValue()).as(network.complaints()).isZero();
    Files.copy(output.resolve(JsonLines.HEARTBEATS), directory.resolve("both"));
    var replace = "cp --remove-destination ../faked/trace.jsonl ../faked/heartbeats.jsonl .";
    assertThat(as(OTHER, output, replace)).isFalse();
    assertThat(as(TracingSeal.DEFAULT_USER, output, replace)).isTrue();
    assertThat(verified(output)).isEqualTo("valid");
    assertThat(verified(output, key)).isEqualTo("restart");
    assertThat(verified(output, head)).isEqualTo("rollback");
    var watched =
        Run.of(new Watch(), "--in=" + output.resolve(JsonLines.HEARTBEATS), key).outLines();
    assertThat(watched.getFirst()).isEqualTo("restart");
    // Behind those of the killed one, which bind other lines.
    assertThat(
            as(
                0,
                directory,
                "cat output/heartbeats.jsonl >>both && cp both output/heartbeats.jsonl"))
        .isTrue();
    assertThat(verified(output)).isEqualTo("altered");
  }

  private static String publicKey(Path output) throws IOException {
    var header = Files.readAllLines(output.resolve(JsonLines.TRACE)).getFirst();
    return Document.parse("header.json", header).root().required("publicKey").text();
  }
}
