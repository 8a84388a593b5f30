package dev.cloister.tor.function;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.cloister.core.Denied;
import dev.cloister.core.key.SecretAccess;
import dev.cloister.core.policy.Manifest;
import dev.cloister.core.policy.NetworkPolicy;
import dev.cloister.core.testing.RequiresProgram;
import dev.cloister.core.token.Terms;
import dev.cloister.sandbox.session.CellClient;
import dev.cloister.sandbox.session.CellServer;
import dev.cloister.sandbox.session.RemoteCallees;
import dev.cloister.sandbox.session.RemoteCell;
import dev.cloister.sandbox.session.RemoteGrant;
import dev.cloister.sandbox.testing.CellChannels;
import dev.cloister.tor.function.FunctionWorld.Tier;
import dev.cloister.tor.function.Missing.Cause;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A Browser that hands its page to a Dropbox, from which a third gets it with only a grant. */
@RequiresProgram(
    value = {"python3", "bwrap"},
    root = true)
@Timeout(120)
final class CompositionTest {
  private static final Duration LONG = FunctionWorld.LONG;
  private static final DropboxBounds ONCE = new DropboxBounds(1, 1 << 30, Duration.ofMinutes(5));
  private static final int BUCKET = 300 << 10;

  @TempDir private Path directory;
  @TempDir private Path another;
  private Site site;

  @BeforeEach
  void serve() throws IOException {
    site = new Site();
    site.html("/", "a page <img src=/i.png>").page("/i.png", "image/png", "an image");
  }

  @AfterEach
  void close() throws IOException {
    site.close();
  }

  private String network() {
    return "accept 127.0.0.1:" + site.port();
  }

  private PageRequest request() {
    return PageRequest.of(site.at("/"))
        .buckets(SizeBuckets.of(8192, BUCKET))
        .grid(Duration.ofMillis(50))
        .step(Duration.ZERO);
  }

  private static Page stored(Browser browser, PageRequest request) throws IOException {
    var download = browser.open(request);
    var page = download.page(LONG);
    assertThat(download.awaitEnd(LONG)).isEqualTo(8192);
    return page;
  }

  /** What is in the dropbox is padded as a download is, and a page all the same. */
  private static void isThePage(byte[] parcel, int bytes) throws IOException {
    assertThat(parcel).hasSize(bytes);
    var page = Page.read(parcel, 1 << 20);
    assertThat(page.status()).isEqualTo(200);
    assertThat(Browsing.text(page)).contains("a page");
    assertThat(Fetching.of(Browsing.text(page)).embedded()).containsExactly("an image");
  }

  @ParameterizedTest
  @EnumSource
  void onOneHostAThirdGetsThePageWithOnlyAGrant(Tier tier) throws Exception {
    try (var world = new FunctionWorld(directory, tier, network())) {
      var box = world.dropbox(ONCE, BUCKET);
      var browser = Browser.over(world.talk(world.browser()));
      var toPut = world.narrowed(box, Dropbox.pieces(8192));
      var told = stored(browser, request().into(toPut.use(SecretAccess.granted(), byte[]::clone)));
      assertThat(told.status()).isEqualTo(200);
      assertThat(told.content()).isEmpty();
      assertThat(told.storedBytes()).isEqualTo(8192);

      var third = Dropbox.over(LocalFunction.in(world.host, world.narrowed(box, 1)));
      isThePage(third.get(BUCKET, LONG), 8192);
    }
  }

  @Test
  void whatTheDropboxDoesNotTakeIsToldLikeAnyFailure() throws Exception {
    try (var world = new FunctionWorld(directory, Tier.PROCESS, network())) {
      var box = world.dropbox(ONCE, BUCKET);
      Dropbox.over(world.talk(box)).put("taken".getBytes(UTF_8), LONG);
      var grant = world.narrowed(box, 1).use(SecretAccess.granted(), byte[]::clone);
      var browser = Browser.over(world.talk(world.browser()));
      for (var detail : List.of("dropbox", "token")) {
        var told = stored(browser, request().into(grant));
        assertThat(told.status()).isZero();
        assertThat(told.storedBytes()).isZero();
        assertThat(told.missingByCause()).containsExactly(Map.entry(Cause.REFUSED, 1L));
        assertThat(told.missing()).extracting(Missing::detail).containsExactly(detail);
      }
    }
  }

