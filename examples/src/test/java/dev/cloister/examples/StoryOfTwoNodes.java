package dev.cloister.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * What the commands of a client do with two nodes, the first of which keeps what it is given, and
 * the second of which reaches a site too; wherever the nodes are, and whatever runs the commands.
 */
final class StoryOfTwoNodes {
  /** The page, and what it shows. */
  static final int OBJECTS = 30;

  private final Command client;
  private final Path directory;
  private final List<String> nodes;
  private final String url;

  /** Runs the client's program. */
  @FunctionalInterface
  interface Command {
    Run run(String... arguments) throws IOException, InterruptedException;
  }

  StoryOfTwoNodes(Command client, Path directory, List<String> nodes, String url) {
    this.client = client;
    this.directory = directory;
    this.nodes = nodes;
    this.url = url;
  }

  private String file(String name) {
    return directory.resolve(name).toString();
  }

  /** What a client that ran well said of its steps. */
  private String steps(String... arguments) throws IOException, InterruptedException {
    var run = client.run(arguments);
    assertThat(run.exit()).as(run.err()).isZero();
    assertThat(run.out()).isEmpty();
    return run.err();
  }

  private void isThePage(String file) {
    assertThat(directory.resolve(file))
        .content()
        .contains("here is ", "data:text/css")
        .doesNotContain("href=\"1.css\"");
  }

  /** The first node is asked, does not fit, and gets nothing. */
  private void isOfTheSecondNode(String steps) {
    assertThat(steps)
        .contains("policy of " + nodes.getFirst() + ": it does not fit", "api fetch")
        .contains("policy of " + nodes.getLast() + ": it gives all that the function needs")
        .contains("status 200, ", "of " + OBJECTS + " objects", "with its padding: ");
  }

  void aPageIsFetched() throws IOException, InterruptedException {
    isOfTheSecondNode(
        steps(
            "--node",
            nodes.getFirst(),
            nodes.getLast(),
            "--function=browser",
            "--send=" + url,
            "--out=" + file("page")));
    isThePage("page");
  }

  /** Both functions are left running. */
  void aPageIsStored() throws IOException, InterruptedException {
    assertThat(
            steps(
                "--node",
                nodes.getFirst(),
                nodes.getLast(),
                "--function=dropbox",
                "--keep=" + file("box")))
        .contains("policy of " + nodes.getFirst() + ": it gives all")
        .doesNotContain(nodes.getLast());
    isOfTheSecondNode(
        steps(
            "--node",
            nodes.getFirst(),
            nodes.getLast(),
            "--function=browser",
            "--into=" + file("box"),
            "--send=" + url,
            "--keep=" + file("browser")));
  }

  void thePageIsFetchedLater() throws IOException, InterruptedException {
    assertThat(steps("--grant=" + file("box"), "--out=" + file("later")))
        .contains("of " + OBJECTS + " objects");
    isThePage("later");
  }

  void bothAreShutDown() throws IOException, InterruptedException {
    for (var grant : List.of("box", "browser")) {
      assertThat(steps("--grant=" + file(grant), "--shutdown")).contains("shut down");
      var late = client.run("--grant=" + file(grant), "--send=" + url);
      assertThat(late.exit()).as(late.err()).isEqualTo(1);
      assertThat(late.errLines())
          .singleElement()
          .asString()
          .containsAnyOf("not good for that", "nothing here for this grant now");
    }
  }
}
