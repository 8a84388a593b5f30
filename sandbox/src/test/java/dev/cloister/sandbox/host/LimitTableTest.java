package dev.cloister.sandbox.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.cloister.core.TimeSource;
import dev.cloister.core.policy.Resource;
import dev.cloister.core.testing.RequiresProgram;
import dev.cloister.sandbox.runtime.RuntimeLabel;
import dev.cloister.sandbox.runtime.RuntimeLabel.Claim;
import dev.cloister.sandbox.runtime.wasm.WasmRuntime;
import dev.cloister.sandbox.testing.InMemoryRuntime;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The README's table of limits is what a host of each runtime says of itself. */
@RequiresProgram(
    value = {"python3", "bwrap", "ip", "nft"},
    root = true)
final class LimitTableTest {
  @TempDir private Path directory;

  @Test
  void theReadmeSaysOfEachLimitWhatTheHostSays() throws IOException {
    var labels = new LinkedHashMap<String, RuntimeLabel>();
    for (var kind : RealRuntime.values()) {
      try (var world =
          new PythonWorld(directory, PythonWorld.POLICY, kind.open(), TimeSource.system())) {
        labels.put(kind.title, world.host.labels().getFirst());
      }
    }
    var process = Objects.requireNonNull(labels.get(RealRuntime.PROCESS.title));
    assumeTrue(
        process.claims().get(Resource.CPU_SHARE) == Claim.ENFORCED
            || "required".equals(System.getProperty("cloister.system")),
        () -> "this machine gives less: " + process.lacks());
    try (var world =
        new World(directory.resolve("java"), World.POLICY, InMemoryRuntime.of((_, _) -> {}))) {
      labels.put("in-memory", world.host.labels().getFirst());
    }
    var wasm = WasmRuntime.create(Thread.ofPlatform().factory());
    try (var world = new World(directory.resolve("wasm"), World.POLICY, wasm)) {
      labels.put("wasm", world.host.labels().getFirst());
    }
    assertThat(Files.readString(Path.of("..", "README.md"))).contains(table(labels));
  }

  private static String table(Map<String, RuntimeLabel> labels) {
    var head = row("limit", labels.keySet().stream());
    var rows =
        Arrays.stream(Resource.values())
            .map(resource ->
                row(
                    "`" + resource.label() + "`",
                    labels.values().stream()
                        .map(label ->
                            Objects.requireNonNull(label.claims().get(resource)).label())));
    return Stream.concat(Stream.of(head, "|---".repeat(labels.size() + 1) + "|"), rows)
        .collect(Collectors.joining("\n", "", "\n"));
  }

  private static String row(String first, Stream<String> others) {
    return Stream.concat(Stream.of(first), others).collect(Collectors.joining(" | ", "| ", " |"));
  }
}
