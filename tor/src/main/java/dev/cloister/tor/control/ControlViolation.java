package dev.cloister.tor.control;

import java.io.IOException;

/** What came from the control port is not the protocol; the connection is closed. */
public final class ControlViolation extends IOException {
  private static final long serialVersionUID = 1L;

  ControlViolation(String message) {
    super(message);
  }
}
