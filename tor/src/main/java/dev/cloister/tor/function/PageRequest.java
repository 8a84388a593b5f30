package dev.cloister.tor.function;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What a Browser is asked for. As bytes it has one length, {@link #BYTES}, so that the URL's does
 * not show. Immutable: each setting gives another request. Its text names the URL, but no grant.
 */
public final class PageRequest {
  /** How long every request is: 4096. */
  public static final int BYTES = 4096;

  /** The longest URL: 1500 characters. */
  public static final int URL_CHARACTERS_MAX = 1500;

  /** The longest grant of a dropbox: 1024. */
  public static final int GRANT_BYTES_MAX = 1024;

  /** How far apart the moments are at which pages leave, unless set: 5 seconds. */
  public static final Duration GRID_DEFAULT = Duration.ofSeconds(5);

  /** How far apart one page's messages are, unless set: 10 milliseconds. */
  public static final Duration STEP_DEFAULT = Duration.ofMillis(10);

  private static final Pattern URL = Pattern.compile("(?i:https?)://[!-~]+");

  private final String url;
  private final SizeBuckets buckets;
  private final Duration grid;
  private final Duration step;
  private final PageLimits limits;
  private final boolean runsScripts;
  private final Optional<byte[]> grant;

  private PageRequest(
      String url,
      SizeBuckets buckets,
      Duration grid,
      Duration step,
      PageLimits limits,
      boolean runsScripts,
      Optional<byte[]> grant) {
    this.url = url;
    this.buckets = buckets;
    this.grid = grid;
    this.step = step;
    this.limits = limits;
    this.runsScripts = runsScripts;
    this.grant = grant;
  }

  /**
   * Asks for a page, with everything else as is usual.
   *
   * @param url http or https, in ASCII: a name in another alphabet as {@code xn--…}
   * @return the request
   */
  public static PageRequest of(String url) {
    if (url.length() > URL_CHARACTERS_MAX || !URL.matcher(url).matches()) {
      throw new IllegalArgumentException(
          "URL \"%s\": allowed is http or https, in ASCII without spaces, up to %d characters"
              .formatted(url, URL_CHARACTERS_MAX));
    }
    return new PageRequest(
        url,
        SizeBuckets.standard(),
        GRID_DEFAULT,
        STEP_DEFAULT,
        PageLimits.standard(),
        false,
        Optional.empty());
  }

  /**
   * Sets which sizes the download may have.
   *
   * @param sizes {@link SizeBuckets#standard()} unless set
   * @return a request with that
   */
  public PageRequest buckets(SizeBuckets sizes) {
    return new PageRequest(url, sizes, grid, step, limits, runsScripts, grant);
  }

  /**
   * Sets when the download begins: at a multiple of this since the function took the request. One
   * that is longer than a page can take tells nothing of how long it took.
   *
   * @param apart {@link #GRID_DEFAULT} unless set; zero for at once
   * @return a request with that
   */
  public PageRequest grid(Duration apart) {
    return new PageRequest(
        url, buckets, notNegative("grid", apart), step, limits, runsScripts, grant);
  }

  /**
   * Sets how fast the download goes: one message of 32 KiB each such step.
   *
   * @param apart {@link #STEP_DEFAULT} unless set; zero for as fast as they are taken
   * @return a request with that
   */
  public PageRequest step(Duration apart) {
    return new PageRequest(
        url, buckets, grid, notNegative("step", apart), limits, runsScripts, grant);
  }

  private static Duration notNegative(String what, Duration given) {
    if (given.isNegative() || given.compareTo(Duration.ofHours(1)) > 0) {
      throw new IllegalArgumentException(what + " " + given + ": allowed is zero to one hour");
    }
    return given;
  }

  /**
   * Sets what the page may take.
   *
   * @param most {@link PageLimits#standard()} unless set
   * @return a request with that
   */
  public PageRequest limits(PageLimits most) {
    return new PageRequest(url, buckets, grid, step, most, runsScripts, grant);
  }

  /**
   * Lets the document's scripts run where it is shown. They can fetch nothing, but lead the viewer
   * to another page; unless this is set the document forbids them.
   *
   * @return a request with that
   */
  public PageRequest runningScripts() {
    return new PageRequest(url, buckets, grid, step, limits, true, grant);
  }

  /**
   * Has the page put into a {@link Dropbox}, padded as it would be for the client, who is told of
   * it alone.
   *
   * @param other the dropbox's grant, good for as many uses as {@link Dropbox#pieces} says
   * @return a request with that
   */
  public PageRequest into(byte[] other) {
    if (other.length > GRANT_BYTES_MAX) {
      throw new IllegalArgumentException(
          "grant of %d bytes: allowed are %d".formatted(other.length, GRANT_BYTES_MAX));
    }
    return new PageRequest(
        url, buckets, grid, step, limits, runsScripts, Optional.of(other.clone()));
  }

  String url() {
    return url;
  }

  SizeBuckets buckets() {
    return buckets;
  }

  PageLimits limits() {
    return limits;
  }

  /** As the function reads it: see {@code browser.md}. */
  byte[] bytes() {
    var text = new StringBuilder("url ").append(url);
    line(text, "buckets", buckets.written());
    line(text, "grid", seconds(grid));
    line(text, "step", seconds(step));
    line(text, "objects", limits.objects());
    line(text, "bytes", limits.fetchedBytes());
    line(text, "page", limits.pageBytes());
    line(text, "depth", limits.depth());
    line(text, "seconds", seconds(limits.time()));
    line(text, "scripts", runsScripts ? "yes" : "no");
    grant.ifPresent(other -> line(text, "into", HexFormat.of().formatHex(other)));
    var written = text.append("\n\n").toString().getBytes(US_ASCII);
    return Arrays.copyOf(written, BYTES);
  }

  private static void line(StringBuilder text, String name, Object value) {
    text.append('\n').append(name).append(' ').append(value);
  }

  private static String seconds(Duration given) {
    return String.format(Locale.ROOT, "%d.%09d", given.toSeconds(), given.toNanosPart());
  }

  /**
   * Names the page.
   *
   * @return such as {@code PageRequest[http://example.com/]}
   */
  @Override
  public String toString() {
    return "PageRequest[" + url + "]";
  }
}
