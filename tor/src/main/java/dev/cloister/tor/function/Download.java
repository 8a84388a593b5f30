package dev.cloister.tor.function;

import dev.cloister.core.internal.Deadline;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A page on its way from a Browser: it can be had as soon as it is here, before its padding has
 * ended. What comes is checked to have the size, and be in the messages, that the request's buckets
 * say. For one thread; nothing else receives from the same function until {@link #awaitEnd} has
 * returned.
 */
public final class Download {
  private static final int FIRST_MESSAGE_BYTES = 32 << 10;
  private static final int DOUBLINGS = 5;

  /** What is asked for before the node was told that what came before it is here. */
  private static final long AHEAD_BYTES = 512 << 10;

  /** How long a node may wait for what was asked for ahead, which is to come at once. */
  private static final Duration AHEAD_MOST = Duration.ofSeconds(1);

  private final FunctionLink function;
  private final PageRequest request;
  private final ByteArrayOutputStream parcel = new ByteArrayOutputStream();
  private int messages;
  private long received;
  private long size = Long.MAX_VALUE;
  private Parcel.@Nullable Head head;
  private @Nullable Page page;

  Download(FunctionLink function, PageRequest request) {
    this.function = function;
    this.request = request;
  }

  /**
   * Waits until the page is here, and hands it out; its padding may still be on its way. A second
   * call returns the same.
   *
   * @param within how long to wait
   * @return the page; where there is none, what stands for it, with the reason
   * @throws SocketTimeoutException when it is not here in time; it can be waited for again
   * @throws java.io.EOFException when the function has ended, such as at a limit
   * @throws IOException when what comes is none of what was asked for
   */
  public Page page(Duration within) throws IOException {
    var deadline = Deadline.in(within);
    while (page == null) {
      take(deadline);
    }
    return page;
  }

  /**
   * Waits until all is here, padding too; then the function can be asked again.
   *
   * @param within how long to wait
   * @return how many bytes came, which is a bucket, or a multiple of the largest
   * @throws SocketTimeoutException when it is not here in time; it can be waited for again
   * @throws IOException as {@link #page} does
   */
  public long awaitEnd(Duration within) throws IOException {
    var deadline = Deadline.in(within);
    while (!hasEnded()) {
      take(deadline);
    }
    return received;
  }

  /**
   * Tells whether all is here.
   *
   * @return whether nothing more comes
   */
  public boolean hasEnded() {
    return received >= size;
  }

  private void take(Deadline deadline) throws IOException {
    var left = deadline.nanosLeft();
    var message = left > 0 ? function.receive(Duration.ofNanos(left)) : Optional.<byte[]>empty();
    if (message.isEmpty()) {
      throw new SocketTimeoutException(
          "%s: %d bytes are here after %s: wait longer"
              .formatted(request.url(), received, deadline.within()));
    }
    take(message.get());
  }

  /** Each message is twice the one before, up to a size; the last is what is left. */
  private long bytesOfMessage(int number, long before) {
    return Math.min((long) FIRST_MESSAGE_BYTES << Math.min(number, DOUBLINGS), size - before);
  }

  /** Asks for the short messages after the first, each of which would wait for a way otherwise. */
  private void expectShortOnes() throws IOException {
    var number = 1;
    for (var before = received; before < size; number++) {
      before += bytesOfMessage(number, before);
      if (before > AHEAD_BYTES) {
        break;
      }
    }
    if (number > 1) {
      function.expect(number - 1, AHEAD_MOST);
    }
  }

  private void take(byte[] message) throws IOException {
    if (head == null) {
      var first = Parcel.head(ByteBuffer.wrap(message), request.limits().pageBytes());
      head = first;
      size = request.buckets().holding(first.parcelBytes());
    }
    if (message.length != bytesOfMessage(messages, received)) {
      throw new IOException(
          "%s: a message of %d bytes after %d of %d: this is no Browser, or not the answer to this"
              .formatted(request.url(), message.length, received, size));
    }
    received += message.length;
    messages++;
    if (messages == 1) {
      expectShortOnes();
    }
    if (page == null) {
      parcel.writeBytes(message);
      if (received >= head.parcelBytes()) {
        page = Parcel.page(head, parcel.toByteArray());
        parcel.reset();
      }
    }
  }
}
