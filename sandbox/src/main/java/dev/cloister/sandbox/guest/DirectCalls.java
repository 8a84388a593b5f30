package dev.cloister.sandbox.guest;

import dev.cloister.sandbox.runtime.CellApi;

/**
 * The calls of a guest within this process, which has no channel: each reaches the cell's API whole
 * and within the bounds that {@code protocol.md} gives it, or not at all. It judges nothing. Used
 * by one thread at a time.
 */
public final class DirectCalls {
  /** The longest body of a request and of a reply. */
  public static final int BODY_BYTES = GuestChannel.FRAME_BYTES - FrameReader.HEAD_BYTES;

  private final Calls calls;

  /** What came of a call. */
  public enum Outcome {
    /** It was done; the body is the protocol's. */
    OK,
    /** There is no such message or entry. */
    NONE,
    /** It was refused; the body is the name of the grant or the limit. */
    REFUSED,
    /** The host tried in vain; the body says why. */
    FAILED,
    /** A field was beyond its bounds, and nothing was done. */
    INVALID
  }

  /** An outcome with its body. Immutable but for the body's bytes. */
  public static final class Reply {
    private final Outcome outcome;
    private final byte[] body;

    private Reply(Outcome outcome, byte[] body) {
      this.outcome = outcome;
      this.body = body;
    }

    /**
     * Returns what came of it.
     *
     * @return the outcome
     */
    public Outcome outcome() {
      return outcome;
    }

    /**
     * Returns what goes with it.
     *
     * @return the body, not a copy
     */
    public byte[] body() {
      return body;
    }
  }

  /**
   * Takes a guest's side of the API.
   *
   * @param api judges, meters and acts
   */
  public DirectCalls(CellApi api) {
    this.calls = new Calls(api);
  }

  /**
   * Carries one call.
   *
   * @param request which
   * @param body its fields, as in {@code protocol.md}; not copied
   * @return what came of it
   * @throws InterruptedException when the cell is ending
   * @throws RuntimeException what the API threw and no call may throw
   */
  public Reply carry(Request request, byte[] body) throws InterruptedException {
    if (body.length > BODY_BYTES) {
      return invalid();
    }
    try {
      return reply(calls.carry(request, new Fields(body)));
    } catch (Ended e) {
      if (e.end instanceof GuestEnd.HostFailed failed) {
        throw failed.fault();
      }
      return invalid();
    }
  }

  private static Reply invalid() {
    return new Reply(Outcome.INVALID, new byte[0]);
  }

  private static Reply reply(Answer answer) {
    var fitting = answer.fittingIn(BODY_BYTES);
    return new Reply(
        switch (fitting.kind) {
          case Answer.OK -> Outcome.OK;
          case Answer.NONE -> Outcome.NONE;
          case Answer.REFUSED -> Outcome.REFUSED;
          default -> Outcome.FAILED;
        },
        fitting.body);
  }
}
