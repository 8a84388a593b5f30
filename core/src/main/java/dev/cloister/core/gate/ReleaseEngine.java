package dev.cloister.core.gate;

import dev.cloister.core.Mode;
import dev.cloister.core.key.KeyRing;
import dev.cloister.core.ledger.HeartbeatChain;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * The only maker of {@link Released}: it applies one sealed policy, and nothing comes out that the
 * policy did not name. Safe for use by many threads; a {@link ReleaseBatch} belongs to one.
 */
public final class ReleaseEngine {
  private final EgressPass pass;
  private final Mode mode;
  private final String policyDigest;
  private final ReleasePolicy.Compiled policy;
  private final KeyRing keys;

  private ReleaseEngine(
      EgressPass pass,
      Mode mode,
      String policyDigest,
      ReleasePolicy.Compiled policy,
      KeyRing keys) {
    this.pass = pass;
    this.mode = mode;
    this.policyDigest = policyDigest;
    this.policy = policy;
    this.keys = keys;
  }

  /**
   * Makes the engine of a context. The seal does this; whoever does it elsewhere has an engine
   * whose lines no other context's egress opens.
   *
   * @param mode how the context runs
   * @param pass opens what this engine makes, and nothing else does
   * @param policyDigest the policy's digest
   * @param policy the policy, compiled for the plan's types
   * @param keys the context's keys
   * @return the engine
   */
  public static ReleaseEngine of(
      Mode mode,
      EgressPass pass,
      String policyDigest,
      ReleasePolicy.Compiled policy,
      KeyRing keys) {
    return new ReleaseEngine(pass, mode, policyDigest, policy, keys);
  }

  /**
   * Opens a batch for one thread.
   *
   * @return an empty batch that the caller closes
   */
  public ReleaseBatch batch() {
    return new ReleaseBatch(this, policy.open(keys));
  }

  /**
   * Tells whether the policy lets anything of a field out; what it does not need not be found.
   *
   * @param type one of the plan's
   * @param field the field's path in it
   * @return whether it may go out
   */
  public boolean isWanted(RawType type, String field) {
    return policy.isWanted(type, field);
  }

  /**
   * Makes the line that comes before all records.
   *
   * @param facts what it says of the context
   * @return one line
   */
  public Released header(SealFacts facts) {
    try (var filter = policy.open(keys)) {
      var line = new ByteArrayOutputStream();
      filter.header(facts, line);
      return released(line.toByteArray(), 1);
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory does not fail", e);
    }
  }

  /**
   * Binds released lines into a chain of heartbeats.
   *
   * @param released lines of this engine's context
   * @param chain the context's chain
   */
  public void bind(Released released, HeartbeatChain chain) {
    chain.output(released.opened(pass), released.lines());
  }

  Released released(byte[] bytes, long lines) {
    return new Released(pass, policyDigest, bytes, lines);
  }

  Mode mode() {
    return mode;
  }
}
