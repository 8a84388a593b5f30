package dev.cloister.tor.function;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.cloister.core.Description;
import dev.cloister.core.policy.ApiCall;
import dev.cloister.core.policy.Manifest;
import dev.cloister.core.policy.NetworkPolicy;
import dev.cloister.core.policy.Resource;
import dev.cloister.core.policy.ResourceLimits;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;

/** A function's source, as it lies beside this class, and the manifest that speaks for it. */
final class GuestSource {
  private GuestSource() {}

  /** Reads files, one after the other as one. */
  static byte[] of(String... names) {
    return Arrays.stream(names)
        .map(GuestSource::read)
        .collect(Collectors.joining("\n\n"))
        .getBytes(UTF_8);
  }

  private static String read(String name) {
    try (var in = GuestSource.class.getResourceAsStream(name)) {
      return new String(Objects.requireNonNull(in, name).readAllBytes(), UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Says what a function needs; of what is not named it gets what the node gives. */
  static Manifest manifest(
      String name,
      byte[] code,
      String image,
      List<ApiCall> api,
      NetworkPolicy network,
      ResourceLimits limits) {
    return Manifest.parse(
        name,
        """
        name: %s
        codeDigest: %s
        image: %s
        api: [%s]
        network: [%s]
        limits: {%s}
        """
            .formatted(
                name,
                Description.sha256Hex(code),
                image,
                api.stream().map(ApiCall::label).collect(Collectors.joining(", ")),
                network
                    .toString()
                    .lines()
                    .map(rule -> '"' + rule + '"')
                    .collect(Collectors.joining(", ")),
                Arrays.stream(Resource.values())
                    .filter(limits::names)
                    .map(each -> each.label() + ": " + each.text(limits.of(each)))
                    .collect(Collectors.joining(", "))));
  }
}
