package dev.cloister.tor.control;

import java.io.IOException;
import java.util.List;
import java.util.Set;

/**
 * What a control port says of itself before anybody is known to it; nothing of that is proven.
 *
 * @param methods how one can say who one is, such as SAFECOOKIE
 * @param cookieFile where the cookie is; empty when there is none
 * @param torVersion such as 0.4.9.11
 */
public record ProtocolInfo(Set<String> methods, String cookieFile, String torVersion) {

  /** Copies. */
  public ProtocolInfo {
    methods = Set.copyOf(methods);
  }

  static ProtocolInfo ask(Conversation conversation) throws IOException {
    var command = Command.of("PROTOCOLINFO").word("1");
    var reply = TorControl.positive(command, conversation.ask(command));
    Set<String> methods = Set.of();
    var cookieFile = "";
    var version = "";
    for (var line : reply.lines()) {
      var words = Words.of(line.text());
      if (line.text().startsWith("AUTH ")) {
        methods = Set.copyOf(List.of(words.value("METHODS").orElse("").split(",", -1)));
        cookieFile = words.value("COOKIEFILE").orElse("");
      } else if (line.text().startsWith("VERSION ")) {
        version = words.value("Tor").orElse("");
      }
    }
    return new ProtocolInfo(methods, cookieFile, version);
  }
}
