package dev.cloister.sandbox.host;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.cloister.core.ContextId;
import dev.cloister.core.Denied;
import dev.cloister.core.TimeSource;
import dev.cloister.core.context.SealedContext;
import dev.cloister.core.policy.ApiCall;
import dev.cloister.core.policy.Manifest;
import dev.cloister.sandbox.runtime.CellApi;
import dev.cloister.sandbox.runtime.FetchRequest;
import dev.cloister.sandbox.runtime.FetchResponse;
import dev.cloister.sandbox.runtime.Turn;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A cell's answers to its function: each call is judged by what its manifest asked and the policy
 * gave, then metered, then done. Used by the thread that runs the function, or has its turn.
 */
final class GrantedApi implements CellApi {
  private final Manifest manifest;
  private final Meter meter;
  private final ContextId cell;
  private final CellGate gate;
  private final CellStore store;
  private final TimeSource time;
  private final FunctionCalls calls;
  private final Optional<TorGate> tor;
  private final Runnable countRefused;
  private final SecureRandom random = new SecureRandom();
  private @Nullable MediatedFetch fetch;

  GrantedApi(
      Manifest manifest,
      Meter meter,
      SealedContext context,
      FunctionCalls calls,
      Optional<TorGate> tor,
      Runnable countRefused) {
    this.manifest = manifest;
    this.meter = meter;
    this.cell = context.id();
    this.gate = context.part(CellGate.class);
    this.store = context.part(CellStore.class);
    this.time = context.time();
    this.calls = calls;
    this.tor = tor;
    this.countRefused = countRefused;
  }

  private void grant(ApiCall call) {
    if (!manifest.api().contains(call)) {
      throw refused(
          new Denied(
              "api." + call.label(), "the function's manifest did not ask for it: add it there"));
    }
  }

  private Denied refused(Denied why) {
    countRefused.run();
    return why;
  }

  @Override
  public Optional<byte[]> receive(Duration timeout) throws InterruptedException {
    grant(ApiCall.RECEIVE);
    return gate.inbox().take(timeout);
  }

  @Override
  public Optional<byte[]> receive(Duration timeout, Turn turn) throws InterruptedException {
    grant(ApiCall.RECEIVE);
    return gate.inbox().take(timeout, turn);
  }

  @Override
  public boolean poll() {
    grant(ApiCall.POLL);
    return !gate.inbox().isEmpty();
  }

  @Override
  public void send(byte[] message) throws InterruptedException {
    grant(ApiCall.SEND);
    meter.out(message.length);
    if (!gate.say(message)) {
      throw new InterruptedException("the cell is ending");
    }
  }

  @Override
  public Optional<byte[]> get(String name) throws IOException {
    grant(ApiCall.STORE);
    return store.get(name);
  }

  @Override
  public void put(String name, ByteBuffer value) throws IOException {
    grant(ApiCall.STORE);
    store.put(name, value);
  }

  @Override
  public boolean delete(String name) throws IOException {
    grant(ApiCall.STORE);
    return store.delete(name);
  }

  @Override
  public List<String> list() throws IOException {
    grant(ApiCall.STORE);
    return store.list();
  }

  @Override
  public byte[] random(int bytes) {
    grant(ApiCall.RANDOM);
    if (bytes < 0 || bytes > RANDOM_BYTES_MAX) {
      throw new Denied(
          "api.random", "%d bytes: allowed are 0 to %d".formatted(bytes, RANDOM_BYTES_MAX));
    }
    var given = new byte[bytes];
    random.nextBytes(given);
    return given;
  }

  @Override
  public Instant time() {
    grant(ApiCall.TIME);
    return time.now();
  }

  @Override
  public FetchResponse fetch(FetchRequest request) throws IOException {
    grant(ApiCall.FETCH);
    if (fetch == null) {
      fetch = MediatedFetch.by(manifest.network());
    }
    try {
      return fetch.fetch(request, meter);
    } catch (Denied e) {
      throw refused(e);
    }
  }

  @Override
  public byte[] call(byte[] grant, byte[] message) throws IOException {
    grant(ApiCall.CALL);
    meter.out(message.length);
    try {
      var answer = calls.call(cell, grant, message);
      meter.in(answer.length);
      return answer;
    } catch (Denied e) {
      throw refused(e);
    }
  }

  @Override
  public String tor(String line) throws IOException {
    grant(ApiCall.TOR);
    var relay = tor.orElseThrow(() -> new Denied("api.tor", "this host has no Tor to speak to"));
    var request = line.getBytes(UTF_8);
    meter.out(request.length);
    try {
      var answer = relay.say(request);
      meter.in(answer.length);
      return new String(answer, UTF_8);
    } catch (Denied e) {
      throw refused(e);
    }
  }

  @Override
  public void exit() {
    grant(ApiCall.EXIT);
  }
}
