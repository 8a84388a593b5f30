package dev.cloister.tor.function;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is seen of a download from outside: of its bucket and its slot, and of nothing else. */
final class DownloadTest extends BrowsingTests {
  private static final int KIB = 1 << 10;

  private static byte[] noise(Random random, int bytes) {
    var noise = new byte[bytes];
    random.nextBytes(noise);
    return noise;
  }

  /** Random pages, and every way not to have one, in the same messages. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void allThatFitsABucketComesInTheMessagesOfTheBucket(long seed) throws IOException {
    var random = new Random(seed);
    var paths = new ArrayList<>(List.of("/none", "/loop", "/empty", "http://127.0.0.2:1/"));
    site.redirect("/loop", "/loop").page("/empty", "text/html", "");
    for (var i = 0; i < 10; i++) {
      var size = random.nextInt(80 * KIB);
      site.page("/image" + i, "image/png", noise(random, size))
          .html("/" + i, "<p>%s</p><img src=/image%d>".formatted("x".repeat(size), i));
      paths.add("/" + i);
      paths.add("/image" + i);
    }
    for (var path : paths) {
      browsing.page(path, request -> request.buckets(SizeBuckets.of(300 * KIB, 150 * KIB)));
      assertThat(browsing.sizes())
          .as("%s, seed %d", path, seed)
          .containsExactly(32 * KIB, 64 * KIB, 54 * KIB);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "4096, 20000, 6",
    "50000, 20000, 3",
    "20000, '', 1",
    "200000, '20000 30000', 7",
    "1300000, 1000000, 2"
  })
  void aPageBeyondTheLargestBucketHasAMultipleOfIt(int size, String buckets, long times)
      throws IOException {
    site.page("/", "image/png", noise(new Random(7), size));
    var given =
        buckets.isEmpty()
            ? new long[0]
            : List.of(buckets.split(" ", -1)).stream().mapToLong(Long::parseLong).toArray();
    var download = browsing.browser.open(browsing.request("/").buckets(SizeBuckets.of(given)));
    var content = download.page(FunctionWorld.LONG).content();
    assertThat(content).hasSize(size);
    var received = download.awaitEnd(FunctionWorld.LONG);
    if (given.length == 0) {
      assertThat(received).isBetween(size + 14L, size + 200L);
    } else if (size > given[given.length - 1]) {
      assertThat(received).isEqualTo(times * given[given.length - 1]);
    } else {
      assertThat(received).isEqualTo(given[given.length - 1]);
    }
    assertThat(browsing.sizes().stream().mapToLong(Integer::longValue).sum()).isEqualTo(received);
  }

  @Test
  void thePageIsThereBeforeItsPaddingHasEnded() throws IOException {
    site.html("/", "words");
    var request =
        browsing.request("/").buckets(SizeBuckets.of(8 << 20)).step(Duration.ofSeconds(1));
    var download = browsing.browser.open(request);
    assertThat(Browsing.text(download.page(FunctionWorld.LONG))).contains("words");
    assertThat(download.hasEnded()).isFalse();
    assertThat(browsing.sizes()).containsExactly(32 * KIB);
    assertThat(download.awaitEnd(FunctionWorld.LONG)).isEqualTo(8 << 20);
    assertThat(browsing.sizes()).endsWith(1024 * KIB, 32 * KIB);
  }

  /** However soon the page was had, nothing leaves before its moment. */
  @Test
  void eachMessageWaitsForTheGridAndItsStep() throws IOException {
    site.html("/", "words");
    var grid = Duration.ofMillis(300);
    var step = Duration.ofMillis(100);
    browsing.page("/", request -> request.buckets(SizeBuckets.of(300 * KIB)).grid(grid).step(step));
    var arrivals = browsing.arrivals();
    assertThat(arrivals).hasSize(4);
    for (var i = 0; i < arrivals.size(); i++) {
      assertThat(arrivals.get(i).since()).isGreaterThanOrEqualTo(grid.plus(step.multipliedBy(i)));
    }
  }

  @Test
  void whoeverMissesASlotWaitsForTheNext() throws IOException {
    var grid = Duration.ofMillis(500);
    site.on(
        "/",
        out -> {
          Thread.sleep(grid.plusMillis(50));
          Site.answering("200 OK", "Content-Type: text/html", "late".getBytes(UTF_8)).to(out);
        });
    browsing.page("/", request -> request.grid(grid));
    assertThat(browsing.arrivals().getFirst().since()).isGreaterThanOrEqualTo(grid.multipliedBy(2));
  }

  @Test
  void aPageThatIsNotHadLeavesInTheSlotOfOneThatIs() throws IOException {
    var grid = Duration.ofMillis(400);
    for (var path : List.of("/none", "http://127.0.0.2:1/")) {
      browsing.page(path, request -> request.grid(grid).buckets(SizeBuckets.standard()));
      assertThat(browsing.arrivals().getFirst().since()).isGreaterThanOrEqualTo(grid);
      assertThat(browsing.sizes()).containsExactly(32 * KIB, 64 * KIB, 128 * KIB, 32 * KIB);
    }
  }

  /** After the time no fetch begins: the page is what was had until then. */
  @Test
  void aPageOfSlowObjectsEndsAtItsTime() throws IOException {
    var gone = new CountDownLatch(1);
    site.html("/", "words <img src=/1><img src=/2><img src=/3>")
        .on(
            "/1",
            out -> {
              gone.countDown();
              Thread.sleep(600);
            });
    var limits = new PageLimits(9, 1 << 20, 1 << 20, 3, Duration.ofMillis(500));
    var page = browsing.page("/", request -> request.limits(limits));
    assertThat(gone.getCount()).isZero();
    assertThat(Browsing.text(page)).contains("words");
    assertThat(page.missing())
        .filteredOn(missing -> missing.detail().equals("time"))
        .extracting(Missing::url)
        .containsExactly(site.at("/2"), site.at("/3"));
  }

  @Test
  void everyRequestHasOneLength() {
    var limits = new PageLimits(1 << 30, 1L << 40, 1 << 20, 1 << 30, Duration.ofDays(300));
    var longest =
        PageRequest.of("http://a/" + "x".repeat(1491))
            .buckets(SizeBuckets.of(LongStream.range(0, 16).map(i -> (1 << 30) - i).toArray()))
            .limits(limits)
            .runningScripts()
            .into(new byte[1024]);
    assertThat(longest.bytes()).hasSize(PageRequest.BYTES).endsWith(0);
    assertThat(PageRequest.of("http://a").bytes()).hasSize(PageRequest.BYTES);
    assertThatIllegalArgumentException().isThrownBy(() -> longest.into(new byte[1025]));
  }

  @ParameterizedTest
  @ValueSource(longs = {0, -1, 4095, (1L << 30) + 1})
  void aBucketIsNeitherTooSmallForAnErrorNorTooLarge(long bytes) {
    assertThatIllegalArgumentException().isThrownBy(() -> SizeBuckets.of(bytes));
  }

  @ParameterizedTest
  @CsvSource({"1, 5000", "5000, 5000", "5001, 9000", "9000, 9000", "9001, 18000", "18001, 27000"})
  void sizesArePaddedToTheSmallestBucketThatHoldsThem(long size, long padded) {
    assertThat(SizeBuckets.of(9000, 5000, 5000).holding(size)).isEqualTo(padded);
    assertThat(SizeBuckets.none().holding(size)).isEqualTo(size);
  }
}
