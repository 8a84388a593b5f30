package dev.cloister.benchmarks;

import dev.cloister.core.TimeSource;
import dev.cloister.core.key.SecretMemory;
import dev.cloister.core.policy.NetworkPolicy;
import dev.cloister.crypto.identity.TransportIdentity;
import dev.cloister.sandbox.runtime.process.ProcessRuntime;
import dev.cloister.sandbox.session.CellClient;
import dev.cloister.sandbox.session.CellServer;
import dev.cloister.sandbox.session.RemoteCell;
import dev.cloister.tor.client.BentoClient;
import dev.cloister.tor.function.Browser;
import dev.cloister.tor.function.PageRequest;
import dev.cloister.tor.function.SizeBuckets;
import dev.cloister.tor.node.BentoNode;
import dev.cloister.tor.socks.SocksClient;
import dev.cloister.tor.testing.PrivateTorNetwork;
import java.io.IOException;
import java.net.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.concurrent.Executors;

/**
 * Measures how long pages take on a private Tor network, all in one run and in turn: directly,
 * through Tor as a web browser has them, and by a Browser on a node, at three paddings. It asserts
 * nothing: a bar that was not met is printed so. It runs on a loopback of its own ({@link
 * OwnNetwork#LOOPBACK}), so as root.
 *
 * <p>Arguments: how often each page is had each way (40), and a file for a chart (none).
 */
public final class Pages {
  private static final String BROWSER = "Browser";
  private static final int MANY = 30;
  private static final int WARMING = 3;
  private static final int ROUNDS_A_WAIT = 10;
  private static final Duration SOON = Duration.ofMinutes(1);
  private static final Duration OFF = Duration.ZERO;
  private static final int RELAYS = 6;
  private static final long KEY_BYTES = 256;

  private final int rounds;
  private final List<PageRow> rows = new ArrayList<>();

  private Pages(int rounds) {
    this.rounds = rounds;
  }

  /**
   * Runs the measurement, prints a table in Markdown, and writes a chart where one is asked for.
   *
   * @param args how many rounds, and the chart's file
   */
  public static void main(String[] args) throws Exception {
    if (!OwnNetwork.LOOPBACK.isHere()) {
      System.exit(OwnNetwork.LOOPBACK.run(Pages.class, args));
    }
    var pages = new Pages(args.length > 0 ? Integer.parseInt(args[0]) : 40);
    var directory = Files.createTempDirectory("cloister-pages-");
    try (var network =
            PrivateTorNetwork.shape().relays(RELAYS).startIn(directory.resolve("network"));
        var site = new PageSite()) {
      pages.on(network, site);
    }
    Files.delete(directory);
    pages.print();
    if (args.length > 1) {
      Files.writeString(Path.of(args[1]), PageChart.of(pages.rows));
    }
  }

  private void on(PrivateTorNetwork network, PageSite site) throws Exception {
    var accepted = "accept " + site.authority();
    try (var ground = CellGround.open();
        var process = ProcessRuntime.open(Thread.ofPlatform().factory(), TimeSource.system());
        var host = ground.host(process, "receive, send, fetch", accepted);
        var _ = Ticking.of(host);
        var server = CellServer.over(host);
        var memory = SecretMemory.onHeap(KEY_BYTES);
        var identity = TransportIdentity.bornIn(memory);
        var control = network.client().control();
        var relay = network.relaysButGuardsOf(network.client()).getFirst().control();
        var tasks = Executors.newVirtualThreadPerTaskExecutor();
        var node = BentoNode.serving(server::serve, identity).throughOwnRelay(relay, SOON).open()) {
      tasks.execute(() -> node.serve(tasks));
      var socks = SocksClient.through(network.client().socksAddress(), TimeSource.system());
      var dialer =
          BentoClient.through(socks, TimeSource.system())
              .steering(control, tasks)
              .dialer(node.address());
      var policy = NetworkPolicy.parse("network", List.of(accepted));
      var client = CellClient.over(dialer, "node");
      try (var cell = client.admit(Browser.manifest("python", policy)).start()) {
        cell.load(Browser.code(), new byte[0]);
        measure(network, site, cell);
        cell.shutdown();
      }
    }
  }

  private void measure(PrivateTorNetwork network, PageSite site, RemoteCell cell)
      throws IOException, InterruptedException {
    var proxy = new Proxy(Proxy.Type.SOCKS, network.client().socksAddress());
    try (var direct = new PageLoad(Proxy.NO_PROXY, site);
        var plain = new PageLoad(proxy, site);
        var unpadded = new BrowserLoad(cell, site, SizeBuckets.none(), OFF);
        var padded = new BrowserLoad(cell, site, SizeBuckets.of(1 << 20), OFF);
        var paddedMore = new BrowserLoad(cell, site, SizeBuckets.of(4 << 20), OFF);
        var onGrid = new BrowserLoad(cell, site, SizeBuckets.none(), PageRequest.GRID_DEFAULT)) {
      for (var objects : List.of(1, MANY)) {
        var path = site.page(objects);
        var tor = new PageTimes("plain Tor", plain);
        var bare = new PageTimes(BROWSER + ", no padding", unpadded);
        var times =
            List.of(
                new PageTimes("direct", direct),
                tor,
                bare,
                new PageTimes(BROWSER + ", to 1 MiB", padded),
                new PageTimes(BROWSER + ", to 4 MiB", paddedMore));
        measureInTurn(path, times);
        var gridWait = viewable(path, onGrid) - bare.viewable();
        times.forEach(took -> rows.add(row(objects, took, tor.viewable(), gridWait)));
      }
    }
  }

  private void measureInTurn(String path, List<PageTimes> times)
      throws IOException, InterruptedException {
    for (var way : times) {
      way.warm(path, WARMING);
    }
    for (var round = 0; round < rounds; round++) {
      for (var way : times) {
        way.measure(path);
      }
    }
  }

  /** A few are enough where each takes seconds. */
  private double viewable(String path, PageWay way) throws IOException, InterruptedException {
    var times = new PageTimes("", way);
    for (var round = 0; round < Math.ceilDiv(rounds, ROUNDS_A_WAIT); round++) {
      times.measure(path);
    }
    return times.viewable();
  }

  private static PageRow row(int objects, PageTimes took, double tor, double gridWait) {
    var ratio = took.viewable() / tor;
    var isBrowser = took.name().startsWith(BROWSER);
    return new PageRow(
        objects == 1 ? "1 object" : objects + " objects",
        took.name(),
        took.firstByte(),
        took.viewable(),
        took.end(),
        objects * PageSite.OBJECT_KIB / (took.viewable() / 1000),
        isBrowser ? OptionalDouble.of(gridWait) : OptionalDouble.empty(),
        ratio,
        isBrowser ? asked(objects, ratio) : "");
  }

  private static String asked(int objects, double ratio) {
    return objects == 1
        ? "at most 1.30: " + (ratio <= 1.3 ? "met" : "not met")
        : "less than 1: " + (ratio < 1 ? "met" : "not met");
  }

  private void print() throws IOException {
    System.out.printf("%s; each page %d times each way%n%n", Machine.describe(), rounds);
    System.out.println(PageRow.HEAD);
    rows.forEach(System.out::println);
  }
}
