package dev.cloister.core.gate;

import dev.cloister.core.ContextId;
import dev.cloister.core.Mode;
import dev.cloister.core.posture.Guarantees.Waiver;
import java.time.Instant;
import java.util.List;

/**
 * What every output says first of the context that made it. Immutable.
 *
 * @param name the plan's name
 * @param context the context's id
 * @param mode how it runs
 * @param started when it was sealed
 * @param publicKey the Ed25519 key of its heartbeats, 32 bytes in hex
 * @param measurement SHA-256 of all that was declared, in hex
 * @param policyDigest SHA-256 of the release policy, in hex
 * @param waivers what was missing on the host, and accepted
 */
public record SealFacts(
    String name,
    ContextId context,
    Mode mode,
    Instant started,
    String publicKey,
    String measurement,
    String policyDigest,
    List<Waiver> waivers) {

  /** Keeps a copy. */
  public SealFacts {
    waivers = List.copyOf(waivers);
  }
}
