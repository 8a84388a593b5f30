package dev.cloister.tor.testing;

import java.io.IOException;

/** A command that the fake refuses, as tor does. */
final class FakeRefusal extends IOException {
  private static final long serialVersionUID = 1L;

  /** Three digits. */
  private final int status;

  /**
   * Says what tor would.
   *
   * @param text may take several lines, one for each thing that is refused
   */
  FakeRefusal(int status, String text) {
    super(text);
    this.status = status;
  }

  /** Writes the reply's lines, the last of which ends it. */
  String reply() {
    var lines = String.valueOf(getMessage()).lines().toList();
    var reply = new StringBuilder();
    for (var i = 0; i < lines.size(); i++) {
      reply
          .append(status)
          .append(i == lines.size() - 1 ? ' ' : '-')
          .append(lines.get(i))
          .append("\r\n");
    }
    return reply.toString();
  }
}
