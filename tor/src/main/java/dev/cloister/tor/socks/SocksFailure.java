package dev.cloister.tor.socks;

import java.io.IOException;

/** A SOCKS server answered that it did not do what it was asked. */
public final class SocksFailure extends IOException {
  private static final long serialVersionUID = 1L;

  /** What was answered. */
  private final SocksCode code;

  /**
   * Names what was asked and what was answered.
   *
   * @param code what was answered
   * @param asked what was asked, such as a destination
   */
  public SocksFailure(SocksCode code, String asked) {
    super(
        "%s: %s (SOCKS reply 0x%02x); trying again %s"
            .formatted(
                asked, code.meaning(), code.code(), code.retriable() ? "may help" : "is no use"));
    this.code = code;
  }

  /**
   * Returns what was answered.
   *
   * @return the code
   */
  public SocksCode code() {
    return code;
  }

  /**
   * Says whether another try may do better.
   *
   * @return as {@link SocksCode#retriable}
   */
  public boolean retriable() {
    return code.retriable();
  }
}
