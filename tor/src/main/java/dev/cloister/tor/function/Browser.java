package dev.cloister.tor.function;

import dev.cloister.core.policy.ApiCall;
import dev.cloister.core.policy.Manifest;
import dev.cloister.core.policy.NetworkPolicy;
import dev.cloister.core.policy.Resource;
import dev.cloister.core.policy.ResourceLimits;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A function that fetches a page with all that it shows and gives it back as one document, so that
 * who watches its client sees one request of a fixed size, and one download whose size and times
 * are those of a bucket and a slot of a grid. It does not hide which bucket and which slot they
 * were, nor anything from the node that it runs on.
 *
 * <p>It keeps no cookie, sends no referrer, and goes where the cell's network policy lets it; what
 * it does not get is told in the {@link Page}. It answers one request after the other. For one
 * thread.
 */
public final class Browser {
  /** How much memory a page within the usual limits takes at most: 160 MiB. */
  public static final long MEMORY_BYTES = 160 << 20;

  /** How long a page may take and be asked for no more than once. */
  private static final Duration FIRST_MOST = Duration.ofMinutes(1);

  private final FunctionLink function;
  private @Nullable Download last;

  private Browser(FunctionLink function) {
    this.function = function;
  }

  /**
   * Returns what a cell is to be loaded with; it needs no data.
   *
   * @return Python
   */
  public static byte[] code() {
    return GuestSource.of("packing.py", "browser.py");
  }

  /**
   * Says what it needs to give pages to its client.
   *
   * @param image the node's word for its image of Python
   * @param network where it is to go
   * @return a manifest, with {@link #MEMORY_BYTES}, and of all else what the node gives
   */
  public static Manifest manifest(String image, NetworkPolicy network) {
    return manifest(image, List.of(ApiCall.RECEIVE, ApiCall.SEND, ApiCall.FETCH), network);
  }

  /**
   * Says what it needs to put pages into a {@link Dropbox} too.
   *
   * @param image the node's word for its image of Python
   * @param network where it is to go
   * @return a manifest like {@link #manifest}, that asks for calls of other functions
   */
  public static Manifest manifestToStore(String image, NetworkPolicy network) {
    return manifest(
        image, List.of(ApiCall.RECEIVE, ApiCall.SEND, ApiCall.FETCH, ApiCall.CALL), network);
  }

  private static Manifest manifest(String image, List<ApiCall> api, NetworkPolicy network) {
    var limits = ResourceLimits.none().with(Resource.MEMORY_BYTES, MEMORY_BYTES);
    return GuestSource.manifest("browser", code(), image, api, network, limits);
  }

  /**
   * Talks to a Browser that runs.
   *
   * @param function the way to it, which nobody else receives by
   * @return what it can be asked with
   */
  public static Browser over(FunctionLink function) {
    return new Browser(function);
  }

  /**
   * Asks for a page.
   *
   * @param request which, and how it is to come
   * @return its download, which has begun
   * @throws dev.cloister.core.Denied when the token or a limit refuses
   * @throws IOException when the function has ended, or was not reached
   */
  public Download open(PageRequest request) throws IOException {
    if (last != null && !last.hasEnded()) {
      throw new IllegalStateException(
          "the download before this one has not ended: wait for it with awaitEnd(…)");
    }
    function.expect(1, FIRST_MOST);
    function.send(request.bytes());
    last = new Download(function, request);
    return last;
  }
}