  /** A host with a server before it, and clients that reach it in memory. */
  private static CellClient client(CellServer server, String name) {
    return CellClient.over(
        _ -> {
          var pair = CellChannels.pair();
          Thread.ofVirtual().start(() -> server.serve(pair.server()));
          return pair.client();
        },
        name);
  }

  @Test
  void acrossHostsTheClientGetsItLaterWithOnlyAGrant() throws Exception {
    try (var boxes = new FunctionWorld(another, Tier.PROCESS, network());
        var boxServer = CellServer.over(boxes.host)) {
      var there = client(boxServer, "there");
      var callees = RemoteCallees.by(node -> Optional.of(there).filter(_ -> node.equals("there")));
      try (var browsers =
              new FunctionWorld(directory, Tier.PROCESS, plan -> plan.callees(callees), network());
          var browserServer = CellServer.over(browsers.host)) {
        var box = started(there, Dropbox.manifest("python", 2 << 20), Dropbox.data(ONCE));
        var here = client(browserServer, "here");
        var network = NetworkPolicy.parse("network", List.of(network()));
        var browsing = started(here, Browser.manifestToStore("python", network), new byte[0]);
        site.page("/i.png", "image/png", noise());
        var request = request().buckets(SizeBuckets.of(8192, 1_500_000));
        var toPut = narrowed(box, Dropbox.pieces(1_500_000));
        stored(Browser.over(RemoteFunction.in(browsing)), request.into(toPut));
        var toGet = narrowed(box, Dropbox.pieces(1_500_000));
        browsing.shutdown();

        try (var held = there.open(RemoteGrant.parse(toGet))) {
          var reader = Dropbox.over(RemoteFunction.in(held));
          var page = Page.read(reader.get(1 << 30, LONG), 1 << 24);
          assertThat(page.objects()).isEqualTo(2);
          assertThat(page.content()).hasSizeGreaterThan(1_000_000);
          assertThatExceptionOfType(Denied.class).isThrownBy(() -> reader.get(1 << 30, LONG));
        }
      }
    }
  }

  @Test
  void aPageComesOverTheWireInTheMessagesOfItsBucket() throws Exception {
    try (var browsers = new FunctionWorld(directory, Tier.PROCESS, network());
        var server = CellServer.over(browsers.host)) {
      var network = NetworkPolicy.parse("network", List.of(network()));
      var cell = started(client(server, "here"), Browser.manifest("python", network), new byte[0]);
      var browser = Browser.over(RemoteFunction.in(cell));
      for (var i = 0; i < 3; i++) {
        var download = browser.open(request().buckets(SizeBuckets.of(5_000_000)));
        assertThat(Browsing.text(download.page(LONG))).contains("a page");
        assertThat(download.awaitEnd(LONG)).isEqualTo(5_000_000);
      }
    }
  }

  private static String noise() {
    var digits = new StringBuilder();
    new Random(5).ints(1_200_000, '0', 'z').forEach(digits::appendCodePoint);
    return digits.toString();
  }

  private static RemoteCell started(CellClient client, Manifest manifest, byte[] data)
      throws IOException {
    var cell = client.admit(manifest).start();
    cell.load(manifest.name().equals("browser") ? Browser.code() : Dropbox.code(), data);
    return cell;
  }

  private static byte[] narrowed(RemoteCell cell, int uses) throws IOException {
    var terms = Terms.lasting(Duration.ofMinutes(5)).uses(uses).undelegable();
    try (var grant = cell.delegate(terms)) {
      return grant.bytes(SecretAccess.granted());
    }
  }
}
