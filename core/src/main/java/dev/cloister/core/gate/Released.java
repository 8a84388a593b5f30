package dev.cloister.core.gate;

import dev.cloister.core.ContextId;
import dev.cloister.core.Denied;
import java.io.IOException;
import java.io.OutputStream;

/**
 * Lines that a context's own release engine made from its sealed policy. Immutable. It keeps honest
 * code honest: nothing else can be given to an {@link Egress}, and its bytes open only with the
 * pass of the context that made it. Against code in the same JVM that means harm it is no barrier.
 */
public final class Released {
  private final EgressPass owner;
  private final String policyDigest;
  private final byte[] bytes;
  private final long lines;

  Released(EgressPass owner, String policyDigest, byte[] bytes, long lines) {
    this.owner = owner;
    this.policyDigest = policyDigest;
    this.bytes = bytes;
    this.lines = lines;
  }

  /**
   * Returns which context released this.
   *
   * @return its id
   */
  public ContextId context() {
    return owner.context();
  }

  /**
   * Returns which policy let this out.
   *
   * @return SHA-256 in hex
   */
  public String policyDigest() {
    return policyDigest;
  }

  /**
   * Returns how much this is.
   *
   * @return lines, each with its line feed
   */
  public long lines() {
    return lines;
  }

  /**
   * Returns how large this is.
   *
   * @return bytes
   */
  public int sizeBytes() {
    return bytes.length;
  }

  /**
   * Writes the lines out.
   *
   * @param pass what the context gave the egress when it opened it
   * @param out takes the bytes
   * @throws IOException when {@code out} does
   * @throws Denied when another context made this
   */
  public void writeTo(EgressPass pass, OutputStream out) throws IOException {
    out.write(opened(pass));
  }

  byte[] opened(EgressPass pass) {
    if (pass != owner) {
      throw new Denied(
          "egress-own-context",
          "lines of context %s were pushed into an egress of context %s: push what its own context"
                  .formatted(context().hex(), pass.context().hex())
              + " released");
    }
    return bytes;
  }

  /**
   * Names the context and the size, and nothing of the lines.
   *
   * @return for people
   */
  @Override
  public String toString() {
    return "Released[" + lines + " lines of " + context().hex() + "]";
  }
}
