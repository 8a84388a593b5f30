package dev.cloister.benchmarks;

import dev.cloister.core.policy.NetworkPolicy;
import dev.cloister.sandbox.guest.JavaScriptGuest;
import dev.cloister.sandbox.guest.WebAssemblyGuest;
import dev.cloister.sandbox.image.Image;
import dev.cloister.sandbox.image.ImageCatalog;
import dev.cloister.sandbox.runtime.Launch;
import dev.cloister.sandbox.runtime.wasm.WasmRuntime;
import dev.cloister.sandbox.testing.FakeCellApi;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Measures functions within this process: how long to the first byte, how many calls a second, and
 * a loop beside plain Java and python3, each five times in turn, as medians. It asserts nothing.
 *
 * <p>JavaScript's figures depend on a flag of the JVM, which is printed: {@code
 * JAVA_TOOL_OPTIONS=-XX:-DontCompileHugeMethods} sets it.
 */
public final class Wasm {
  private static final int ROUNDS = 5;
  private static final int CALLS = 20_000;
  private static final int SCRIPT_LOOP = 1_000_000;
  private static final int MODULE_LOOP = 100_000_000;

  private static final byte[] FIRST = CellGround.code("cell.send(new Uint8Array(1))");
  private static final byte[] CALLING =
      CellGround.code("for (let i = 0; i < " + CALLS + "; i++) cell.poll();");
  private static final byte[] LOOP =
      CellGround.code("let s = 0; for (let i = 0; i < " + SCRIPT_LOOP + "; i++) s += i;");

  /** Adds the numbers below {@link #MODULE_LOOP}, and sends the sum. */
  private static final byte[] MODULE =
      HexFormat.of()
          .parseHex(
              "0061736d01000000010a0260027f7f017f600000020d010463656c6c0473656e"
                  + "640000030201010503010001071302066d656d6f72790200065f737461727400"
                  + "010a32013002017f017e034020012000ad7c2101200041016a210020004180c2"
                  + "d72f490d000b410020013703004100410810001a0b");

  private final WasmRuntime runtime =
      WasmRuntime.create(Thread.ofPlatform().stackSize(WasmRuntime.STACK_BYTES).factory());
  private final ExecutorService tasks;
  private final Image script;
  private final Image module;
  private int started;

  private Wasm(ExecutorService tasks, ImageCatalog images) {
    this.tasks = tasks;
    this.script = images.find("javascript").orElseThrow();
    this.module = images.find("webassembly").orElseThrow();
  }

  /**
   * Runs the measurement and prints a table in Markdown.
   *
   * @param args none
   */
  public static void main(String[] args) throws IOException, InterruptedException {
    var directory = Files.createTempDirectory("cloister-wasm-");
    JavaScriptGuest.install(Files.createDirectory(directory.resolve("javascript")));
    WebAssemblyGuest.install(Files.createDirectory(directory.resolve("webassembly")));
    try (var images = ImageCatalog.in(directory);
        var tasks = Executors.newThreadPerTaskExecutor(Executors.defaultThreadFactory())) {
      new Wasm(tasks, images).measure();
    } finally {
      remove(directory);
    }
  }

  private static void remove(Path directory) throws IOException {
    try (var files = Files.walk(directory)) {
      for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  private void measure() throws IOException, InterruptedException {
    System.out.printf(
        Locale.ROOT,
        "%s; load average %.1f; flags of this JVM: %s%n%n",
        Machine.describe(),
        ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage(),
        ManagementFactory.getRuntimeMXBean().getInputArguments());
    System.out.println("| measured | median |");
    System.out.println("|---|---|");
    row("a script, the first of a runtime: the interpreter is compiled", life(script, FIRST));
    print("a script: start to end", () -> life(script, FIRST));
    print(
        "a module of 200 bytes, compiled, that counts to " + MODULE_LOOP,
        () -> life(module, MODULE));
    print("the same in plain Java", Wasm::plainLoop);
    print("a script that counts to " + SCRIPT_LOOP, () -> life(script, LOOP));
    print("the same in python3, started", Wasm::pythonLoop);
    print("a script that makes " + CALLS + " calls", () -> life(script, CALLING));
  }

  /** Something that takes time. */
  @FunctionalInterface
  private interface Measured {
    long nanos() throws IOException, InterruptedException;
  }

  private static void print(String name, Measured measured)
      throws IOException, InterruptedException {
    var took = new Latencies();
    for (var i = 0; i < ROUNDS; i++) {
      took.add(measured.nanos());
    }
    System.out.printf(Locale.ROOT, "| %s | %.1f ms |%n", name, took.millis(50));
  }

  private static void row(String name, long nanos) {
    System.out.printf(Locale.ROOT, "| %s | %.1f ms |%n", name, nanos / 1e6);
  }

  private long life(Image image, byte[] code) throws IOException, InterruptedException {
    var launch =
        new Launch(
            "measured-" + started++,
            image,
            image.systemCalls(),
            CellGround.limits(),
            NetworkPolicy.none());
    var api = FakeCellApi.denying();
    var began = System.nanoTime();
    try (var guest = runtime.start(launch)) {
      var ending = tasks.submit(() -> guest.run(code, api)).get();
      var took = System.nanoTime() - began;
      if (ending.exitCode() != 0 || !ending.detail().isEmpty()) {
        throw new IOException(ending.toString());
      }
      return took;
    } catch (ExecutionException e) {
      throw new IOException("the function could not be run", e);
    }
  }

  private static long plainLoop() {
    var began = System.nanoTime();
    var sum = 0L;
    for (var i = 0; i < MODULE_LOOP; i++) {
      sum += i;
    }
    var took = System.nanoTime() - began;
    if (sum == 0) {
      throw new IllegalStateException("no sum");
    }
    return took;
  }

  private static long pythonLoop() throws IOException, InterruptedException {
    var loop = "s = 0\nfor i in range(" + SCRIPT_LOOP + "): s += i\n";
    return new BareProgram(BareProgram.python("import posix\n" + loop + "posix.write(1, b'x')"))
        .nanos();
  }
}
