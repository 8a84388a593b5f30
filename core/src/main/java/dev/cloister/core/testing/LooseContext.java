package dev.cloister.core.testing;

import dev.cloister.core.ContextId;
import dev.cloister.core.Description;
import dev.cloister.core.Mode;
import dev.cloister.core.TimeSource;
import dev.cloister.core.gate.Declaration;
import dev.cloister.core.gate.EgressPass;
import dev.cloister.core.gate.Opening;
import dev.cloister.core.gate.Part;
import dev.cloister.core.gate.ReleaseEngine;
import dev.cloister.core.gate.Released;
import dev.cloister.core.key.KeyRing;
import dev.cloister.core.key.SecretMemory;
import dev.cloister.core.ledger.Event;
import dev.cloister.core.ledger.Heartbeat.Birth;
import dev.cloister.core.ledger.HeartbeatChain;
import dev.cloister.core.ledger.Ledger;
import dev.cloister.core.ledger.SignedHeartbeat;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** What a context lends its parts and gives its egresses, without a context around it. */
final class LooseContext implements AutoCloseable {
  private final ContextId id;
  private final EgressPass pass;
  private final KeyRing keys = KeyRing.open(SecretMemory::onHeap);
  private final ReleaseEngine engine;
  private final HeartbeatChain chain;
  private boolean sealed;

  private LooseContext(ContextId id) {
    this.id = id;
    this.pass = new EgressPass(id);
    var policy = FakePolicy.keepingLines();
    this.engine =
        ReleaseEngine.of(
            Mode.LAB,
            pass,
            policy.digest(),
            policy.compile(List.of(FakePolicy.lines()), Mode.LAB),
            keys);
    var zeros = "0".repeat(64);
    this.chain =
        new HeartbeatChain(
            _ -> new byte[64], new Birth(zeros, zeros, zeros, id.hex()), Instant.EPOCH);
  }

  static LooseContext create() {
    return new LooseContext(ContextId.random(new SecureRandom()));
  }

  /** Makes another that claims to be this one. */
  LooseContext pretender() {
    return new LooseContext(id);
  }

  /** Opens a part as a seal does: its keys are not there before it is open. */
  <T extends Part> T open(Declaration<T> declaration) throws IOException {
    sealed = false;
    var part =
        declaration.open(
            new Opening(
                Mode.LAB,
                TimeSource.system(),
                Ledger.of(declaration.counters()),
                this::keysOnceSealed,
                pass));
    sealed = true;
    return part;
  }

  private KeyRing keysOnceSealed() {
    if (!sealed) {
      throw new IllegalStateException("the keys are made after every gate and store is open");
    }
    return keys;
  }

  Released release(String... lines) {
    try (var batch = engine.batch()) {
      for (var line : lines) {
        batch.add(new FakePolicy.Line(line));
      }
      var released = batch.take();
      engine.bind(released, chain);
      return released;
    }
  }

  SignedHeartbeat heartbeat() {
    return chain.next(Event.ALIVE, Instant.EPOCH, Map.of());
  }

  /** Writes what goes into the measurement. */
  static String described(Declaration<?> declaration) {
    var description = new Description();
    declaration.describe(description);
    return description.text();
  }

  @Override
  public void close() {
    keys.close();
  }
}
