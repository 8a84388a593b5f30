package dev.cloister.examples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cloister.core.TimeSource;
import dev.cloister.core.testing.RequiresProgram;
import dev.cloister.sandbox.session.CellClient;
import dev.cloister.tor.NodeAddress;
import dev.cloister.tor.client.BentoClient;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A node, driven as a script would drive it that knows only the page of commands. */
@Timeout(300)
final class NodeTest {
  @TempDir private Path directory;

  @Test
  @RequiresProgram("python3")
  void aloneItTellsTheWholeStory() {
    var run = Run.of(new Node());
    assertThat(run.exit()).as(run.err()).isZero();
    assertThat(run.out()).containsPattern("a node is served at loopback:\\d+/[0-9a-f]{64}");
    isTheWholeStory(run.out());
  }

  @Test
  @RequiresProgram({"python3", "tor", "tor-gencert"})
  void onAPrivateNetworkItTellsTheStoryInBothWays() {
    var run = Run.of(new Node(), "--tor");
    assertThat(run.exit()).as(run.err()).isZero();
    assertThat(run.out())
        .containsPattern("a node is served at onion:[a-z2-7]{56}\\.onion:443/[0-9a-f]{64}")
        .containsPattern("a node is served at exit:[0-9A-F]{40}:\\d+/[0-9a-f]{64}")
        .containsPattern("its relay's option is set, ExitPolicy: .*accept 127\\.0\\.0\\.1:");
    isTheWholeStory(run.out());
  }

  private static void isTheWholeStory(String told) {
    assertThat(told)
        .contains("by the runtime process, against", "which falls to")
        .containsSubsequence(
            "for Browser",
            ": it does not fit",
            "api fetch",
            ": it gives all that the function needs",
            "loaded: ",
            "status 200, text/html;charset=utf-8, of 8 objects",
            "it is here before its padding",
            "with its padding: 262",
            "it is one document of ",
            "for Dropbox",
            ": it gives all that the function needs",
            "from node to node, past the client",
            "of 8 objects",
            "Browser has used ",
            "it is shut down, and nothing of it is left",
            "whoever asks for it now: it is refused, by token",
            "a right to read it once",
            "of 8 objects",
            "a second time it is refused, by dropbox",
            "Dropbox has used ",
            "whoever asks for it now: it is refused, by token");
    assertThat(told)
        .containsPattern("Browser has used \\d\\.\\d+ s of a processor, [0-9,]+ bytes of memory");
  }

  @Test
  void withoutARuntimeForPythonItTellsWithAFunctionWithinItsProcess() throws Exception {
    var told = new ByteArrayOutputStream();
    StoryPlaces.onLoopback(new PrintStream(told, true, UTF_8), List.of(Node.wasm()));
    assertThat(told.toString(UTF_8))
        .containsSubsequence(
            "for Browser",
            ": it does not fit",
            "functions in Python do not run there",
            "Dropbox is in JavaScript, within the node's own process",
            "it gives out: hello, stranger",
            "a second time it is refused, by dropbox",
            "Dropbox has used ",
            "whoever asks for it now: it is refused, by token");
  }

  @Test
  void servingItHasItsAddressInAFileAndEndsWhenThatIsRemoved() throws Exception {
    var file = directory.resolve("out").resolve("address");
    try (var executor = Executors.newVirtualThreadPerTaskExecutor()) {
      var run = executor.submit(() -> Run.of(new Node(), "--serve", "--out=" + file.getParent()));
      while (!Files.exists(file) && !run.isDone()) {
        TimeUnit.MILLISECONDS.sleep(20);
      }
      var address = NodeAddress.parse(Files.readString(file).strip());
      var dialer = BentoClient.onLoopback(TimeSource.system()).dialer(address);
      assertThat(CellClient.over(dialer, address.text()).policy().images()).contains("python");
      Files.delete(file);
      assertThat(run.get().exit()).isZero();
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--serve | --out is missing",
        "--serve --out=DIR --reach=onion | --reach onion: needs --control",
        "--serve --out=DIR --control=0 | --control 0: allowed are 1 to 65535",
        "--serve --out=DIR --control=1 | --control 1: ",
        "--serve --out=DIR --policy=nowhere | --policy nowhere: there is no such file",
        "--serve --out=DIR --reach=moon | Invalid value for option '--reach'"
      })
  void whatCannotBeWorkedWithIsOneLine(String options, String line) {
    var arguments = options.replace("DIR", directory.toString()).split(" ", -1);
    var run = Run.of(new Node(), arguments);
    assertThat(run.exit()).as(run.err()).isEqualTo(2);
    assertThat(run.errLines()).singleElement().asString().contains(line);
    assertThat(directory.resolve("address")).doesNotExist();
  }
}
