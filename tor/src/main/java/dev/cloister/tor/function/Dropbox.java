package dev.cloister.tor.function;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.cloister.core.Denied;
import dev.cloister.core.internal.Deadline;
import dev.cloister.core.policy.ApiCall;
import dev.cloister.core.policy.Manifest;
import dev.cloister.core.policy.NetworkPolicy;
import dev.cloister.core.policy.Resource;
import dev.cloister.core.policy.ResourceLimits;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;

/**
 * A function that is given something once, and gives it out until a count, a volume or a time: then
 * it deletes it and ends, and with its cell the key dies that all was kept under. Who may ask it,
 * and how often, is for the grants that its client has made; how often anything leaves, over all
 * grants together, it decides itself.
 *
 * <p>Whoever comes too early, too late or once too often is refused alike, by one {@link Denied};
 * and so is who has no good grant. Content is moved in pieces of {@value #PIECE_BYTES} bytes, and
 * each is a use of the grant: see {@link #pieces}. Each piece is counted by itself: two who read at
 * the same time from a dropbox with one read left may both get a part. For any number of threads.
 */
public final class Dropbox {
  /** How long each piece is, but the last. */
  public static final int PIECE_BYTES = 1 << 20;

  /** The most that can be put: 1 GiB. */
  public static final long CONTENT_BYTES_MAX = 1024L * PIECE_BYTES;

  /** How much memory it takes: 48 MiB, whatever it holds. */
  public static final long MEMORY_BYTES = 48 << 20;

  /** What an entry of a cell's store takes beside its bytes, generously. */
  private static final long ENTRY_BYTES = 64 << 10;

  private static final byte DONE = '+';
  private static final int ANSWER_HEAD_BYTES = 5;

  private final FunctionLink function;

  private Dropbox(FunctionLink function) {
    this.function = function;
  }

  /**
   * Returns what a cell is to be loaded with, together with its {@link #data}.
   *
   * @return Python
   */
  public static byte[] code() {
    return GuestSource.of("dropbox.py");
  }

  /**
   * Returns the same function for a host that runs it within its own process.
   *
   * @return JavaScript
   */
  public static byte[] codeInJavaScript() {
    return GuestSource.of("dropbox.js");
  }

  /**
   * Returns the data that a cell is to be loaded with.
   *
   * @param bounds how long it lasts
   * @return text
   */
  public static byte[] data(DropboxBounds bounds) {
    return "reads %d\nvolume %d\nseconds %d.%09d"
        .formatted(
            bounds.reads(),
            bounds.volumeBytes(),
            bounds.lifetime().toSeconds(),
            bounds.lifetime().toNanosPart())
        .getBytes(US_ASCII);
  }

  /**
   * Says what it needs.
   *
   * @param image the node's word for its image of Python
   * @param contentBytesMax the most that is to be put, up to {@link #CONTENT_BYTES_MAX}
   * @return a manifest without network, with room for that, and of all else what the node gives
   */
  public static Manifest manifest(String image, long contentBytesMax) {
    return manifest(
        image, code(), List.of(ApiCall.RECEIVE, ApiCall.SEND, ApiCall.STORE), contentBytesMax);
  }

  /**
   * Says what it needs in JavaScript, which has no clock but the cell's.
   *
   * @param image the node's word for its image of JavaScript
   * @param contentBytesMax as for {@link #manifest}
   * @return a manifest like that, that asks for the time too
   */
  public static Manifest manifestInJavaScript(String image, long contentBytesMax) {
    return manifest(
        image,
        codeInJavaScript(),
        List.of(ApiCall.RECEIVE, ApiCall.SEND, ApiCall.STORE, ApiCall.TIME),
        contentBytesMax);
  }

  private static Manifest manifest(
      String image, byte[] code, List<ApiCall> api, long contentBytesMax) {
    var limits =
        ResourceLimits.none()
            .with(Resource.MEMORY_BYTES, MEMORY_BYTES)
            .with(
                Resource.DISK_BYTES, contentBytesMax + (pieces(contentBytesMax) + 1) * ENTRY_BYTES);
    return GuestSource.manifest("dropbox", code, image, api, NetworkPolicy.none(), limits);
  }

  /**
   * Says how many uses of a grant it takes to put some content, or to get it once.
   *
   * @param contentBytes how long it is, up to {@link #CONTENT_BYTES_MAX}
   * @return one for each piece, and one for nothing
   */
  public static int pieces(long contentBytes) {
    if (contentBytes < 0 || contentBytes > CONTENT_BYTES_MAX) {
      throw new IllegalArgumentException(
          "content of %d bytes: allowed are 0 to %d".formatted(contentBytes, CONTENT_BYTES_MAX));
    }
    return (int) Math.max(1, Math.ceilDiv(contentBytes, PIECE_BYTES));
  }

  /**
   * Talks to a Dropbox that runs.
   *
   * @param function the way to it, by any grant
   * @return what it can be asked with
   */
  public static Dropbox over(FunctionLink function) {
    return new Dropbox(function);
  }

  /**
   * Puts the content; what it is cannot be changed from then on.
   *
   * @param content all of it
   * @param within how long all may take
   * @throws Denied when it has content, has ended, has no room, or the grant is not good for it
   * @throws IOException when the function was late, or not reached; then it may have a part, and
   *     gives out nothing
   */
  public void put(byte[] content, Duration within) throws IOException {
    var deadline = Deadline.in(within);
    var pieces = pieces(content.length);
    for (var number = 0; number < pieces; number++) {
      var from = number * PIECE_BYTES;
      var piece = Arrays.copyOfRange(content, from, Math.min(content.length, from + PIECE_BYTES));
      var message =
          ByteBuffer.allocate(1 + 2 * Integer.BYTES + piece.length)
              .put((byte) 'P')
              .putInt(number)
              .putInt(pieces)
              .put(piece);
      ask(message.array(), deadline);
    }
  }

  /**
   * Gets the content.
   *
   * @param contentBytesMax the most that is taken
   * @param within how long all may take
   * @return all of it
   * @throws Denied when there is none yet, none any more, or the grant is not good for it
   * @throws IOException when the function was late, not reached, or gave more; what it gave until
   *     then counts as given
   */
  public byte[] get(long contentBytesMax, Duration within) throws IOException {
    var deadline = Deadline.in(within);
    var content = new ByteArrayOutputStream();
    for (int number = 0, pieces = 1; number < pieces; number++) {
      var message = ByteBuffer.allocate(1 + Integer.BYTES).put((byte) 'G').putInt(number);
      var answer = ask(message.array(), deadline);
      var length = answer.length - ANSWER_HEAD_BYTES;
      if (length < 0 || content.size() + (long) length > contentBytesMax) {
        throw new IOException(
            "piece %d of %d bytes after %d: allowed are %d altogether"
                .formatted(number, length, content.size(), contentBytesMax));
      }
      pieces = ByteBuffer.wrap(answer).getInt(1);
      content.write(answer, ANSWER_HEAD_BYTES, length);
    }
    return content.toByteArray();
  }

  private byte[] ask(byte[] message, Deadline deadline) throws IOException {
    var left = deadline.nanosLeft();
    if (left <= 0) {
      throw new SocketTimeoutException("the dropbox took more than " + deadline.within());
    }
    try {
      var answer = function.call(message, Duration.ofNanos(left));
      if (answer.length > 0 && answer[0] == DONE) {
        return answer;
      }
    } catch (Denied _) {
      // Which of the two refused would tell whether it has ended.
    }
    throw new Denied("dropbox", "there is nothing here for this grant now");
  }
}
