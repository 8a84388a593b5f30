package dev.cloister.benchmarks;

import dev.cloister.sandbox.session.RemoteCell;
import dev.cloister.tor.function.Browser;
import dev.cloister.tor.function.FunctionLink;
import dev.cloister.tor.function.PageRequest;
import dev.cloister.tor.function.RemoteFunction;
import dev.cloister.tor.function.SizeBuckets;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/** Has a Browser on a node load a page; it is loaded already, and the circuits to it stand. */
final class BrowserLoad implements PageWay {
  private static final Duration LONG = Duration.ofMinutes(1);

  private final RemoteCell cell;
  private final PageSite site;
  private final SizeBuckets buckets;
  private final Duration grid;
  private final Timed link;
  private final Browser browser;

  /** Takes a Browser that runs, which the caller ends. */
  BrowserLoad(RemoteCell cell, PageSite site, SizeBuckets buckets, Duration grid) {
    this.cell = cell;
    this.site = site;
    this.buckets = buckets;
    this.grid = grid;
    this.link = new Timed(RemoteFunction.in(cell));
    this.browser = Browser.over(link);
  }

  /** Notes when the first message of an answer came. */
  private static final class Timed implements FunctionLink {
    private final FunctionLink function;
    private long firstNanos;

    Timed(FunctionLink function) {
      this.function = function;
    }

    @Override
    public void send(byte[] message) throws IOException {
      firstNanos = 0;
      function.send(message);
    }

    @Override
    public Optional<byte[]> receive(Duration atMost) throws IOException {
      var message = function.receive(atMost);
      if (firstNanos == 0 && message.isPresent()) {
        firstNanos = System.nanoTime();
      }
      return message;
    }

    @Override
    public byte[] call(byte[] message, Duration atMost) throws IOException {
      return function.call(message, atMost);
    }
  }

  @Override
  public Loaded load(String path) throws IOException {
    var request =
        PageRequest.of("http://" + site.authority() + path)
            .buckets(buckets)
            .grid(grid)
            .step(Duration.ZERO);
    var began = System.nanoTime();
    var download = browser.open(request);
    var page = download.page(LONG);
    var viewable = System.nanoTime();
    if (page.status() != 200 || !page.missing().isEmpty()) {
      throw new IOException(
          "%s came with status %d, %s missing".formatted(path, page.status(), page.missing()));
    }
    download.awaitEnd(LONG);
    var end = System.nanoTime();
    return new Loaded(link.firstNanos - began, viewable - began, end - began);
  }

  @Override
  public void close() {
    cell.detach();
  }
}
