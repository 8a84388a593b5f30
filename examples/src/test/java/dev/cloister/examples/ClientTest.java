package dev.cloister.examples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cloister.core.Description;
import dev.cloister.core.TimeSource;
import dev.cloister.core.policy.NodePolicy;
import dev.cloister.core.testing.RequiresProgram;
import dev.cloister.sandbox.image.ImageCatalog;
import dev.cloister.sandbox.runtime.process.ProcessRuntime;
import dev.cloister.tor.node.BentoNodePlan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A client and two nodes on this host, the first of which gives less. */
@RequiresProgram("python3")
@Timeout(120)
final class ClientTest {
  private static final String SHOUT =
      """
      import cell
      while (heard := cell.receive(60)) is not None:
          cell.send(heard.upper() + cell.store.get("data"))
      """;

  private final List<ServedNode> nodes = new ArrayList<>();
  private Scratch scratch;
  private ImageCatalog images;
  private ProcessRuntime runtime;
  private ClientWays ways;

  @TempDir private Path directory;

  @BeforeEach
  void serve() throws Exception {
    ways = ClientWays.of(null, null);
    scratch = Scratch.create();
    images = scratch.shippedImages();
    runtime = ProcessRuntime.open(Thread.ofPlatform().factory(), TimeSource.system());
    serve(NodePolicy.parse("less", "version: 1\nimages: [python]\napi: [receive]\n"));
    serve(NodePapers.policy());
    file("code", SHOUT);
    file("data", "!");
    file("manifest", manifest("receive, send, store"));
  }

  private void serve(NodePolicy policy) throws IOException {
    var own = scratch.directory().resolve("cells" + nodes.size());
    nodes.add(
        ServedNode.open(
            policy, images, List.of(runtime), own, ways.callees(), BentoNodePlan::onLoopback));
  }

  private static String manifest(String api) {
    return "name: shout\ncodeDigest: %s\nimage: python\napi: [%s]\n"
        .formatted(Description.sha256Hex(SHOUT.getBytes(UTF_8)), api);
  }

  @AfterEach
  void end() throws IOException {
    for (var node : nodes) {
      node.close();
    }
    runtime.close();
    ways.close();
    images.close();
    scratch.close();
  }

  private Path file(String name, String content) throws IOException {
    return Files.writeString(directory.resolve(name), content);
  }

  /** Runs a client; a word that begins with @ is a file, and # a node's address. */
  private Run client(String options) {
    var arguments = new ArrayList<String>();
    for (var option : options.split(" ", -1)) {
      arguments.add(
          option
              .replace("@", directory + "/")
              .replace("#1", nodes.getFirst().node().address().text())
              .replace("#2", nodes.getLast().node().address().text()));
    }
    return Run.of(new Client(), arguments.toArray(String[]::new));
  }

  @Test
  void theFirstNodeWhosePolicyFitsRunsTheFunction() {
    var run = client("--node #1 #2 --manifest=@manifest --code=@code --data=@data --send=hello");
    assertThat(run.exit()).as(run.err()).isZero();
    assertThat(run.out()).isEqualTo("HELLO!");
    assertThat(run.err())
        .contains(nodes.getFirst().node().address() + ": it does not fit", "api send")
        .contains(nodes.getLast().node().address() + ": it gives all")
        .contains("started: ", "loaded: ")
        .contains("{\"reason\":\"exited\",\"exitCode\":0,");
  }

  @Test
  void nothingIsStartedWhenNoPolicyFits() throws IOException {
    file("manifest", manifest("receive, send, fetch"));
    var run = client("--node #1 #2 --manifest=@manifest --code=@code");
    assertThat(run.exit()).isEqualTo(1);
    assertThat(run.out()).isEmpty();
    assertThat(run.err()).contains("api fetch").doesNotContain("started");
  }

  @ParameterizedTest
  @CsvSource({"#1, 1", "#2, 0"})
  void aPolicyCanBeAskedForAlone(String node, int exit) {
    var run = client("--node=" + node + " --manifest=@manifest --policy-only");
    assertThat(run.exit()).isEqualTo(exit);
    assertThat(run.err()).contains("policy of ").doesNotContain("started");
  }

  @Test
  void aFunctionThatWasKeptGoesOnUntilItIsShutDown() throws IOException {
    var kept =
        client("--node=#2 --manifest=@manifest --code=@code --data=@data --keep=@grant --send=one");
    assertThat(kept.exit()).as(kept.err()).isZero();
    assertThat(kept.out()).isEqualTo("ONE!");
    var grant = directory.resolve("grant");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(grant)))
        .isEqualTo("rw-------");
    assertThat(client("--grant=@grant --send=two").out()).isEqualTo("TWO!");
    var toFile = client("--grant=@grant --send=three --out=@output");
    assertThat(toFile.out()).isEmpty();
    assertThat(directory.resolve("output")).hasContent("THREE!");
    assertThat(client("--grant=@grant --shutdown").exit()).isZero();
    var late = client("--grant=@grant --send=four");
    assertThat(late.exit()).isEqualTo(1);
    assertThat(late.errLines()).singleElement().asString().contains("token");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--manifest=@manifest | --node is needed",
        "--node=127.0.0.1:80 --manifest=@manifest --code=@code | must be onion:",
        "--node=#2 --manifest=@nowhere --code=@code | there is no such file",
        "--node=#2 --socks=0 --manifest=@manifest --code=@code | --socks 0: allowed are",
        "--node=#2 --socks=1 --manifest=@manifest --code=@code | makes no direct connection",
        "--grant=@code | needed there",
        "--grant=@code --into=@code | --grant goes on with a function that runs",
        "--grant=@code --node=#2 | --grant goes on with a function that runs",
        "--node=#2 --manifest=@manifest --code=@code --shutdown | --shutdown ends the function of"
      })
  void whatCannotBeWorkedWithIsOneLine(String options, String line) {
    var run = client(options);
    assertThat(run.exit()).as(run.err()).isEqualTo(2);
    assertThat(run.errLines()).singleElement().asString().contains(line);
  }

  @Test
  void aNodeWithAnotherKeyIsToldNothing() {
    var mixed =
        nodes.getLast().node().address().reach()
            + "/"
            + nodes.getFirst().node().address().pin().hex();
    var run = client("--node=" + mixed + " --manifest=@manifest --code=@code");
    assertThat(run.exit()).isEqualTo(1);
    assertThat(run.errLines()).singleElement().asString().contains("allowed is");
  }
}
