package dev.cloister.examples;

import dev.cloister.core.TimeSource;
import dev.cloister.examples.Example.BadRequest;
import dev.cloister.sandbox.host.Callees;
import dev.cloister.sandbox.runtime.FunctionRuntime;
import dev.cloister.sandbox.runtime.process.ProcessRuntime;
import dev.cloister.tor.control.Setting;
import dev.cloister.tor.control.TemporarySettings;
import dev.cloister.tor.node.BentoNodePlan;
import dev.cloister.tor.testing.PrivateTorNetwork;
import java.io.IOException;
import java.io.PrintStream;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** Where the story of two nodes and a client is told, with all that it needs made on the spot. */
final class StoryPlaces {
  private static final Duration SOON = Duration.ofMinutes(2);

  /** The page, and what it shows. */
  private static final int OBJECTS = 8;

  /** A relay builds the circuits of its own services through others, three of which are too few. */
  private static final int RELAYS = 6;

  private final PrintStream out;
  private final List<FunctionRuntime> runtimes;
  private final ClientWays ways;
  private final Callees callees;

  private StoryPlaces(
      PrintStream out, List<FunctionRuntime> runtimes, ClientWays ways, Callees callees) {
    this.out = out;
    this.runtimes = runtimes;
    this.ways = ways;
    this.callees = callees;
  }

  /** All in this process, with no tor. */
  static void onLoopback(PrintStream out) throws BadRequest, IOException {
    try (var process = process()) {
      onLoopback(out, List.of(process, Node.wasm()));
    }
  }

  /** By some runtimes alone. */
  static void onLoopback(PrintStream out, List<FunctionRuntime> runtimes)
      throws BadRequest, IOException {
    out.println("two nodes and a client on this host's loopback; no tor is between them");
    try (var ways = ClientWays.of(null, null)) {
      new StoryPlaces(out, runtimes, ways, ways.callees())
          .serve(BentoNodePlan::onLoopback, BentoNodePlan::onLoopback);
    }
  }

  /** On a network of its own, with a node in each of the two ways. */
  static void onTor(PrintStream out) throws BadRequest, IOException {
    out.println("a private Tor network comes up on loopback, with two nodes and a client");
    try (var process = process();
        var scratch = Scratch.create();
        var network =
            PrivateTorNetwork.shape()
                .relays(RELAYS)
                .startIn(scratch.directory().resolve("network"))) {
      var runtimes = List.of(process, Node.wasm());
      var client = network.client();
      var relays = network.relaysButGuardsOf(client);
      try (var keepers = relays.getFirst().control();
          var fetchers = relays.getLast().control();
          var _ =
              TemporarySettings.apply(fetchers, new Setting("SocksPort", "auto ExtendedErrors"));
          var beyond = ClientWays.of(Node.socks(fetchers).orElseThrow(), null);
          var ways =
              ClientWays.of(client.socksAddress().getPort(), client.controlAddress().getPort())) {
        new StoryPlaces(out, runtimes, ways, beyond.callees())
            .serve(
                plan -> plan.asOnionService(keepers, SOON),
                plan -> plan.throughOwnRelay(fetchers, SOON));
      }
    }
  }

  private static ProcessRuntime process() {
    return ProcessRuntime.open(Thread.ofPlatform().factory(), TimeSource.system());
  }

  private void serve(
      UnaryOperator<BentoNodePlan> keepersWay, UnaryOperator<BentoNodePlan> fetchersWay)
      throws BadRequest, IOException {
    try (var site = Site.publish("a-page", OBJECTS, _ -> {});
        var scratch = Scratch.create();
        var images = scratch.shippedImages();
        var keeper =
            ServedNode.open(
                NodePapers.policy(),
                images,
                runtimes,
                scratch.directory().resolve("keeper"),
                _ -> Optional.empty(),
                keepersWay);
        var fetcher =
            ServedNode.open(
                NodePapers.policyToFetchFrom(site.address()),
                images,
                runtimes,
                scratch.directory().resolve("fetcher"),
                callees,
                fetchersWay)) {
      NodeStory.tell(out, ways, keeper, fetcher, site.url());
    }
  }
}
