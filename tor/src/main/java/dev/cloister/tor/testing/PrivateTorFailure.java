package dev.cloister.tor.testing;

import java.io.IOException;
import java.util.List;

/** A node of a private network ended, or did not become ready; with the end of its log. */
public final class PrivateTorFailure extends IOException {
  private static final long serialVersionUID = 1L;

  /** Whose failure. */
  private final String nickname;

  /** The last lines of its log. */
  private final String log;

  PrivateTorFailure(String nickname, String what, List<String> log) {
    super("node %s %s; its log ends:\n  %s".formatted(nickname, what, String.join("\n  ", log)));
    this.nickname = nickname;
    this.log = String.join("\n", log);
  }

  /**
   * Names the node.
   *
   * @return its nickname, such as {@code relay0}
   */
  public String nickname() {
    return nickname;
  }

  /**
   * Returns what the node said last.
   *
   * @return the last lines of its log, the oldest first
   */
  public List<String> log() {
    return log.lines().toList();
  }
}
