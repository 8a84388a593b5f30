package dev.cloister.benchmarks;

import dev.cloister.core.policy.NetworkPolicy;
import dev.cloister.sandbox.runtime.FunctionRuntime;
import dev.cloister.sandbox.runtime.Launch;
import dev.cloister.sandbox.testing.FakeCellApi;
import java.io.IOException;
import java.util.concurrent.ExecutionException;

/** Starts a function in a runtime, without a host around it. */
final class RuntimeStart implements FirstByte {
  static final byte[] CODE = CellGround.code("import cell; cell.send(b'x')");

  private final CellGround ground;
  private final FunctionRuntime runtime;
  private final NetworkPolicy network;
  private int started;

  RuntimeStart(CellGround ground, FunctionRuntime runtime, NetworkPolicy network) {
    this.ground = ground;
    this.runtime = runtime;
    this.network = network;
  }

  @Override
  public long nanos() throws IOException, InterruptedException {
    var image = ground.image();
    var launch =
        new Launch(
            "measured-" + started++, image, image.systemCalls(), CellGround.limits(), network);
    var api = FakeCellApi.denying();
    var began = System.nanoTime();
    try (var guest = runtime.start(launch)) {
      var running = ground.tasks().submit(() -> guest.run(CODE, api));
      api.taken();
      var took = System.nanoTime() - began;
      running.get();
      return took;
    } catch (ExecutionException e) {
      throw new IOException("the function could not be run", e);
    }
  }
}
