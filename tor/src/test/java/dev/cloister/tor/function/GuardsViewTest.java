package dev.cloister.tor.function;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cloister.core.TimeSource;
import dev.cloister.core.key.SecretMemory;
import dev.cloister.core.policy.NetworkPolicy;
import dev.cloister.core.testing.RequiresProgram;
import dev.cloister.crypto.identity.TransportIdentity;
import dev.cloister.sandbox.session.CellClient;
import dev.cloister.sandbox.session.CellServer;
import dev.cloister.sandbox.session.RemoteCell;
import dev.cloister.tor.NodeAddress;
import dev.cloister.tor.client.BentoClient;
import dev.cloister.tor.control.TorControl;
import dev.cloister.tor.node.BentoNode;
import dev.cloister.tor.socks.SocksClient;
import dev.cloister.tor.testing.PrivateTor;
import dev.cloister.tor.testing.PrivateTorNetwork;
import dev.cloister.tor.testing.TorNode;
import dev.cloister.tor.testing.TorRole;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.ToLongFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * What the guard of a Browser's client sees of a download: how many bytes went each way on its
 * circuits, and when the first came. Each page is fetched 4 times unless {@code
 * -Dcloister.fetches=N} says more.
 */
@RequiresProgram(
    value = {"python3", "tor"},
    root = true)
@Timeout(300)
final class GuardsViewTest {
  /** Each fetches one page after the other, beside the other clients. */
  private static final int CLIENTS = 4;

  @RegisterExtension
  static final PrivateTor TOR =
      PrivateTor.of(
              PrivateTorNetwork.shape()
                  .relays(5)
                  .clients(CLIENTS)
                  .option("ConfluxEnabled 0")
                  .option(TorRole.CLIENT, "ConnectionPadding 0"))
          .forOneClass();

  private static final int FETCHES = Integer.getInteger("cloister.fetches", 4);
  private static final Duration LONG = Duration.ofSeconds(60);
  private static final Duration GRID = Duration.ofSeconds(4);
  private static final SizeBuckets BUCKET = SizeBuckets.of(256 << 10);
  private static final double APART_MOST = 0.01;

  /** What a relay cell counts in CIRC_BW. */
  private static final int CELL_BYTES = 509;

  private static final int CELLS_APART_MOST = 3;
  private static final int OBJECTS = 30;
  private static final String ONE = "/one";
  private static final String THIRTY = "/thirty";

  private final Site site;
  private final SecretMemory memory = SecretMemory.onHeap(256);
  private final TransportIdentity identity = TransportIdentity.bornIn(memory);
  private final ExecutorService tasks = Executors.newVirtualThreadPerTaskExecutor();
  private final List<AutoCloseable> opened = new ArrayList<>();
  private NodeAddress address;

  @TempDir private Path directory;

  GuardsViewTest() throws IOException {
    site = new Site();
  }

  /** What was seen of one fetch. */
  private record Seen(String path, long down, long up, long slot) {}

  @BeforeEach
  void serve(PrivateTorNetwork network) throws IOException {
    publish();
    var world = new FunctionWorld(directory, FunctionWorld.Tier.PROCESS, accepted());
    opened.add(world);
    var server = CellServer.over(world.host);
    opened.add(server);
    var relay = network.nodes(TorRole.RELAY).getFirst().control();
    opened.add(relay);
    var node = BentoNode.serving(server::serve, identity).asOnionService(relay, LONG).open();
    opened.add(node);
    address = node.address();
    tasks.execute(() -> node.serve(tasks));
  }

  @AfterEach
  void close() throws Exception {
    for (var closing : opened.reversed()) {
      closing.close();
    }
    tasks.shutdown();
    site.close();
    memory.close();
  }

  private String accepted() {
    return "accept 127.0.0.1:" + site.port();
  }

  /** A short page of one object, and one of 30 that takes most of the bucket. */
  private void publish() {
    site.html(ONE, "a short page");
    var random = new Random(7);
    var body = new StringBuilder();
    for (var i = 1; i < OBJECTS; i++) {
      var image = new byte[5_000];
      random.nextBytes(image);
      site.page("/" + i, "image/png", image);
      body.append("<img src=/%d>".formatted(i));
    }
    site.html(THIRTY, body.toString());
  }

