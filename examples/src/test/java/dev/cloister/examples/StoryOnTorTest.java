package dev.cloister.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cloister.core.testing.RequiresProgram;
import dev.cloister.tor.control.Setting;
import dev.cloister.tor.control.TemporarySettings;
import dev.cloister.tor.control.TorControl;
import dev.cloister.tor.testing.PrivateTor;
import dev.cloister.tor.testing.PrivateTorNetwork;
import dev.cloister.tor.testing.TorNode;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * The programs alone, each a process, on a network of tor: a node as an onion service, which keeps
 * pages; a node behind its own relay, which fetches them; and a client.
 */
@RequiresProgram(
    value = {"python3", "strace", "nft"},
    root = true)
@Timeout(300)
final class StoryOnTorTest {
  /** A relay builds the circuits of its own services through others, three of which are too few. */
  @RegisterExtension
  static final PrivateTor TOR = PrivateTor.of(PrivateTorNetwork.shape().relays(6)).forOneClass();

  private static final long SEED = 20_261_122;
  private static final Pattern CONNECTED_TO =
      Pattern.compile("sin6?_port=htons\\(([0-9]+)\\).*\"(?:::ffff:)?([0-9a-f.:]+)\"");

  /** What was seen while the site was asked, by whoever asked it. */
  private record Seen(long visitor, Connections connections) {}

  private final ConcurrentLinkedQueue<Seen> seen = new ConcurrentLinkedQueue<>();
  private final String word = Canary.token(new Random(SEED));
  private TorNode client;

  @TempDir private Path directory;

  private void see(InetSocketAddress visitor) {
    try {
      var connections = Connections.now();
      seen.add(new Seen(connections.ownerOf(visitor), connections));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @BeforeEach
  void knowTheClient(PrivateTorNetwork network) {
    client = network.client();
  }

  @Test
  void aPageGoesFromASiteToItsReaderAndNoNodeKnowsBoth(PrivateTorNetwork network) throws Exception {
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
    var relays = network.relaysButGuardsOf(client);
    var keepers = relays.getFirst();
    var fetchers = relays.getLast();
    try (var site = Site.publish(word, StoryOfTwoNodes.OBJECTS, this::see);
        var keepersControl = keepers.control();
        var fetchersControl = fetchers.control();
        // By which the second node's functions reach those of the first.
        var _ =
            TemporarySettings.apply(
                fetchersControl, new Setting("SocksPort", "auto ExtendedErrors"))) {
      var before = options(keepersControl, fetchersControl);
      tell(site, keepers, fetchers);
      assertThat(options(keepersControl, fetchersControl)).isEqualTo(before);
    }
  }

  private static List<String> options(TorControl... relays) throws IOException {
    var options = new ArrayList<String>();
    for (var relay : relays) {
      options.add(relay.getInfo("config-text"));
      options.add(relay.getInfo("exit-policy/full"));
    }
    return options;
  }

  private static String control(TorNode node) {
    return "--control=" + node.controlAddress().getPort();
  }

  private void tell(Site site, TorNode keepers, TorNode fetchers) throws Exception {
    var policy = directory.resolve("policy.yaml");
    Files.write(policy, NodePapers.policyToFetchFrom(site.address()).document().bytes());
    try (var keeper =
            new NodeProgram(directory.resolve("keeper"), control(keepers), "--reach=onion");
        var fetcher =
            new NodeProgram(
                directory.resolve("fetcher"),
                control(fetchers),
                "--reach=exit",
                "--policy=" + policy)) {
      assertThat(keeper.address()).startsWith("onion:");
      assertThat(fetcher.address()).startsWith("exit:" + fetchers.fingerprint().hex());
      assertThat(fetcher.said()).content().contains("set until the end: ExitPolicy: ");
      var nodes = List.of(keeper.address(), fetcher.address());
      var story = new StoryOfTwoNodes(this::client, directory, nodes, site.url());
      story.aPageIsFetched();
      story.aPageIsStored();
      assertThat(keeper.traces()).isNotEmpty();
      assertThat(fetcher.traces()).isNotEmpty();
      whoTalkedWithWhom(keeper, keepers, fetcher, fetchers);
      knowsNothingOfTheSite(site, keeper, keepers);
      story.thePageIsFetchedLater();
      story.bothAreShutDown();
      for (var node : List.of(keeper, fetcher)) {
        assertThat(node.end()).as("%s", node.said()).isZero();
        assertThat(node.traces()).isEmpty();
        assertThat(node.files()).allMatch(file -> file.toString().matches(".*/std(out|err)"));
      }
      knowsNothingOfTheSite(site, keeper, keepers);
    }
  }

  /** Runs the client's program, and looks at each address that it goes to. */
  private Run client(String... arguments) throws IOException, InterruptedException {
    var trace = directory.resolve("trace");
    var all = new ArrayList<>(List.of(arguments));
    all.add("--socks=" + client.socksAddress().getPort());
    all.add(control(client));
    var command = new ArrayList<>(List.of("strace", "-f", "-qq", "--seccomp-bpf"));
    command.addAll(List.of("-e", "trace=connect,sendto,sendmsg,sendmmsg", "-o", trace.toString()));
    command.addAll(JavaChild.onModulePath(JavaChild.FLAGS, "Client", all.toArray(String[]::new)));
    var run = JavaChild.run(command, directory);
    assertThat(Files.readAllLines(trace))
        .filteredOn(line -> line.contains("sa_family=AF_INET"))
        .isNotEmpty()
        .allSatisfy(line -> {
          var to = CONNECTED_TO.matcher(line);
          assertThat(to.find()).as(line).isTrue();
          assertThat(to.group(2)).as(line).isEqualTo("127.0.0.1");
          assertThat(Integer.parseInt(to.group(1)))
              .as(line)
              .isIn(client.socksAddress().getPort(), client.controlAddress().getPort());
        });
    return run;
  }

  /**
   * The site was asked by the second node alone; and each node had connections with nobody but its
   * relay, and the second with the site, while neither relay had any with the client's tor.
   */
  private void whoTalkedWithWhom(
      NodeProgram keeper, TorNode keepers, NodeProgram fetcher, TorNode fetchers) {
    var test = ProcessHandle.current().pid();
    assertThat(seen).hasSize(2 * StoryOfTwoNodes.OBJECTS);
    for (var each : seen) {
      assertThat(each.visitor()).isEqualTo(fetcher.pid());
      var connections = each.connections();
      assertThat(connections.peersOf(keeper.pid())).isSubsetOf(keepers.pid());
      assertThat(connections.peersOf(fetcher.pid()))
          .contains(test)
          .isSubsetOf(test, fetchers.pid());
      assertThat(connections.peersOf(client.pid())).isNotEmpty();
      for (var relay : List.of(keepers, fetchers)) {
        assertThat(connections.peersOf(relay.pid())).isNotEmpty().doesNotContain(client.pid());
      }
    }
  }

  /** All that it wrote and its relay logged, with what it keeps for the client lying there. */
  private void knowsNothingOfTheSite(Site site, NodeProgram keeper, TorNode keepers)
      throws IOException {
    var search =
        CanarySearch.forAll(
            List.of(
                Canary.text("the site's name", word),
                Canary.text("the site's address", site.address())));
    assertThat(search.in(List.of(directory.resolve("page")))).isNotEmpty();
    var files =
        Stream.concat(keeper.files().stream(), Stream.of(keepers.log(), keepers.torrc())).toList();
    assertThat(search.in(files)).isEmpty();
  }
}
