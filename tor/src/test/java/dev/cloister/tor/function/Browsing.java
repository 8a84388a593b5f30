package dev.cloister.tor.function;

import dev.cloister.core.internal.Failures;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** A site, and a Browser in a cell that may fetch from 127.0.0.1 there and from nowhere else. */
final class Browsing implements AutoCloseable {
  /** A message as it came: when, since the request, and how long. */
  record Arrival(Duration since, int bytes) {}

  final Site site = new Site();
  final FunctionWorld world;
  final Browser browser;
  private final List<Arrival> arrivals = new ArrayList<>();

  Browsing(Path directory) throws IOException {
    this(directory, FunctionWorld.Tier.PROCESS);
  }

  Browsing(Path directory, FunctionWorld.Tier tier) throws IOException {
    world = new FunctionWorld(directory, tier, "accept 127.0.0.1:" + site.port());
    browser = Browser.over(watched(world.talk(world.browser())));
  }

  /** Looks at what passes, as who watches the client does. */
  private FunctionLink watched(FunctionLink link) {
    return new FunctionLink() {
      private long asked;

      @Override
      public void send(byte[] message) throws IOException {
        arrivals.clear();
        asked = System.nanoTime();
        link.send(message);
      }

      @Override
      public Optional<byte[]> receive(Duration atMost) throws IOException {
        var message = link.receive(atMost);
        message.ifPresent(got ->
            arrivals.add(new Arrival(Duration.ofNanos(System.nanoTime() - asked), got.length)));
        return message;
      }

      @Override
      public byte[] call(byte[] message, Duration atMost) throws IOException {
        return link.call(message, atMost);
      }
    };
  }

  /** Of the last download, up to now. */
  List<Arrival> arrivals() {
    return List.copyOf(arrivals);
  }

  List<Integer> sizes() {
    return arrivals.stream().map(Arrival::bytes).toList();
  }

  /** At once and without padding. */
  PageRequest request(String path) {
    return PageRequest.of(path.startsWith("/") ? site.at(path) : path)
        .buckets(SizeBuckets.none())
        .grid(Duration.ZERO)
        .step(Duration.ZERO);
  }

  Page page(String path) throws IOException {
    return page(path, UnaryOperator.identity());
  }

  Page page(String path, UnaryOperator<PageRequest> settings) throws IOException {
    var download = browser.open(settings.apply(request(path)));
    var page = download.page(FunctionWorld.LONG);
    download.awaitEnd(FunctionWorld.LONG);
    return page;
  }

  static String text(Page page) {
    return new String(page.content(), StandardCharsets.UTF_8);
  }

  @Override
  public void close() throws IOException {
    var failures = new Failures();
    failures.run(world::close);
    failures.run(site::close);
    failures.throwFirst();
  }
}