  @Test
  void twoPagesOfOneBucketLookTheSame(PrivateTorNetwork network) throws Exception {
    var fetching = new ArrayList<Future<List<Seen>>>();
    for (var client : network.nodes(TorRole.CLIENT)) {
      fetching.add(tasks.submit(() -> fetches(client)));
    }
    var seen = new ArrayList<Seen>();
    for (var fetches : fetching) {
      seen.addAll(fetches.get());
    }
    assertThat(seen).as("fetches").hasSize(2 * FETCHES);
    assertThat(apart(seen, Seen::down))
        .as("bytes down: %s", seen)
        .isLessThanOrEqualTo((long) (most(seen, Seen::down) * APART_MOST));
    assertThat(apart(seen, Seen::up))
        .as("bytes up: %s", seen)
        .isLessThanOrEqualTo(
            Math.max((long) (most(seen, Seen::up) * APART_MOST), CELLS_APART_MOST * CELL_BYTES));
    assertThat(apart(seen, Seen::slot)).as("slots: %s", seen).isZero();
  }

  /** By the same count, so that it says something where it finds nothing. */
  @Test
  void withoutPaddingTheyAreToldApart(PrivateTorNetwork network) throws Exception {
    try (var guard = new GuardsView(network.client())) {
      var one = guard.fetched(ONE, SizeBuckets.none());
      var thirty = guard.fetched(THIRTY, SizeBuckets.none());
      assertThat(thirty.down).isGreaterThan(2 * one.down);
    }
  }

  private static long most(List<Seen> seen, ToLongFunction<Seen> of) {
    return seen.stream().mapToLong(of).max().orElseThrow();
  }

  /**
   * Tells how far the two pages are apart: each fetch of one is held against that of the other
   * which has the same place among its like. One in ten at either end is left out: where a client's
   * writes come late or together, tor sends a few cells more or less of its own, whatever the page,
   * and a machine that is busy with other things may be late for a slot.
   */
  private static long apart(List<Seen> seen, ToLongFunction<Seen> of) {
    var one = sorted(seen, ONE, of);
    var thirty = sorted(seen, THIRTY, of);
    var leftOut = one.length / 10;
    return IntStream.range(leftOut, one.length - leftOut)
        .mapToLong(i -> Math.abs(one[i] - thirty[i]))
        .max()
        .orElseThrow();
  }

  private static long[] sorted(List<Seen> seen, String path, ToLongFunction<Seen> of) {
    return seen.stream().filter(each -> each.path.equals(path)).mapToLong(of).sorted().toArray();
  }

  /** One client's part of the fetches of both pages. */
  private List<Seen> fetches(TorNode client) throws IOException {
    var seen = new ArrayList<Seen>();
    try (var guard = new GuardsView(client)) {
      for (var i = 0; i < Math.ceilDiv(FETCHES, CLIENTS); i++) {
        seen.add(guard.fetched(ONE, BUCKET));
        seen.add(guard.fetched(THIRTY, BUCKET));
      }
    }
    return seen;
  }

  /** A client with a Browser that is loaded, and what its guard sees. */
  private final class GuardsView implements AutoCloseable {
    private final TorControl control;
    private final CircuitBytes circuits;
    private final RemoteCell cell;

    GuardsView(TorNode client) throws IOException {
      control = client.control();
      circuits = new CircuitBytes(control);
      var socks = SocksClient.through(client.socksAddress(), TimeSource.system());
      var dialer = BentoClient.through(socks, TimeSource.system()).dialer(address);
      var network = NetworkPolicy.parse("network", List.of(accepted()));
      cell = CellClient.over(dialer, "node").admit(Browser.manifest("python", network)).start();
      cell.load(Browser.code(), new byte[0]);
    }

    /** Fetches a page over circuits of its own. */
    Seen fetched(String path, SizeBuckets buckets) throws IOException {
      circuits.begin();
      var request = PageRequest.of(site.at(path)).buckets(buckets).grid(GRID);
      var asked = System.nanoTime();
      var download = Browser.over(RemoteFunction.in(cell)).open(request);
      assertThat(download.page(LONG).status()).isEqualTo(200);
      var slot = (System.nanoTime() - asked) / GRID.toNanos();
      download.awaitEnd(LONG);
      var bytes = circuits.end();
      assertThat(circuits.circuitsUsed()).isEqualTo(2);
      cell.detach();
      return new Seen(path, bytes.down(), bytes.up(), slot);
    }

    @Override
    public void close() throws IOException {
      cell.shutdown();
      cell.close();
      circuits.close();
      control.close();
    }
  }
}
