package dev.cloister.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cloister.core.TimeSource;
import dev.cloister.core.policy.NodePolicy;
import dev.cloister.core.testing.RequiresProgram;
import dev.cloister.sandbox.image.ImageCatalog;
import dev.cloister.sandbox.runtime.process.ProcessRuntime;
import dev.cloister.tor.node.BentoNodePlan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The functions that ship, on two nodes of this host, the second of which reaches a site. */
@RequiresProgram("python3")
@Timeout(120)
final class ClientFunctionsTest {
  private final List<ServedNode> nodes = new ArrayList<>();
  private Site site;
  private Scratch scratch;
  private ImageCatalog images;
  private ProcessRuntime runtime;
  private ClientWays ways;

  @TempDir private Path directory;

  @BeforeEach
  void serve() throws Exception {
    site = Site.publish("thirty", StoryOfTwoNodes.OBJECTS, _ -> {});
    scratch = Scratch.create();
    images = scratch.shippedImages();
    runtime = ProcessRuntime.open(Thread.ofPlatform().factory(), TimeSource.system());
    ways = ClientWays.of(null, null);
    serve(NodePapers.policy());
    serve(NodePapers.policyToFetchFrom(site.address()));
  }

  private void serve(NodePolicy policy) throws IOException {
    var own = scratch.directory().resolve("cells" + nodes.size());
    nodes.add(
        ServedNode.open(
            policy, images, List.of(runtime), own, ways.callees(), BentoNodePlan::onLoopback));
  }

  @AfterEach
  void end() throws IOException {
    site.close();
    for (var node : nodes) {
      node.close();
    }
    runtime.close();
    images.close();
    ways.close();
    scratch.close();
  }

  /** Runs a client; @ stands for the directory, #1 and #2 for the nodes. */
  private Run client(String options) {
    return Run.of(
        new Client(),
        Stream.of(options.split(" ", -1))
            .map(option ->
                option
                    .replace("@", directory + "/")
                    .replace("#1", nodes.getFirst().node().address().text())
                    .replace("#2", nodes.getLast().node().address().text()))
            .toArray(String[]::new));
  }

  @Test
  void aPageGoesFromOneNodeToAnotherAndIsFetchedLaterUntilItIsShutDown() throws Exception {
    var addresses = nodes.stream().map(node -> node.node().address().text()).toList();
    var story =
        new StoryOfTwoNodes(
            arguments -> Run.of(new Client(), arguments), directory, addresses, site.url());
    story.aPageIsFetched();
    story.aPageIsStored();
    story.thePageIsFetchedLater();
    story.bothAreShutDown();
  }

  @Test
  void whatIsPutComesBackAndTheSecondPutIsRefused() {
    var kept = client("--node=#1 --function=dropbox --send=secret --keep=@box");
    assertThat(kept.exit()).as(kept.err()).isZero();
    assertThat(client("--grant=@box").out()).isEqualTo("secret");
    assertThat(client("--grant=@box --send=other").exit()).isEqualTo(1);
    assertThat(client("--grant=@box").out()).isEqualTo("secret");
  }

  @Test
  void aPageThatThePolicyKeepsFromIsToldAndFails() {
    var run = client("--node=#2 --function=browser --send=http://127.0.0.2:1/");
    assertThat(run.exit()).isEqualTo(1);
    assertThat(run.out()).isEmpty();
    assertThat(run.err()).contains("REFUSED");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--node=#2 --function=browser --code=@manifest | --node is needed",
        "--node=#2 --function=browser --manifest=@manifest | codeDigest",
        "--node=#2 --function=browser --send=nowhere | --send: URL \"nowhere\": allowed is http",
      })
  void whatDoesNotFitTogetherIsOneClearError(String options, String told) throws IOException {
    Files.writeString(
        directory.resolve("manifest"),
        "name: browser\ncodeDigest: %s\nimage: python\n".formatted("0".repeat(64)));
    var run = client(options);
    assertThat(run.exit()).isEqualTo(2);
    assertThat(run.errLines()).singleElement().asString().contains(told);
  }
}
