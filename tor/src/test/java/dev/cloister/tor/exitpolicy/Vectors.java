package dev.cloister.tor.exitpolicy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cloister.core.policy.Document;
import dev.cloister.core.policy.Node;
import dev.cloister.core.testing.SharedData;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;

/** The tables of exit policies that stem and tor have in their own tests. */
final class Vectors {
  /** What stands for an address or port that is not given: documents have no null. */
  static final String ANY = "null";

  private Vectors() {}

  static Map<String, Node> tables() {
    try {
      var text = Files.readString(SharedData.path("vectors/exit-policy/exit-policy.json"));
      return Document.parse("exit-policy.json", text.replace(": null", ": \"" + ANY + "\""))
          .root()
          .members();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static void each(String table, int rows, Consumer<Node> judge) {
    var items = Objects.requireNonNull(tables().get(table)).items();
    assertThat(items).hasSize(rows);
    for (var row : items) {
      try {
        judge.accept(row);
      } catch (AssertionError | RuntimeException e) {
        throw new AssertionError(table + " at " + row.location() + ": " + row.members(), e);
      }
    }
  }

  static ExitPolicy policy(String... lines) {
    return ExitPolicy.parse("row", List.of(lines));
  }

  static ExitPolicy policy(Node row) {
    return policy(row.required("policy").items().stream().map(Node::text).toArray(String[]::new));
  }

  static boolean accepts(ExitPolicy policy, String address, int port) {
    var plain = address.replaceAll("[\\[\\]]", "");
    return policy.decide(InetAddress.ofLiteral(plain), port).accepted();
  }

  static List<Integer> ports(Node row) {
    var port = row.required("port").scalar();
    return port.equals(ANY)
        ? List.of(1, 79, 80, 83, 86, 443, 65_535)
        : List.of(Integer.valueOf(port));
  }

  /** Lets a policy reject where no rule matches. */
  static ExitPolicy ending(ExitPolicy policy) {
    return policy((policy + "\nreject *:*").lines().toArray(String[]::new));
  }
}
