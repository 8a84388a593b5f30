package dev.cloister.core.policy;

import java.time.DateTimeException;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;

/**
 * When a policy holds, both ends included.
 *
 * @param notBefore the first moment
 * @param notAfter the last moment
 */
public record Validity(Instant notBefore, Instant notAfter) {
  /** At all times. */
  static final Validity ALWAYS = new Validity(Instant.MIN, Instant.MAX);

  static Validity read(Node node) {
    node.only(Set.of("notBefore", "notAfter"));
    var notBefore = instant(node.optional("notBefore")).orElse(Instant.MIN);
    var notAfter = instant(node.optional("notAfter")).orElse(Instant.MAX);
    if (notAfter.isBefore(notBefore)) {
      throw node.rejected(
          "notAfter %s: allowed is no time before notBefore %s".formatted(notAfter, notBefore));
    }
    return new Validity(notBefore, notAfter);
  }

  private static Optional<Instant> instant(Optional<Node> node) {
    return node.map(value -> {
      try {
        return Instant.parse(value.text());
      } catch (DateTimeException _) {
        throw value.rejected(
            "\"%s\": allowed is a time such as 2026-01-01T00:00:00Z"
                .formatted(Node.shown(value.text())));
      }
    });
  }

  /** Returns the rule that a time breaks, if it breaks one. */
  Optional<String> brokenAt(Instant now) {
    if (now.isBefore(notBefore)) {
      return Optional.of("validity.notBefore: " + notBefore);
    }
    return now.isAfter(notAfter) ? Optional.of("validity.notAfter: " + notAfter) : Optional.empty();
  }
}
