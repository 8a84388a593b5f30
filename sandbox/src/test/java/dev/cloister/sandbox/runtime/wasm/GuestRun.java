package dev.cloister.sandbox.runtime.wasm;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.cloister.core.policy.Resource;
import dev.cloister.core.policy.ResourceLimits;
import dev.cloister.sandbox.image.Image;
import dev.cloister.sandbox.runtime.Ending;
import dev.cloister.sandbox.runtime.GuestProcess;
import dev.cloister.sandbox.runtime.Launch;
import dev.cloister.sandbox.runtime.Usage;
import dev.cloister.sandbox.testing.FakeCellApi;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * One function, run to its end as a host would, ungranted all that is not the store and messages.
 */
record GuestRun(Ending ending, List<byte[]> sent, Usage usage) {
  /** Compiled once for all tests: it is most of what one would take. */
  static final WasmRuntime RUNTIME =
      WasmRuntime.create(Thread.ofPlatform().stackSize(WasmRuntime.STACK_BYTES).factory());

  private static final String[] DENIED = {"time", "random", "fetch", "call", "tor", "exit"};
  private static final long GIVE_UP_NANOS = TimeUnit.SECONDS.toNanos(60);

  static ResourceLimits limits() {
    return ResourceLimits.none()
        .with(Resource.CPU_SECONDS, "20")
        .with(Resource.MEMORY_BYTES, 64L << 20)
        .with(Resource.PROCESSES, 1)
        .with(Resource.OPEN_FILES, 8);
  }

  /** Images in a directory that a test made. */
  record World(Image webAssembly, Image javaScript) {
    static World in(Path directory) throws IOException {
      return new World(
          WasmFunctions.image(directory.resolve("modules"), "webassembly"),
          WasmFunctions.image(directory.resolve("scripts"), "javascript"));
    }

    GuestRun module(byte[] module) throws Exception {
      return GuestRun.of(webAssembly, module, limits());
    }

    /** Runs a module that may write a directory. */
    GuestRun module(byte[] module, Path writable) throws Exception {
      return GuestRun.of(
          WasmFunctions.launch("one", webAssembly, limits()).writing(writable), module);
    }

    GuestRun script(String source) throws Exception {
      return GuestRun.of(javaScript, source.getBytes(UTF_8), limits());
    }
  }

  static GuestRun of(Image image, byte[] code, ResourceLimits limits) throws Exception {
    return of(WasmFunctions.launch("one", image, limits), code);
  }

  static GuestRun of(Launch launch, byte[] code) throws Exception {
    var api = FakeCellApi.denying(DENIED);
    try (var tasks = Executors.newThreadPerTaskExecutor(Executors.defaultThreadFactory());
        var guest = RUNTIME.start(launch)) {
      var run = tasks.submit(() -> guest.run(code, api));
      return new GuestRun(ticked(guest, run), api.sent(), guest.usage());
    }
  }

  private static Ending ticked(GuestProcess guest, Future<Ending> run) throws Exception {
    var began = System.nanoTime();
    while (System.nanoTime() - began < GIVE_UP_NANOS) {
      try {
        return run.get(Math.min(guest.tick(), 10_000_000), TimeUnit.NANOSECONDS);
      } catch (TimeoutException _) {
        // Not yet.
      }
    }
    guest.stop(Ending.of(Ending.Cause.CLOSED));
    throw new AssertionError("it did not end");
  }

  /** The first message, as text. */
  String said() {
    return sent.isEmpty() ? "" : new String(sent.getFirst(), UTF_8);
  }

  /** The first message's first byte; -1 where nothing was sent. */
  int number() {
    return sent.isEmpty() ? -1 : sent.getFirst()[0] & 0xff;
  }
}
