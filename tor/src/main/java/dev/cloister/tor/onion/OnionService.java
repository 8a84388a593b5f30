package dev.cloister.tor.onion;

import dev.cloister.core.internal.Deadline;
import dev.cloister.core.internal.Failures;
import dev.cloister.tor.OnionAddress;
import dev.cloister.tor.OnionKey;
import dev.cloister.tor.control.ControlEvents;
import dev.cloister.tor.control.ControlRefused;
import dev.cloister.tor.control.EventKind;
import dev.cloister.tor.control.NewOnion;
import dev.cloister.tor.control.OnionCommands;
import dev.cloister.tor.control.TorControl;
import dev.cloister.tor.control.TorEvent;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * An onion service that tor serves until this is closed; a detached one until it is removed, by
 * this process or a later one that adopts it. That a client reaches it before {@link
 * #awaitPublished} has returned, it does not say. Safe for use by many threads.
 *
 * <p>Tor makes the circuits to its introduction points before it uploads two descriptors, each to
 * several relays, which takes one to three seconds on loopback and longer on Tor's own network. A
 * client that comes before finds nothing and must try again; see {@link OnionStreams}.
 */
public final class OnionService implements AutoCloseable {
  /** Tor's status for a service that it does not serve, or not for this connection. */
  private static final int NOT_SERVED = 552;

  /** How soon a wait notices that another thread has closed the service. */
  private static final Duration LOOK = Duration.ofMillis(500);

  private final TorControl control;
  private final OnionAddress address;
  private final Optional<OnionKey> key;
  private final boolean isDetached;

  /** Whoever waits for the uploads has it. */
  private final ReentrantLock waiting = new ReentrantLock();

  /** Guarded by the lock. */
  private final Uploads uploads;

  /** What tells of the uploads; null for a service that another process published. */
  private final @Nullable ControlEvents events;

  private volatile boolean isPublished;
  private volatile boolean closed;

  private OnionService(
      TorControl control,
      OnionCommands.Added added,
      boolean isDetached,
      @Nullable ControlEvents events) {
    this.control = control;
    this.address = added.address();
    this.key = added.key();
    this.isDetached = isDetached;
    this.events = events;
    this.isPublished = events == null;
    this.uploads = new Uploads(address);
  }

  /**
   * Serves a service, and returns at once.
   *
   * @param control the connection that it ends with, unless it is detached; the caller closes it
   *     after the service
   * @param plan what it is to be; with a key that was kept, it has the same address as before
   * @return the service
   * @throws ControlRefused when tor serves that key already (550), or refuses a value (512, 513)
   * @throws IOException when there is no answer
   */
  public static OnionService begin(TorControl control, NewOnion plan) throws IOException {
    var events = control.events(EventKind.HS_DESC);
    try {
      return new OnionService(control, control.onions().add(plan), plan.isDetached(), events);
    } catch (IOException | RuntimeException e) {
      events.close();
      throw e;
    }
  }

  /**
   * Serves a service, and waits until it is published; when that fails it is removed again, even if
   * it was to be detached.
   *
   * @param control as for {@link #begin}
   * @param plan as for {@link #begin}
   * @param within how long that may take
   * @return the service, which clients find from now on
   * @throws IOException as {@link #begin} and {@link #awaitPublished} do
   */
  public static OnionService publish(TorControl control, NewOnion plan, Duration within)
      throws IOException {
    var service = begin(control, plan);
    try {
      service.awaitPublished(within);
      return service;
    } catch (IOException | RuntimeException e) {
      service.key.ifPresent(OnionKey::close);
      Failures.undo(e, service::remove);
      throw e;
    }
  }

  /**
   * Takes over a detached service that tor serves, perhaps since long. It is taken to be published.
   *
   * @param control any connection to the same tor
   * @param address the service
   * @return the service, detached as it was
   * @throws IOException when tor serves no such detached service, or there is no answer
   */
  public static OnionService adopt(TorControl control, OnionAddress address) throws IOException {
    var served = control.getInfo("onions/detached");
    if (served.lines().noneMatch(id -> id.strip().equals(address.id()))) {
      throw new IOException(
          "onion service %s: this tor serves no such detached service (it serves %d); publish it again with its key"
              .formatted(address.text(), served.lines().count()));
    }
    return new OnionService(
        control, new OnionCommands.Added(address, Optional.empty()), true, null);
  }

  /**
   * Returns what clients connect to.
   *
   * @return the address
   */
  public OnionAddress address() {
    return address;
  }

  /**
   * Returns the key that tor made, by which the same address can be served again.
   *
   * @return the key, which the caller closes; empty when the plan brought one or wanted none
   */
  public Optional<OnionKey> key() {
    return key;
  }

  /**
   * Waits until every upload that tor began has ended, and each descriptor was taken by a relay at
   * least. When time is over while some relays have not answered, the others suffice.
   *
   * @param within how long; a service that was adopted, or is published already, is not waited for
   * @throws SocketTimeoutException when it is not published by then; it goes on all the same
   * @throws InterruptedIOException when the thread is interrupted; it goes on all the same
   * @throws IOException when the control connection ends, or this is closed
   */
  public void awaitPublished(Duration within) throws IOException {
    var deadline = Deadline.in(within);
    lock(deadline);
    try {
      while (!isPublished) {
        awaitEvent(deadline);
      }
    } finally {
      waiting.unlock();
    }
  }

  private void lock(Deadline deadline) throws IOException {
    try {
      if (!waiting.tryLock(deadline.nanosLeft(), TimeUnit.NANOSECONDS)) {
        throw late(deadline.within());
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while waiting for an onion service");
    }
  }

  private SocketTimeoutException late(Duration within) {
    return new SocketTimeoutException(
        "onion service %s was not published within %s: %s; wait longer, and see tor's log"
            .formatted(address.text(), within, uploads));
  }

  private void awaitEvent(Deadline deadline) throws IOException {
    var told = events;
    if (told == null || closed) {
      throw new IOException("onion service " + address.text() + " is closed");
    }
    var isLast = deadline.hasPassed();
    var event = next(told, Math.clamp(deadline.nanosLeft(), 0, LOOK.toNanos()));
    event.ifPresent(uploads::take);
    if (uploads.areDone() || (isLast && uploads.suffice())) {
      isPublished = true;
      told.close();
    } else if (isLast) {
      throw late(deadline.within());
    }
  }

  private Optional<TorEvent> next(ControlEvents told, long nanos) throws IOException {
    try {
      return told.next(Duration.ofNanos(nanos));
    } catch (InterruptedIOException e) {
      throw e;
    } catch (IOException e) {
      throw new IOException(
          "onion service %s: the control connection ended before it was published (%s): %s"
              .formatted(address.text(), uploads, e.getMessage()),
          e);
    }
  }

  /**
   * Removes the service, unless it is detached: then tor serves it on. A second call does nothing.
   *
   * @throws IOException when there is no answer; the service ends with the connection then
   */
  @Override
  public void close() throws IOException {
    if (!closed && !isDetached) {
      remove();
    }
    release();
  }

  /**
   * Removes the service, detached or not. One that tor does not serve any more is removed already.
   *
   * @throws IOException when there is no answer; a detached service may be served on
   */
  public void remove() throws IOException {
    release();
    if (control.hasEnded() && !isDetached) {
      return;
    }
    try {
      control.onions().delete(address);
    } catch (ControlRefused e) {
      if (e.status() != NOT_SERVED) {
        throw e;
      }
    }
  }

  private void release() {
    closed = true;
    if (events != null) {
      events.close();
    }
  }

  /**
   * Names the service.
   *
   * @return its address
   */
  @Override
  public String toString() {
    return "OnionService[" + address.text() + "]";
  }
}
