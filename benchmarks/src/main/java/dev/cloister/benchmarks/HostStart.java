package dev.cloister.benchmarks;

import dev.cloister.sandbox.host.CellHost;
import dev.cloister.sandbox.host.Shown;
import java.io.IOException;
import java.time.Duration;

/** Starts a cell as a client does: admitted, sealed, loaded by token, and attached to. */
record HostStart(CellHost host) implements FirstByte {
  private static final Duration LONG = Duration.ofSeconds(30);

  @Override
  public long nanos() throws IOException, InterruptedException {
    var manifest = CellGround.manifest(RuntimeStart.CODE, CellGround.limits());
    var began = System.nanoTime();
    var cell = host.start(manifest);
    var attachment = host.attach(Shown.now(cell.grant().invocation()), -1);
    host.load(Shown.now(cell.grant().invocation()), RuntimeStart.CODE, new byte[0]);
    if (attachment.receive(LONG).isEmpty()) {
      throw new IOException("the function said nothing: " + attachment.ending());
    }
    var took = System.nanoTime() - began;
    host.shutdown(Shown.now(cell.grant().shutdown()));
    return took;
  }
}
