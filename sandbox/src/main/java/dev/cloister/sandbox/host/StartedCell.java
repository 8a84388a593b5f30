package dev.cloister.sandbox.host;

import dev.cloister.core.ContextId;
import dev.cloister.core.token.Grant;

/**
 * A cell that waits for its code.
 *
 * @param id names it
 * @param grant the two rights to it, handed out this once
 * @param publicKey verifies what its context signs: Ed25519, in hex
 * @param agreementKey to seal boxes to: X25519, in hex
 * @param measurement of all that was declared for it, in hex
 */
public record StartedCell(
    ContextId id, Grant grant, String publicKey, String agreementKey, String measurement) {}
