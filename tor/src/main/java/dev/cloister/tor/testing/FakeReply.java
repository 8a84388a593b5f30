package dev.cloister.tor.testing;

import java.util.List;

/** How replies are written. */
final class FakeReply {
  static final String OK = "250 OK\r\n";

  private FakeReply() {}

  /** Writes lines, of which the last ends the reply. */
  static String of(List<String> lines) {
    if (lines.isEmpty()) {
      return OK;
    }
    var reply = new StringBuilder();
    for (var i = 0; i < lines.size(); i++) {
      reply.append(i == lines.size() - 1 ? "250 " : "250-").append(lines.get(i)).append("\r\n");
    }
    return reply.toString();
  }

  /** Writes lines, and that all is well after them. */
  static String withOk(List<String> lines) {
    var reply = new StringBuilder();
    lines.forEach(line -> reply.append("250-").append(line).append("\r\n"));
    return reply + OK;
  }
}
