package dev.cloister.examples;

import dev.cloister.core.key.SecretMemory;
import dev.cloister.core.policy.NodePolicy;
import dev.cloister.core.posture.Guarantees;
import dev.cloister.crypto.identity.TransportIdentity;
import dev.cloister.sandbox.host.Callees;
import dev.cloister.sandbox.host.CellHost;
import dev.cloister.sandbox.image.ImageCatalog;
import dev.cloister.sandbox.runtime.FunctionRuntime;
import dev.cloister.sandbox.session.CellServer;
import dev.cloister.tor.node.BentoNode;
import dev.cloister.tor.node.BentoNodePlan;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.UnaryOperator;

/** A node that serves, with all that belongs to one: a host of cells, a key, a way to it. */
final class ServedNode implements Closeable {
  private static final long TICK_MOST_NANOS = TimeUnit.MILLISECONDS.toNanos(10);
  private static final long KEY_BYTES = 256;

  private final CellHost host;
  private final CellServer server;
  private final SecretMemory memory;
  private final TransportIdentity identity;
  private final ExecutorService functions;
  private final ExecutorService tasks;
  private final AtomicBoolean ending = new AtomicBoolean();
  private final BentoNode node;

  private ServedNode(
      CellHost host,
      ExecutorService functions,
      ExecutorService tasks,
      UnaryOperator<BentoNodePlan> way)
      throws IOException {
    this.host = host;
    this.functions = functions;
    this.tasks = tasks;
    this.server = CellServer.over(host);
    this.memory = SecretMemory.open(KEY_BYTES);
    this.identity = TransportIdentity.bornIn(memory);
    this.node = way.apply(BentoNode.serving(server::serve, identity)).open();
  }

  /** Opens a node and begins to serve; its way is set in the plan. */
  static ServedNode open(
      NodePolicy policy,
      ImageCatalog images,
      List<FunctionRuntime> runtimes,
      Path directory,
      Callees callees,
      UnaryOperator<BentoNodePlan> way)
      throws IOException {
    // A function may keep its thread; what serves clients waits most of its time.
    var functions = Executors.newThreadPerTaskExecutor(Executors.defaultThreadFactory());
    var tasks = Executors.newVirtualThreadPerTaskExecutor();
    var host =
        CellHost.under(policy)
            .images(images)
            .runtimes(runtimes.toArray(FunctionRuntime[]::new))
            .directory(directory)
            .executor(functions)
            .callees(callees)
            .guarantees(whatIsHad())
            .open();
    try {
      var served = new ServedNode(host, functions, tasks, way);
      tasks.execute(() -> served.node.serve(tasks));
      tasks.execute(served::tick);
      return served;
    } catch (IOException | RuntimeException e) {
      host.close();
      functions.shutdown();
      tasks.shutdownNow();
      throw e;
    }
  }

  /** A try-out takes what this machine guarantees; a node for others would require it. */
  private static Guarantees whatIsHad() {
    return Guarantees.cell().acceptAll("a node to try out");
  }

  private void tick() {
    try {
      while (!ending.get()) {
        var next = Math.min(host.tick(), server.tick());
        TimeUnit.NANOSECONDS.sleep(Math.clamp(next, 1, TICK_MOST_NANOS));
      }
    } catch (IOException e) {
      System.err.println("a cell could not be ended whole: " + e.getMessage());
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  BentoNode node() {
    return node;
  }

  CellHost host() {
    return host;
  }

  @Override
  public void close() throws IOException {
    ending.set(true);
    try (memory;
        identity;
        host;
        server;
        node) {
      functions.shutdown();
      tasks.shutdown();
    }
  }
}
