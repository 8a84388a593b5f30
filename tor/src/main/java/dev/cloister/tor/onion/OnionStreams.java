package dev.cloister.tor.onion;

import dev.cloister.core.TimeSource;
import dev.cloister.tor.OnionAddress;
import dev.cloister.tor.control.TorControl;
import dev.cloister.tor.socks.Destination;
import dev.cloister.tor.socks.Isolation;
import dev.cloister.tor.socks.SocksCode;
import dev.cloister.tor.socks.SocksFailure;
import dev.cloister.tor.socks.TorStream;
import dev.cloister.tor.socks.TorStreams;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.nio.channels.ClosedByInterruptException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Opens streams to onion services, and tries again while that may help: a service that is published
 * a moment after it was asked for is reached. That a service that is up is reached, it does not
 * say; destinations that are none go through once, as they are.
 *
 * <p>Tried again is what {@link SocksFailure#retriable} says, and a try that took too long. Tor
 * names what will not help, such as a missing key, only on a {@code SocksPort} with the flag {@code
 * ExtendedErrors}: without it that too is tried until the tries are over. An interrupt ends it.
 * Isolation is what the caller asked for in every try. Immutable; for any number of threads.
 */
public final class OnionStreams implements TorStreams {
  private static final String SUFFIX = ".onion";
  private static final int ADDRESS_CHARACTERS = 56 + SUFFIX.length();

  private final TorStreams streams;
  private final TimeSource clock;
  private final OnionRetries retries;
  private final Optional<TorControl> control;

  private OnionStreams(
      TorStreams streams, TimeSource clock, OnionRetries retries, Optional<TorControl> control) {
    this.streams = streams;
    this.clock = clock;
    this.retries = retries;
    this.control = control;
  }

  /**
   * Tries again after pauses.
   *
   * @param streams what opens a stream once
   * @param clock what times are measured by
   * @return streams with the default retries
   */
  public static OnionStreams over(TorStreams streams, TimeSource clock) {
    return new OnionStreams(streams, clock, OnionRetries.DEFAULT, Optional.empty());
  }

  /**
   * Has the client's tor fetch the descriptor between two tries, and tries as soon as that came.
   *
   * @param clientsControl a connection to the tor behind the streams; the caller closes it after
   *     them
   * @return other streams
   */
  public OnionStreams hearing(TorControl clientsControl) {
    return new OnionStreams(streams, clock, retries, Optional.of(clientsControl));
  }

  /**
   * Changes how often it tries.
   *
   * @param other bounds
   * @return other streams
   */
  public OnionStreams retries(OnionRetries other) {
    return new OnionStreams(streams, clock, other, control);
  }

  /**
   * Opens a stream to a service.
   *
   * @param to the service
   * @param port its virtual port, 1 to 65,535
   * @param isolation which other streams may share its circuit
   * @param timeout the most that all tries may take together
   * @return an open stream, which the caller closes
   * @throws IOException as {@link #open(Destination, Isolation, Duration)} does
   */
  public TorStream open(OnionAddress to, int port, Isolation isolation, Duration timeout)
      throws IOException {
    return open(new Destination(to.text(), port), isolation, timeout);
  }

  /**
   * Opens a stream; to an onion service, tries again.
   *
   * @throws SocksFailure when the first try was refused for good, or the address is mistyped
   * @throws OnionUnreachable when no try succeeded; it names what became of each
   * @throws InterruptedIOException when the thread is interrupted between two tries
   * @throws ClosedByInterruptException when it is interrupted in one
   * @throws IOException when tor was not reached or broke off
   */
  @Override
  public TorStream open(Destination to, Isolation isolation, Duration timeout) throws IOException {
    if (!to.host().endsWith(SUFFIX)) {
      return streams.open(to, isolation, timeout);
    }
    var service = service(to);
    var tries = new Tries(to, retries, clock, timeout);
    while (true) {
      try {
        var stream = streams.open(to, isolation, tries.nextTry());
        stream.timeout(timeout);
        return stream;
      } catch (SocksFailure e) {
        if (!e.retriable()) {
          throw tries.isFirst() ? e : tries.over(e);
        }
        tries.failed(e);
      } catch (SocketTimeoutException e) {
        tries.failed(e);
      } catch (InterruptedIOException | ClosedByInterruptException e) {
        throw e;
      } catch (IOException e) {
        throw tries.isFirst() ? e : tries.over(e);
      }
      pause(service, tries);
    }
  }

  /** Names the service, before which a name may have labels that are for the service alone. */
  private static OnionAddress service(Destination to) throws SocksFailure {
    var host = to.host();
    try {
      return OnionAddress.parse(host.substring(Math.max(0, host.length() - ADDRESS_CHARACTERS)));
    } catch (IllegalArgumentException e) {
      var failure = new SocksFailure(SocksCode.ONION_BAD_ADDRESS, to.toString());
      failure.initCause(e);
      throw failure;
    }
  }

  private void pause(OnionAddress service, Tries tries) throws IOException {
    if (control.isEmpty()) {
      sleep(tries.pause());
      return;
    }
    try {
      DescriptorWait.await(control.get(), service, tries.pause(), clock);
    } catch (InterruptedIOException e) {
      if (!(e instanceof SocketTimeoutException)) {
        throw e;
      }
      throw tries.over(e);
    } catch (IOException e) {
      throw tries.over(e);
    }
  }

  /** Waits where nothing tells of the descriptor. */
  private static void sleep(Duration pause) throws InterruptedIOException {
    try {
      TimeUnit.NANOSECONDS.sleep(pause.toNanos());
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while waiting to try an onion service again");
    }
  }
}
