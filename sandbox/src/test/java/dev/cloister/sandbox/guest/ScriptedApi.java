package dev.cloister.sandbox.guest;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.cloister.core.Denied;
import dev.cloister.sandbox.runtime.CellApi;
import dev.cloister.sandbox.runtime.FetchRequest;
import dev.cloister.sandbox.runtime.FetchRequest.Header;
import dev.cloister.sandbox.runtime.FetchResponse;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** A host that keeps everything in memory and refuses what a test tells it to. */
class ScriptedApi implements CellApi {
  static final Instant NOW = Instant.parse("2026-03-04T05:06:07.5Z");

  final LinkedBlockingQueue<byte[]> toFunction = new LinkedBlockingQueue<>();
  final List<byte[]> fromFunction = new ArrayList<>();
  final TreeMap<String, byte[]> store = new TreeMap<>();
  final List<FetchRequest> fetched = new ArrayList<>();
  final Set<String> refused = new HashSet<>();
  final AtomicInteger calls = new AtomicInteger();
  boolean waits = true;
  private Optional<RuntimeException> fault = Optional.empty();

  /** From now on every call throws it. */
  void failWith(RuntimeException thrown) {
    fault = Optional.of(thrown);
  }

  private void ask(String call) {
    calls.incrementAndGet();
    fault.ifPresent(thrown -> {
      throw thrown;
    });
    if (refused.contains(call)) {
      throw new Denied("api." + call, "a function asked for it");
    }
  }

  @Override
  public Optional<byte[]> receive(Duration timeout) throws InterruptedException {
    ask("receive");
    return Optional.ofNullable(
        toFunction.poll(waits ? timeout.toMillis() : 0, TimeUnit.MILLISECONDS));
  }

  @Override
  public boolean poll() {
    ask("poll");
    return !toFunction.isEmpty();
  }

  @Override
  public void send(byte[] message) {
    ask("send");
    fromFunction.add(message);
  }

  @Override
  public Optional<byte[]> get(String name) {
    ask("get");
    return Optional.ofNullable(store.get(name));
  }

  @Override
  public void put(String name, ByteBuffer value) {
    ask("put");
    var bytes = new byte[value.remaining()];
    value.get(value.position(), bytes);
    store.put(name, bytes);
  }

  @Override
  public boolean delete(String name) {
    ask("delete");
    return store.remove(name) != null;
  }

  @Override
  public List<String> list() {
    ask("list");
    return List.copyOf(store.keySet());
  }

  @Override
  public byte[] random(int bytes) {
    ask("random");
    return new byte[bytes];
  }

  @Override
  public Instant time() {
    ask("time");
    return NOW;
  }

  @Override
  public FetchResponse fetch(FetchRequest request) throws IOException {
    ask("fetch");
    fetched.add(request);
    if (request.url().endsWith("/unreachable")) {
      throw new IOException("no route");
    }
    return new FetchResponse(
        418,
        List.of(
            new Header("Content-Type", "text/plain"),
            new Header("Via", "a"),
            new Header("via", "b")),
        request.body());
  }

  @Override
  public byte[] call(byte[] grant, byte[] message) {
    ask("call");
    return (new String(grant, ISO_8859_1) + new String(message, ISO_8859_1)).getBytes(ISO_8859_1);
  }

  @Override
  public String tor(String line) {
    ask("tor");
    return "250 " + line;
  }

  @Override
  public void exit() {
    ask("exit");
  }
}
