package dev.cloister.sandbox.session;

import dev.cloister.core.Denied;
import dev.cloister.core.TimeSource;
import dev.cloister.core.policy.Manifest;
import dev.cloister.core.policy.NodePolicy;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Asks one node, and holds it to the protocol: a node that breaks it gives one clear error, in
 * bounded time and memory. That the node is the one that is meant, and that nobody reads along, is
 * the {@link Dialer}'s work.
 *
 * <p>Each phase (policy, evidence, start, load, use, delegation, shutdown) opens a channel of its
 * own and closes it. Immutable: each setting gives another client. Safe for use by many threads as
 * far as the dialer is.
 */
public final class CellClient {
  /** How long what makes evidence fresh is. */
  public static final int EVIDENCE_NONCE_BYTES = 32;

  /** About 146 years: far enough for a wait, near enough not to overflow. */
  private static final long FAR_NANOS = Long.MAX_VALUE / 2;

  private final Dialer dialer;
  private final String node;
  private final ClientLimits limits;
  private final TimeSource time;
  private final Optional<String> policySigner;

  private CellClient(
      Dialer dialer,
      String node,
      ClientLimits limits,
      TimeSource time,
      Optional<String> policySigner) {
    this.dialer = dialer;
    this.node = node;
    this.limits = limits;
    this.time = time;
    this.policySigner = policySigner;
  }

  /**
   * Makes a client of a node, with the usual limits and the system's clocks.
   *
   * @param dialer opens ways to the node
   * @param node what grants call it, for whoever opens them: 1 to {@value
   *     RemoteGrant#NODE_CHARACTERS_MAX} printable characters of ASCII
   * @return a client, which opens nothing yet
   */
  public static CellClient over(Dialer dialer, String node) {
    return new CellClient(
        dialer,
        RemoteGrant.checkedNode(node),
        ClientLimits.defaults(),
        TimeSource.system(),
        Optional.empty());
  }

  /**
   * Sets the bounds.
   *
   * @param bounds {@link ClientLimits#defaults()} unless set
   * @return a client with that
   */
  public CellClient limits(ClientLimits bounds) {
    return new CellClient(dialer, node, bounds, time, policySigner);
  }

  /**
   * Replaces the clocks.
   *
   * @param source the system's unless set
   * @return a client with that
   */
  public CellClient time(TimeSource source) {
    return new CellClient(dialer, node, limits, source, policySigner);
  }

  /**
   * Takes no policy but one that is signed by a key. Without this, a signature that comes with a
   * policy is verified by the key that comes with it.
   *
   * @param publicKeyHex an Ed25519 key, 32 bytes in hex
   * @return a client with that
   */
  public CellClient policySigner(String publicKeyHex) {
    return new CellClient(dialer, node, limits, time, Optional.of(publicKeyHex));
  }

  /**
   * Returns what grants call the node.
   *
   * @return as it was given
   */
  public String node() {
    return node;
  }

  /** A conversation of one phase. */
  Talk begin() throws IOException {
    return Talk.open(dialer, limits, time);
  }

  /** A client whose dialing, frames and answers take no longer than a deadline each. */
  CellClient within(Duration deadline) {
    return limits(limits.within(deadline));
  }

  /** Returns a moment on the clock that never goes back. */
  long in(Duration wait) {
    return time.nanoTime() + Math.min(TimeUnit.NANOSECONDS.convert(wait), FAR_NANOS);
  }

  /** Returns what is left until a moment. */
  Duration until(long moment) {
    return Duration.ofNanos(Math.max(0, moment - time.nanoTime()));
  }

  /**
   * Reads what the node's operator lends.
   *
   * @return the policy, as the node showed it now
   * @throws dev.cloister.core.PolicyRejected when it is none, or not signed as it must be
   * @throws IOException when the node was not reached, or did not answer
   */
  public NodePolicy policy() throws IOException {
    try (var talk = begin()) {
      return talk.ask(
          Ask.POLICY,
          new Body(),
          Duration.ZERO,
          reply -> NodePolicy.of(Papers.read(reply.some(), "policy", policySigner)));
    }
  }

  /**
   * Asks for evidence of what the node is, made for this question.
   *
   * @param nonce what nobody could have known before: {@value #EVIDENCE_NONCE_BYTES} random bytes
   * @return its bytes, for an appraiser; empty when the node offers none
   * @throws IOException when the node was not reached, or did not answer
   */
  public Optional<byte[]> evidence(byte[] nonce) throws IOException {
    if (nonce.length != EVIDENCE_NONCE_BYTES) {
      throw new IllegalArgumentException(
          "nonce of %d bytes: must be exactly %d".formatted(nonce.length, EVIDENCE_NONCE_BYTES));
    }
    try (var talk = begin()) {
      return talk.ask(
          Ask.EVIDENCE,
          new Body().bytes(nonce),
          Duration.ZERO,
          reply -> {
            if (!reply.isNone()) {
              return Optional.of(reply.some().rest());
            }
            reply.none().end();
            return Optional.empty();
          });
    }
  }

  /**
   * Reads the node's policy, and decides as the node will: nothing of the function has left then,
   * not even its manifest.
   *
   * @param manifest what the function needs
   * @return a way to start it there
   * @throws Denied when the policy does not give all of it, with every need that is not met
   * @throws dev.cloister.core.PolicyRejected when the policy is none, or not signed as it must be
   * @throws IOException when the node was not reached, or did not answer
   */
  public Admitted admit(Manifest manifest) throws IOException {
    var policy = policy();
    var admission = policy.admit(manifest, time);
    if (!admission.admitted()) {
      throw new Denied("policy", admission.toString());
    }
    return new Admitted(this, policy, manifest);
  }

  /**
   * Opens a cell that was started before, by this client or another.
   *
   * @param grant a right to it, which the caller closes; where it says the cell is, is not looked
   *     at: this client's dialer leads there
   * @return the cell, at the last message that the grant says was read
   */
  public RemoteCell open(RemoteGrant grant) {
    return new RemoteCell(this, grant.copy(), Optional.empty());
  }
}
