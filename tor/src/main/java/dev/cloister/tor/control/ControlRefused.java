package dev.cloister.tor.control;

import java.io.IOException;

/** Tor understood a command, or did not, and said no; the connection goes on. */
public final class ControlRefused extends IOException {
  private static final long serialVersionUID = 1L;

  /** The status that tor gave. */
  private final int status;

  /**
   * Says what tor answered.
   *
   * @param verb the command's first word
   * @param status three digits, such as 552 (control-spec, section 4)
   * @param text what tor says about it
   */
  public ControlRefused(String verb, int status, String text) {
    super("tor refused %s: %d %s".formatted(verb, status, text));
    this.status = status;
  }

  /**
   * Returns why, by number.
   *
   * @return tor's status
   */
  public int status() {
    return status;
  }
}
