package dev.cloister.sandbox.runtime.container;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.cloister.core.policy.NetworkPolicy;
import dev.cloister.core.policy.Resource;
import dev.cloister.core.policy.ResourceLimits;
import dev.cloister.sandbox.image.Image;
import dev.cloister.sandbox.runtime.Ending;
import dev.cloister.sandbox.runtime.FunctionRuntime;
import dev.cloister.sandbox.runtime.GuestProcess;
import dev.cloister.sandbox.runtime.Launch;
import dev.cloister.sandbox.runtime.Usage;
import dev.cloister.sandbox.testing.FakeCellApi;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** One function in a container, which runs while it is ticked. */
final class Container implements AutoCloseable {
  private final GuestProcess guest;
  private final FakeCellApi api = FakeCellApi.denying();
  private final FutureTask<Ending> run;

  /** What became of it. */
  record Outcome(Ending ending, List<String> sent, Usage usage) {
    /** Returns the one message that it sent. */
    String said() {
      if (sent.size() != 1) {
        throw new AssertionError("sent " + sent + ", ended " + ending);
      }
      return sent.getFirst();
    }
  }

  private Container(GuestProcess guest, byte[] code) {
    this.guest = guest;
    this.run = new FutureTask<>(() -> guest.run(code, api));
    Thread.ofPlatform().start(run);
  }

  static ResourceLimits limits() {
    return ResourceLimits.none()
        .with(Resource.CPU_SECONDS, "20")
        .with(Resource.CPU_SHARE, "1")
        .with(Resource.WALL_SECONDS, "60")
        .with(Resource.MEMORY_BYTES, 256L << 20)
        .with(Resource.PROCESSES, 8)
        .with(Resource.OPEN_FILES, 64)
        .with(Resource.DISK_BYTES, 1L << 20)
        .with(Resource.BYTES_IN, 16L << 20)
        .with(Resource.BYTES_OUT, 16L << 20);
  }

  static Container start(FunctionRuntime runtime, Image image, String code) throws IOException {
    return start(runtime, image, limits(), NetworkPolicy.none(), code);
  }

  static Container start(
      FunctionRuntime runtime,
      Image image,
      ResourceLimits limits,
      NetworkPolicy network,
      String code)
      throws IOException {
    return start(runtime, new Launch("one", image, image.systemCalls(), limits, network), code);
  }

  static Container start(FunctionRuntime runtime, Launch launch, String code) throws IOException {
    return new Container(runtime.start(launch), ("import cell\n" + code).getBytes(UTF_8));
  }

  /** Runs code to its end. */
  static Outcome run(FunctionRuntime runtime, Image image, String code) throws Exception {
    try (var container = start(runtime, image, code)) {
      return container.ended();
    }
  }

  Outcome ended() throws Exception {
    while (true) {
      var next = Math.min(guest.tick(), 10_000_000);
      try {
        var ending = run.get(Math.max(1, next), TimeUnit.NANOSECONDS);
        var sent = api.sent().stream().map(bytes -> new String(bytes, UTF_8)).toList();
        return new Outcome(ending, sent, guest.usage());
      } catch (TimeoutException _) {
        // It runs on; a limit ends it.
      }
    }
  }

  /** Waits for its next message. */
  String said() throws InterruptedException {
    return new String(api.taken(), UTF_8);
  }

  @Override
  public void close() throws IOException {
    guest.close();
  }
}
