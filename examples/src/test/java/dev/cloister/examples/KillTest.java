package dev.cloister.examples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** What a tracer leaves on the machine when it is killed, and when it is not. */
@EnabledOnOs(OS.LINUX)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class KillTest {
  private static final long SPILLED_BYTES = 64L << 20;
  private static final int BURSTS = 14;
  private static final String MEMORY_BYTES = "1048576";

  private final Planted planted;

  @TempDir private Path directory;

  KillTest(@TempDir Path shared) throws IOException {
    planted = Planted.in(shared, BURSTS);
  }

  private KilledProcess kill(Function<KilledProcess, List<String>> command) throws IOException {
    var process = new KilledProcess(directory);
    process.runUntil(command.apply(process), SPILLED_BYTES);
    assertThat(KilledProcess.bytesIn(process.spill)).isGreaterThanOrEqualTo(SPILLED_BYTES);
    assertThat(process.output.resolve("trace.jsonl")).isNotEmptyFile();
    return process;
  }

  private KilledProcess killedTrace() throws IOException {
    return kill(process ->
        JavaChild.onModulePath(
            process.flags(JavaChild.FLAGS),
            "Trace",
            "--in=" + planted.large(),
            "--out=" + process.output,
            "--spill=" + process.spill,
            "--memory-bytes=" + MEMORY_BYTES,
            "--accept=all",
            "--deferred"));
  }

  @Test
  void aKilledTracerLeavesNothingThatAnyoneCanRead() throws IOException {
    var killed = killedTrace();
    assertThat(planted.search().in(killed.files())).as("seed " + planted.seed()).isEmpty();
    assertThat(killed.openElsewhere()).isEmpty();
    var run = planted.tracedAfter(killed, directory.resolve("next"));
    assertThat(run.exit()).as(run.err()).isZero();
    assertThat(killed.spill).as("what the killed one left is removed").isEmptyDirectory();
  }

  @Test
  void theSameSearchFindsEveryCanaryWhereNothingIsHidden() throws IOException {
    var killed =
        kill(process ->
            JavaChild.onClassPath(
                process.flags(List.of("--enable-native-access=ALL-UNNAMED")),
                "PlainTrace",
                planted.large().toString(),
                process.output.toString(),
                process.spill.toString(),
                MEMORY_BYTES));
    var finds = planted.search().in(killed.files());
    assertThat(finds)
        .as("seed " + planted.seed())
        .allMatch(find -> find.contains(killed.spill.toString()));
    assertThat(kinds(finds))
        .contains("URL", "header", "body", "compressed body", "IPv4 header", "IPv6 header");
  }

  private static Set<String> kinds(Set<String> finds) {
    return finds.stream()
        .filter(find -> find.contains(", plain"))
        .map(find -> find.substring(0, find.indexOf(',')))
        .collect(Collectors.toSet());
  }

  @Test
  void aTracerThatEndsLeavesNoSpillAndNothingRaw() throws IOException {
    var output = directory.resolve("output");
    var run =
        Run.of(
            new Trace(),
            "--in=" + planted.small(),
            "--out=" + output,
            "--memory-bytes=0",
            "--accept=all");
    assertThat(run.exit()).as(run.err()).isZero();
    assertThat(Summary.of(output).number("spilledBytes")).isPositive();
    assertThat(output.resolve("spill")).doesNotExist();
    var files = new ArrayList<Path>();
    try (var all = Files.walk(directory)) {
      all.filter(Files::isRegularFile).forEach(files::add);
    }
    assertThat(files).isNotEmpty();
    assertThat(planted.search().in(files)).as("seed " + planted.seed()).isEmpty();
    assertThat(planted.search().in(run.out().getBytes(UTF_8))).isEmpty();
  }
}
