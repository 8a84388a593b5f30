package dev.cloister.sandbox.runtime.process;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cloister.core.TimeSource;
import dev.cloister.core.policy.Resource;
import dev.cloister.core.policy.ResourceLimits;
import dev.cloister.core.testing.RequiresProgram;
import dev.cloister.sandbox.cgroup.ControlGroups;
import dev.cloister.sandbox.cgroup.ControlPlaces;
import dev.cloister.sandbox.runtime.GuestProcess;
import dev.cloister.sandbox.runtime.spawned.PythonFunctions;
import dev.cloister.sandbox.testing.FakeCellApi;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

/** A function that keeps a processor busy, as the kernel of this machine is told of it. */
@RequiresProgram(value = "python3", root = true)
@EnabledIf(
    value = "isMounted",
    disabledReason = "the cpu controller of this machine is not version 1's, or has no cpu.idle")
final class BackgroundTest {
  private static final Path CPU = Path.of("/sys/fs/cgroup/cpu");
  private static final long PATIENCE_NANOS = Duration.ofSeconds(60).toNanos();

  @TempDir private Path directory;
  private ControlGroups groups;
  private ProcessRuntime runtime;

  static boolean isMounted() {
    return Files.exists(CPU.resolve("tasks")) && Files.exists(CPU.resolve("cpu.idle"));
  }

  @BeforeEach
  void open() {
    // In the root of each hierarchy, so that its place is the same in all.
    groups = ControlGroups.find(ControlPlaces.standard().under("/"), TimeSource.system());
    runtime = new ProcessRuntime(Thread.ofPlatform().factory(), TimeSource.system(), groups);
  }

  @AfterEach
  void close() throws IOException {
    runtime.close();
  }

  @Test
  void aFunctionIsInTheBackgroundWhileItComputesAndNotWhileItWaits() throws Exception {
    var api = FakeCellApi.denying();
    try (var guest = started()) {
      var everywhere = processors();
      var run =
          running(
              guest,
              api,
              """
              import cell, time
              while time.process_time() < 1:
                  pass
              cell.send(b"done")
              cell.receive(600)
              """);
      tickUntil(guest, marked -> marked.equals(List.of("cell-0")));
      tickUntil(guest, _ -> processors().equals(last(everywhere)));
      tickUntil(guest, _ -> !api.sent().isEmpty());
      tickUntil(guest, List::isEmpty);
      tickUntil(guest, _ -> processors().equals(everywhere));
      end(guest, run);
    }
  }

  @Test
  void itsCodeBeginsInTheBackgroundBeforeAnyTickAndWhatComesBeforeDoesNot() throws Exception {
    var api = FakeCellApi.denying();
    try (var guest = started()) {
      guest.tick();
      assertThat(marked()).isEmpty();
      var run = running(guest, api, "import cell\ncell.send(b'begun')\ncell.receive(600)");
      assertThat(api.taken()).asString().isEqualTo("begun");
      assertThat(marked()).containsExactly("cell-0");
      tickUntil(guest, List::isEmpty);
      end(guest, run);
    }
  }

  @Test
  void afterTheEndOfABusyFunctionNothingIsMarked() throws Exception {
    var spin = "import cell\nwhile True: pass";
    try (var guest = started()) {
      var run = running(guest, FakeCellApi.denying(), spin);
      tickUntil(guest, marked -> marked.contains("cell-0"));

      end(guest, run);

      assertThat(host()).isDirectory();
      assertThat(marked()).isEmpty();
    }
  }

  private GuestProcess started() throws IOException {
    var limits =
        ResourceLimits.none()
            .with(Resource.CPU_SECONDS, "60")
            .with(Resource.CPU_SHARE, "0.5")
            .with(Resource.MEMORY_BYTES, 256L << 20)
            .with(Resource.PROCESSES, 8)
            .with(Resource.OPEN_FILES, 64);
    return runtime.start(PythonFunctions.launch("one", PythonFunctions.image(directory), limits));
  }

  private static Thread running(GuestProcess guest, FakeCellApi api, String code) {
    return Thread.ofPlatform().start(() -> guest.run(code.getBytes(UTF_8), api));
  }

  private static void end(GuestProcess guest, Thread run) throws IOException, InterruptedException {
    guest.close();
    run.join();
  }

  private Path host() {
    return CPU.resolve(Path.of(groups.support().place()).getFileName());
  }

  /** On which processors the function's processes may run, as the kernel lists them. */
  private Set<String> processors() {
    try {
      var found = new TreeSet<String>();
      for (var tid :
          Files.readAllLines(host().resolveSibling(host().getFileName() + ".cell-0/tasks"))) {
        Files.readAllLines(Path.of("/proc", tid, "status")).stream()
            .filter(line -> line.startsWith("Cpus_allowed_list:"))
            .map(line -> line.replaceFirst(".*\\s", ""))
            .forEach(found::add);
      }
      return found;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Set<String> last(Set<String> lists) {
    return Set.of(String.join(",", lists).replaceFirst(".*[-,]", ""));
  }

  /** Which functions are marked, by the names of their groups beside the host's. */
  private List<String> marked() throws IOException {
    var marked = new ArrayList<String>();
    try (var groups = Files.newDirectoryStream(CPU, host().getFileName() + ".*")) {
      for (var group : groups) {
        if (Files.readString(group.resolve("cpu.idle")).equals("1\n")) {
          marked.add(group.getFileName().toString().replaceFirst(".*\\.", ""));
        }
      }
    }
    return marked;
  }

  /** Ticks as a host does. */
  private void tickUntil(GuestProcess guest, Predicate<List<String>> reached)
      throws IOException, InterruptedException {
    var start = System.nanoTime();
    while (!reached.test(marked())) {
      assertThat(System.nanoTime() - start)
          .as("marked are still %s", marked())
          .isLessThan(PATIENCE_NANOS);
      Thread.sleep(Duration.ofNanos(Math.clamp(guest.tick(), 0, 10_000_000)));
    }
  }
}
