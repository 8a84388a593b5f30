package dev.cloister.examples;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.cloister.core.Denied;
import dev.cloister.examples.Example.BadRequest;
import dev.cloister.sandbox.session.CellClient;
import dev.cloister.sandbox.session.RemoteCell;
import dev.cloister.tor.function.Dropbox;
import dev.cloister.tor.function.RemoteFunction;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** What a client does with two nodes, told as it happens; what it asserts, it checks. */
final class NodeStory {
  private static final Duration LONG = Duration.ofMinutes(2);
  private static final long TEXT_BYTES = 1 << 10;

  private final PrintStream out;
  private final ClientWays ways;
  private final List<ServedNode> served;
  private final List<CellClient> nodes;
  private final Optional<String> url;

  private NodeStory(
      PrintStream out,
      ClientWays ways,
      List<ServedNode> served,
      List<CellClient> nodes,
      String url) {
    this.out = out;
    this.ways = ways;
    this.served = served;
    this.nodes = nodes;
    this.url = Optional.of(url);
  }

  /**
   * Tells it.
   *
   * @param keeper a node that gives functions no way out
   * @param fetcher a node whose functions reach the page, and functions of the other
   * @param url the page's
   */
  static void tell(
      PrintStream out, ClientWays ways, ServedNode keeper, ServedNode fetcher, String url)
      throws BadRequest, IOException {
    var nodes = List.of(ways.to(address(keeper)), ways.to(address(fetcher)));
    new NodeStory(out, ways, List.of(keeper, fetcher), nodes, url).tell();
  }

  private static String address(ServedNode served) {
    return served.node().address().text();
  }

  /** Something that is done with a function. */
  @FunctionalInterface
  private interface Step {
    void with(RemoteCell function) throws IOException;
  }

  /** Where functions in Python do not run, there is no Browser, and the rest is told. */
  private void tell() throws BadRequest, IOException {
    introduce();
    var browser = browser();
    if (browser.isEmpty()) {
      keep(
          _ -> Dropbox.manifestInJavaScript("javascript", TEXT_BYTES),
          Dropbox.codeInJavaScript(),
          NodeStory::putText,
          this::takeText);
      return;
    }
    try (var function = browser.get()) {
      fetch(function);
      keep(
          node -> ShippedFunction.dropbox.manifest(node.policy(), false),
          ShippedFunction.dropbox.code(),
          box -> store(function, box),
          this::takePage);
    }
  }

  private void introduce() {
    for (var node : served) {
      say("a node is served at " + address(node));
      node.node().settings().forEach(line -> more("its relay's option is set, " + line));
    }
    for (var label : served.getFirst().host().labels()) {
      say("both run functions by the runtime " + label.name() + ", against");
      label.withstands().forEach(this::more);
      say("  which falls to");
      label.fallsTo().forEach(line -> more("  " + line));
      label.lacks().forEach(line -> more("this host lacks for it: " + line));
    }
  }

  private Optional<RemoteCell> browser() throws IOException {
    say("the client looks for a node for Browser, which fetches pages:");
    try {
      return Optional.of(
          started(
              node -> ShippedFunction.browser.manifest(node.policy(), true),
              ShippedFunction.browser.code(),
              ShippedFunction.browser.data()));
    } catch (Denied | IOException e) {
      say("functions in Python do not run there (" + e.getMessage() + "):");
      say("so Browser is left out, and Dropbox is in JavaScript, within the node's own process");
      return Optional.empty();
    }
  }

  private RemoteCell started(ClientSteps.Needs needs, byte[] code, byte[] data) throws IOException {
    var admitted = ClientSteps.admitted(nodes, needs, this::more).orElseThrow();
    return ClientSteps.started(admitted, code, data, this::more);
  }

  private void fetch(RemoteCell browser) throws IOException {
    say("it fetches a page with all that this shows:");
    var page = new ByteArrayOutputStream();
    check(ShippedFunction.browser.talk(browser, url, Optional.empty(), page, this::more));
    more("it is one document of %,d bytes".formatted(page.size()));
  }

  private void keep(ClientSteps.Needs needs, byte[] code, Step filling, Step reading)
      throws BadRequest, IOException {
    say("the client looks for a node for Dropbox, which keeps what it is given:");
    try (var box = started(needs, code, ShippedFunction.dropbox.data())) {
      filling.with(box);
      readLater(box, reading);
      end("Dropbox", box);
    }
  }

  private void store(RemoteCell browser, RemoteCell box) throws IOException {
    say("the page goes from node to node, past the client, by a right to put it there:");
    var nothing = new ByteArrayOutputStream();
    check(ShippedFunction.browser.store(browser, url, box, nothing, this::more));
    check(nothing.size() == 0);
    end("Browser", browser);
  }

  private static void putText(RemoteCell box) throws IOException {
    Dropbox.over(RemoteFunction.in(box)).put("hello, stranger".getBytes(UTF_8), LONG);
  }

  private void takeText(RemoteCell box) throws IOException {
    var text = Dropbox.over(RemoteFunction.in(box)).get(TEXT_BYTES, LONG);
    more("it gives out: " + new String(text, UTF_8));
  }

  private void takePage(RemoteCell box) throws IOException {
    var page = new ByteArrayOutputStream();
    ShippedFunction.takePage(box, page, this::more);
    more("it is one document of %,d bytes".formatted(page.size()));
  }

  private void readLater(RemoteCell box, Step reading) throws BadRequest, IOException {
    say("later, whoever was given a right to read it once comes with nothing else:");
    try (var right = ShippedFunction.rightToReadOnce(box);
        var reader = ways.to(right.node()).open(right)) {
      reading.with(reader);
      isRefused("a second time", () -> reading.with(reader));
    }
  }

  /** Something that a node must not do. */
  @FunctionalInterface
  private interface Attempt {
    void make() throws IOException;
  }

  private void isRefused(String what, Attempt attempt) throws IOException {
    try {
      attempt.make();
    } catch (Denied e) {
      more(what + " it is refused, by " + e.getMessage());
      return;
    }
    throw new IOException(what + " it is not refused");
  }

  private void end(String name, RemoteCell function) throws IOException {
    var usage = function.status().usage();
    say(
        "%s has used %.3f s of a processor, %,d bytes of memory, %,d bytes in and %,d out"
            .formatted(
                name,
                usage.cpuNanos() / 1e9,
                usage.memoryPeakBytes(),
                usage.bytesIn(),
                usage.bytesOut()));
    function.shutdown();
    more("it is shut down, and nothing of it is left");
    isRefused("whoever asks for it now:", function::status);
  }

  private static void check(boolean isSo) throws IOException {
    if (!isSo) {
      throw new IOException("the page did not come as it should: the line above says what came");
    }
  }

  private void more(String line) {
    say("  " + line);
  }

  private void say(String line) {
    out.println(line);
  }
}
