package dev.cloister.sandbox.guest;

/** How a guest's service ended. */
public sealed interface GuestEnd {

  /**
   * It came to its end, or asked to.
   *
   * @param code its exit code, 0 to 255; its own word
   */
  record Exited(int code) implements GuestEnd {}

  /**
   * Its code raised an error that it did not catch.
   *
   * @param error the last line of the traceback, at most 512 characters, none of them a control
   *     character; its own word
   */
  record Raised(String error) implements GuestEnd {

    /**
     * Tells whether memory ran out.
     *
     * @return whether the error says so
     */
    public boolean outOfMemory() {
      return error.startsWith("MemoryError");
    }
  }

  /**
   * It broke off, or sent what no guest may.
   *
   * @param cause how
   */
  record Broken(Breach cause) implements GuestEnd {}

  /** The host interrupted the thread that served it. */
  record Stopped() implements GuestEnd {}

  /**
   * A call failed in the host itself, with what no call may throw.
   *
   * @param fault what it threw
   */
  record HostFailed(RuntimeException fault) implements GuestEnd {}
}
