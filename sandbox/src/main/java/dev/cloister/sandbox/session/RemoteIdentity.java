package dev.cloister.sandbox.session;

import dev.cloister.core.ContextId;

/**
 * Who a cell is, by its node's word when it was started.
 *
 * @param id names it
 * @param publicKey verifies what its context signs: Ed25519, in hex
 * @param agreementKey to seal boxes to: X25519, in hex
 * @param measurement of all that was declared for it, in hex
 */
public record RemoteIdentity(
    ContextId id, String publicKey, String agreementKey, String measurement) {}
