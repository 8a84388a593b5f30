package dev.cloister.examples;

import dev.cloister.core.Description;
import dev.cloister.core.policy.ApiCall;
import dev.cloister.core.policy.Manifest;
import dev.cloister.core.policy.NetworkRule;
import dev.cloister.core.policy.NodePolicy;
import dev.cloister.core.policy.Resource;
import dev.cloister.core.policy.ResourceLimits;
import dev.cloister.examples.Example.BadRequest;
import java.util.List;
import java.util.stream.Collectors;

/** The policy and the manifest of somebody who brought none. */
final class CellPapers {
  private static final ResourceLimits USUAL =
      ResourceLimits.none()
          .with(Resource.CPU_SECONDS, "60")
          .with(Resource.CPU_SHARE, "1")
          .with(Resource.WALL_SECONDS, "600")
          .with(Resource.MEMORY_BYTES, "268435456")
          .with(Resource.PROCESSES, "32")
          .with(Resource.OPEN_FILES, "256")
          .with(Resource.DISK_BYTES, "67108864")
          .with(Resource.BYTES_IN, "67108864")
          .with(Resource.BYTES_OUT, "67108864");

  private final String image;
  private final ResourceLimits limits;

  CellPapers(String image, List<String> limits) throws BadRequest {
    this.image = image;
    this.limits = read(limits);
  }

  private static ResourceLimits read(List<String> texts) throws BadRequest {
    var limits = ResourceLimits.none();
    for (var text : texts) {
      var equals = text.indexOf('=');
      var resource =
          Resource.named(equals < 0 ? text : text.substring(0, equals))
              .orElseThrow(() ->
                  new BadRequest(
                      "--limit %s: allowed are %s, each with = and a number"
                          .formatted(
                              text,
                              List.of(Resource.values()).stream()
                                  .map(Resource::label)
                                  .collect(Collectors.joining(", ")))));
      try {
        limits = limits.with(resource, text.substring(equals + 1));
      } catch (IllegalArgumentException e) {
        throw new BadRequest("--limit " + e.getMessage());
      }
    }
    return limits;
  }

  /** Gives the image, what stays within a cell, and the limits that were asked for. */
  NodePolicy policy() {
    return NodePolicy.parse(
        "the default policy",
        """
        version: 1
        images: ["%s"]
        api: [receive, poll, send, store, random, time, exit]
        perFunction: %s
        """
            .formatted(image.replaceAll("[\"\\\\\\p{Cntrl}]", "?"), limits.orElse(USUAL)));
  }

  /** Asks for all that a policy gives. */
  Manifest manifest(NodePolicy policy, byte[] code) {
    return Manifest.parse(
        "the default manifest",
        """
        name: function
        codeDigest: %s
        image: "%s"
        api: %s
        network: %s
        limits: %s
        """
            .formatted(
                Description.sha256Hex(code),
                image.replaceAll("[\"\\\\\\p{Cntrl}]", "?"),
                policy.api().stream().sorted().map(ApiCall::label).toList(),
                policy.network().rules().stream()
                    .map(NetworkRule::toString)
                    .map(rule -> "\"" + rule + "\"")
                    .toList(),
                limits));
  }

  /** A manifest says itself what its function needs. */
  Manifest refusingLimits(Manifest manifest) throws BadRequest {
    if (!limits.amounts().isEmpty()) {
      throw new BadRequest("--limit: not with --manifest, which has limits: write them there");
    }
    return manifest;
  }
}
