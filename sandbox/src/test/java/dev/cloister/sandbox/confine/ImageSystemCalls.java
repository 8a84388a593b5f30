package dev.cloister.sandbox.confine;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.cloister.core.policy.Document;
import dev.cloister.core.policy.Node;
import dev.cloister.sandbox.guest.PythonGuest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Objects;

/** The system calls that the image of Python allows where it has no network of its own. */
final class ImageSystemCalls {
  private ImageSystemCalls() {}

  static List<String> python3() {
    try (var in =
        Objects.requireNonNull(PythonGuest.class.getResourceAsStream("python/image.yaml"))) {
      return Document.parse("image.yaml", new String(in.readAllBytes(), UTF_8))
          .root()
          .required("systemCalls")
          .items()
          .stream()
          .map(Node::text)
          .filter(call -> !SystemCallFilter.OF_A_NETWORK.contains(call))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
