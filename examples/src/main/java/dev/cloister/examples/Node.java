package dev.cloister.examples;

import dev.cloister.core.TimeSource;
import dev.cloister.core.policy.NodePolicy;
import dev.cloister.examples.Example.BadRequest;
import dev.cloister.sandbox.image.ImageCatalog;
import dev.cloister.sandbox.runtime.process.ProcessRuntime;
import dev.cloister.sandbox.runtime.wasm.WasmRuntime;
import dev.cloister.tor.control.TorControl;
import dev.cloister.tor.node.BentoNodePlan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Runs a node that takes strangers' functions, or tells in small what one does. */
@Command(
    name = "Node",
    description = {
      "With --serve, runs a node until its standard input ends (where that has ended from the"
          + " start:",
      "until DIR/address is removed), and has its address in DIR/address, on one line, as soon as"
          + " it",
      "is served. Without, tells the whole story of a node and a client on this host: with --tor"
          + " on",
      "a private Tor network, else on loopback."
    },
    sortOptions = false)
final class Node implements Callable<Integer> {
  private static final Duration PUBLISHED = Duration.ofMinutes(2);
  private static final String ADDRESS = "address";
  private static final long LOOK_MILLIS = 200;

  /** An input without a word that ends sooner than this was none, as that of a shell's job. */
  private static final long INPUT_LEAST_NANOS = TimeUnit.SECONDS.toNanos(1);

  private static final Pattern SOCKS = Pattern.compile("\"127\\.0\\.0\\.1:([0-9]{1,5})\"");

  /** How clients come. */
  enum Reach {
    /** By no tor, from this host. */
    loopback,
    /** As to an onion service. */
    onion,
    /** By a circuit that ends at the relay whose control port is given. */
    exit
  }

  @Option(names = "--serve", description = "run a node (default: tell the story)")
  private boolean isServing;

  @Option(
      names = "--tor",
      description = "tell the story on a private Tor network (default: on loopback)")
  private boolean byTor;

  @Option(
      names = "--control",
      paramLabel = "PORT",
      description = "with --serve: the control port of a tor of this host (default: none)")
  private @Nullable Integer control;

  @Option(
      names = "--reach",
      paramLabel = "WAY",
      description =
          "with --serve: onion, exit or loopback; the first two with --control (default: onion with"
              + " --control, else loopback)")
  private @Nullable Reach reach;

  @Option(
      names = "--policy",
      paramLabel = "FILE",
      description =
          "with --serve: what functions may get (default: the three images, the calls that stay in"
              + " the cell, no network)")
  private @Nullable Path policy;

  @Option(
      names = "--images",
      paramLabel = "DIR",
      description =
          "with --serve: the images there are (default: python, javascript and webassembly, as"
              + " shipped)")
  private @Nullable Path images;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "with --serve: where its address is written; made if there is none (required)")
  private @Nullable Path out;

  @SuppressWarnings("unused") // picocli acts on it
  @Option(names = "--help", usageHelp = true, description = "print this and exit (default: off)")
  private boolean help;

  Node() {}

  /** Runs the example. */
  static void main(String[] args) {
    System.exit(Example.run(new Node(), args));
  }

  @Override
  public Integer call() throws BadRequest, IOException {
    if (!isServing) {
      if (byTor) {
        StoryPlaces.onTor(System.out);
      } else {
        StoryPlaces.onLoopback(System.out);
      }
      return Example.OK;
    }
    var directory = directory();
    var given =
        policy == null
            ? NodePapers.policy()
            : NodePolicy.load(Options.readable("--policy", policy));
    try (var scratch = Scratch.create();
        var catalog = images == null ? scratch.shippedImages() : ImageCatalog.in(images)) {
      return control == null
          ? serve(given, catalog, scratch, directory, null)
          : serveBeside(given, catalog, scratch, directory, control);
    }
  }

  private Path directory() throws BadRequest, IOException {
    if (out == null) {
      throw new BadRequest("--out is missing: --serve writes the node's address there");
    }
    if (control == null && reach != null && reach != Reach.loopback) {
      throw new BadRequest("--reach " + reach + ": needs --control, a tor's control port");
    }
    try {
      return Files.createDirectories(out);
    } catch (IOException e) {
      throw new BadRequest("--out %s: no directory can be there (%s)".formatted(out, e));
    }
  }

  private int serveBeside(
      NodePolicy given, ImageCatalog catalog, Scratch scratch, Path directory, int port)
      throws BadRequest, IOException {
    try (var tor = connected(port)) {
      return serve(given, catalog, scratch, directory, tor);
    }
  }

  private static TorControl connected(int port) throws BadRequest {
    try {
      return TorControl.connect(ClientWays.local("--control", port));
    } catch (IOException e) {
      throw new BadRequest("--control %d: %s".formatted(port, e.getMessage()));
    }
  }

  private int serve(
      NodePolicy given,
      ImageCatalog catalog,
      Scratch scratch,
      Path directory,
      @Nullable TorControl tor)
      throws BadRequest, IOException {
    var cells = scratch.directory().resolve("cells");
    try (var ways = ClientWays.of(tor == null ? null : socks(tor).orElse(null), null);
        var process = ProcessRuntime.open(Thread.ofPlatform().factory(), TimeSource.system());
        var served =
            ServedNode.open(
                given,
                catalog,
                List.of(process, wasm()),
                cells,
                tor == null || socks(tor).isPresent() ? ways.callees() : _ -> Optional.empty(),
                plan -> way(plan, tor))) {
      served.node().settings().forEach(line -> System.err.println("set until the end: " + line));
      write(directory, served.node().address().text());
      awaitTheEnd(directory.resolve(ADDRESS));
      return Example.OK;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  /** The port by which functions reach those of other nodes; without one they do not. */
  static Optional<Integer> socks(TorControl tor) throws IOException {
    return SOCKS
        .matcher(tor.getInfo("net/listeners/socks"))
        .results()
        .map(found -> Integer.valueOf(found.group(1)))
        .findFirst();
  }

  static WasmRuntime wasm() {
    return WasmRuntime.create(Thread.ofPlatform().stackSize(WasmRuntime.STACK_BYTES).factory());
  }

  private BentoNodePlan way(BentoNodePlan plan, @Nullable TorControl tor) {
    if (tor == null || reach == Reach.loopback) {
      return plan.onLoopback();
    }
    return reach == Reach.exit
        ? plan.throughOwnRelay(tor, PUBLISHED)
        : plan.asOnionService(tor, PUBLISHED);
  }

  /** Whoever sees the file sees all of it. */
  private static void write(Path directory, String address) throws IOException {
    var whole = Files.writeString(directory.resolve(ADDRESS + ".new"), address + "\n");
    Files.move(whole, directory.resolve(ADDRESS), StandardCopyOption.ATOMIC_MOVE);
  }

  private static void awaitTheEnd(Path address) throws IOException, InterruptedException {
    var start = System.nanoTime();
    var hasInput = false;
    while (System.in.read() >= 0) {
      hasInput = true;
    }
    hasInput |= System.nanoTime() - start > INPUT_LEAST_NANOS;
    while (!hasInput && Files.exists(address)) {
      TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
    }
    Files.deleteIfExists(address);
  }
}
