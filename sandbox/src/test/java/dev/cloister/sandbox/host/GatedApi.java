package dev.cloister.sandbox.host;

import dev.cloister.core.TimeSource;
import dev.cloister.core.key.KeyRing;
import dev.cloister.core.key.SecretMemory;
import dev.cloister.core.policy.NetworkPolicy;
import dev.cloister.sandbox.runtime.CellApi;
import dev.cloister.sandbox.runtime.FetchRequest;
import dev.cloister.sandbox.runtime.FetchResponse;
import dev.cloister.sandbox.testing.FakeCellApi;
import dev.cloister.sandbox.vaultfs.Vault;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLSocketFactory;

/**
 * A test's host whose store and mediated fetch are the real ones; its words are the fake's. Every
 * name has the same addresses, one at a time, the next at each look.
 */
public final class GatedApi implements CellApi, AutoCloseable {
  private static final long QUOTA_BYTES = 1 << 20;

  private final FakeCellApi words;
  private final CellStore store;
  private final MediatedFetch fetch;

  /**
   * Makes one.
   *
   * @param words what it receives and sends
   * @param directory an empty one, for the store; gone when this is closed
   * @param network what may be fetched from
   * @param addresses of every name, in turn
   * @throws IOException when the store cannot be made
   */
  public GatedApi(FakeCellApi words, Path directory, NetworkPolicy network, String... addresses)
      throws IOException {
    this.words = words;
    var keys = KeyRing.open(SecretMemory::onHeap);
    this.store =
        new CellStore(
            Vault.in(directory).quotaBytes(QUOTA_BYTES).open(() -> keys, TimeSource.system()),
            directory);
    var looks = new AtomicInteger();
    this.fetch =
        new MediatedFetch(
            network,
            _ ->
                List.of(
                    InetAddress.ofLiteral(addresses[looks.getAndIncrement() % addresses.length])),
            (SSLSocketFactory) SSLSocketFactory.getDefault(),
            TimeSource.system(),
            FetchLimits.USUAL);
  }

  @Override
  public Optional<byte[]> receive(Duration timeout) throws InterruptedException {
    return words.receive(timeout);
  }

  @Override
  public boolean poll() {
    return words.poll();
  }

  @Override
  public void send(byte[] message) {
    words.send(message);
  }

  @Override
  public Optional<byte[]> get(String name) throws IOException {
    return store.get(name);
  }

  @Override
  public void put(String name, ByteBuffer value) throws IOException {
    store.put(name, value);
  }

  @Override
  public boolean delete(String name) throws IOException {
    return store.delete(name);
  }

  @Override
  public List<String> list() {
    return store.list();
  }

  @Override
  public byte[] random(int bytes) {
    return words.random(bytes);
  }

  @Override
  public Instant time() {
    return words.time();
  }

  @Override
  public FetchResponse fetch(FetchRequest request) throws IOException {
    return fetch.fetch(request, new Uncounted());
  }

  @Override
  public byte[] call(byte[] grant, byte[] message) {
    return words.call(grant, message);
  }

  @Override
  public String tor(String line) {
    return words.tor(line);
  }

  @Override
  public void exit() {
    words.exit();
  }

  @Override
  public void close() throws IOException {
    store.close();
  }

  private static final class Uncounted implements Traffic {
    @Override
    public void in(int bytes) {}

    @Override
    public void out(int bytes) {}
  }
}
