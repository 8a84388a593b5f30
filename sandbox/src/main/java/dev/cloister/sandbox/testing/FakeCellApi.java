package dev.cloister.sandbox.testing;

import dev.cloister.core.Denied;
import dev.cloister.sandbox.runtime.CellApi;
import dev.cloister.sandbox.runtime.FetchRequest;
import dev.cloister.sandbox.runtime.FetchResponse;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * A host of one function, in memory: what a test gives it the function receives, and what the
 * function sends the test takes. Every call is granted unless the test denies it, but that nothing
 * can be fetched, called or told to Tor. It meters nothing. Safe for use by many threads.
 */
public final class FakeCellApi implements CellApi {
  /** The time that the function is told. */
  public static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");

  private static final Duration NO_LONGER = Duration.ofSeconds(60);

  private final Set<String> denied;
  private final BlockingQueue<Optional<byte[]>> input = new LinkedBlockingQueue<>();
  private final BlockingQueue<byte[]> output = new LinkedBlockingQueue<>();
  private final ConcurrentSkipListMap<String, byte[]> store = new ConcurrentSkipListMap<>();

  private FakeCellApi(Set<String> denied) {
    this.denied = denied;
  }

  /**
   * Makes a host.
   *
   * @param denied the calls that are refused, by name, such as {@code store}
   * @return one with nothing to receive yet
   */
  public static FakeCellApi denying(String... denied) {
    return new FakeCellApi(Set.of(denied));
  }

  /**
   * Gives the function messages, and then says that no more will come.
   *
   * @param messages what it receives, in order
   * @return this
   */
  public FakeCellApi given(byte[]... messages) {
    for (var message : messages) {
      input.add(Optional.of(message.clone()));
    }
    input.add(Optional.empty());
    return this;
  }

  /**
   * Takes the next message that the function sent, waiting up to a minute for it.
   *
   * @return the message
   * @throws InterruptedException when the thread is interrupted
   */
  public byte[] taken() throws InterruptedException {
    var message = output.poll(NO_LONGER.toNanos(), TimeUnit.NANOSECONDS);
    if (message == null) {
      throw new AssertionError("the function sent nothing for " + NO_LONGER);
    }
    return message;
  }

  /**
   * Returns what the function sent and nobody took.
   *
   * @return messages in order
   */
  public List<byte[]> sent() {
    return new ArrayList<>(output);
  }

  /**
   * Returns the function's store.
   *
   * @return entries by name; a change is the function's too
   */
  public Map<String, byte[]> store() {
    return store;
  }

  private void grant(String call) {
    if (denied.contains(call)) {
      throw new Denied("api." + call, "this test denies it");
    }
  }

  @Override
  public Optional<byte[]> receive(Duration timeout) throws InterruptedException {
    grant("receive");
    var message = input.poll(timeout.toNanos(), TimeUnit.NANOSECONDS);
    if (message != null && message.isEmpty()) {
      // The end stays at the end.
      input.add(message);
    }
    return message == null ? Optional.empty() : message;
  }

  @Override
  public boolean poll() {
    grant("poll");
    var next = input.peek();
    return next != null && next.isPresent();
  }

  @Override
  public void send(byte[] message) {
    grant("send");
    output.add(message.clone());
  }

  @Override
  public Optional<byte[]> get(String name) {
    grant("store");
    return Optional.ofNullable(store.get(name)).map(byte[]::clone);
  }

  @Override
  public void put(String name, ByteBuffer value) {
    grant("store");
    var bytes = new byte[value.remaining()];
    value.get(value.position(), bytes);
    store.put(name, bytes);
  }

  @Override
  public boolean delete(String name) {
    grant("store");
    return store.remove(name) != null;
  }

  @Override
  public List<String> list() {
    grant("store");
    return List.copyOf(store.keySet());
  }

  @Override
  public byte[] random(int bytes) {
    grant("random");
    var random = new byte[bytes];
    for (var i = 0; i < bytes; i++) {
      random[i] = (byte) (i * 37 + 11);
    }
    return random;
  }

  @Override
  public Instant time() {
    grant("time");
    return NOW;
  }

  @Override
  public FetchResponse fetch(FetchRequest request) {
    throw new Denied("api.fetch", "a test fetches nothing");
  }

  @Override
  public byte[] call(byte[] grant, byte[] message) {
    throw new Denied("api.call", "a test has no other function");
  }

  @Override
  public String tor(String line) {
    throw new Denied("api.tor", "a test has no Tor");
  }

  @Override
  public void exit() {
    grant("exit");
  }
}
