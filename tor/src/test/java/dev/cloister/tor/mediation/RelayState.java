package dev.cloister.tor.mediation;

import dev.cloister.tor.control.EventKind;
import dev.cloister.tor.control.TorControl;
import dev.cloister.tor.testing.TorNode;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Everything by which a relay shows what it is: its configuration, and what its authority has of
 * it. Left out by name is what changes with every descriptor and every second.
 *
 * @param torrc the file's bytes, as text
 * @param configText what tor would save
 * @param exitPolicy what it lets out
 * @param descriptor the authority's, an item each
 * @param consensusEntry the authority's
 */
public record RelayState(
    String torrc,
    String configText,
    String exitPolicy,
    List<String> descriptor,
    List<String> consensusEntry) {
  private static final Set<String> CHANGES_BY_ITSELF =
      Set.of(
          "published",
          "bandwidth",
          "uptime",
          "extra-info-digest",
          "router-sig-ed25519",
          "router-signature",
          "overload-general",
          "w");

  /** What an authority finds by the medians of all its relays, a second of uptime apart here. */
  private static final Set<String> FLAGS_BY_COMPARISON = Set.of("Fast", "Stable");

  /**
   * Asks for all of it.
   *
   * @param relay which
   * @param control its own
   * @param authority one that has its descriptor
   * @return as it is now
   * @throws IOException when there is no answer
   */
  public static RelayState of(TorNode relay, TorControl control, TorControl authority)
      throws IOException {
    return new RelayState(
        Files.readString(relay.torrc()),
        control.getInfo("config-text"),
        control.getInfo("exit-policy/full"),
        items(authority.getInfo("desc/id/" + relay.fingerprint())),
        items(authority.getInfo("ns/id/" + relay.fingerprint())));
  }

  /** Splits a document into items: a line with its keyword, and the object after it, if any. */
  private static List<String> items(String document) {
    var items = new ArrayList<String>();
    var isInside = false;
    for (var line : document.lines().toList()) {
      if (isInside || line.startsWith("-----BEGIN ")) {
        items.set(items.size() - 1, items.getLast() + "\n" + line);
        isInside = !line.startsWith("-----END ");
      } else {
        items.add(lasting(line));
      }
    }
    items.removeIf(item -> CHANGES_BY_ITSELF.contains(item.split("[ \n]", 2)[0]));
    return items;
  }

  /**
   * Cuts of a line which descriptor it is and of when, and flags by comparison (dir-spec, sections
   * 3.4.1 and 3.4.2).
   */
  private static String lasting(String line) {
    var words = new ArrayList<>(List.of(line.split(" ", -1)));
    switch (words.getFirst()) {
      case "r" -> words.subList(3, 6).clear();
      case "s" -> words.removeAll(FLAGS_BY_COMPARISON);
      default -> {
        // As it is.
      }
    }
    return String.join(" ", words);
  }

  /** Something that tor comes to after a while. */
  public interface Condition {
    /**
     * Looks.
     *
     * @return whether it is so now
     * @throws IOException when there is no answer
     */
    boolean holds() throws IOException;
  }

  /**
   * Looks whenever tor tells of another second, until it holds or the seconds are over.
   *
   * @param control of the tor that tells of seconds
   * @param seconds the most
   * @param condition what is waited for
   * @throws IOException when there is no answer
   */
  public static void await(TorControl control, int seconds, Condition condition)
      throws IOException {
    try (var ticks = control.events(EventKind.BW)) {
      for (var second = 0; !condition.holds(); second++) {
        if (second >= seconds) {
          throw new AssertionError(
              "it did not come within %d s; the exit policy is%n%s"
                  .formatted(seconds, control.getInfo("exit-policy/full")));
        }
        ticks.next(Duration.ofSeconds(2));
      }
    }
  }

  /**
   * Waits until an authority has agreed on so many consensuses more.
   *
   * @param authority which
   * @param more how many
   * @throws IOException when there is no answer
   */
  public static void awaitConsensuses(TorControl authority, int more) throws IOException {
    for (var i = 0; i < more; i++) {
      var now = authority.getInfo("consensus/valid-after");
      await(authority, 40, () -> !authority.getInfo("consensus/valid-after").equals(now));
    }
  }
}
