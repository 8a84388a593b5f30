package dev.cloister.examples;

import dev.cloister.core.policy.NodePolicy;

/** The policies of nodes that were given none. */
final class NodePapers {
  private static final String CALLS = "receive, poll, send, store, random, time, exit";

  private NodePapers() {}

  /** Gives what stays within a cell. */
  static NodePolicy policy() {
    return policy(CALLS, "");
  }

  /** Gives the way to one site, and to functions elsewhere, too. */
  static NodePolicy policyToFetchFrom(String site) {
    return policy(CALLS + ", fetch, call", "network: [\"accept " + site + "\", \"reject *:*\"]");
  }

  private static NodePolicy policy(String calls, String network) {
    return NodePolicy.parse(
        "the default policy",
        """
        version: 1
        images: [python, javascript, webassembly]
        api: [%s]
        %s
        perFunction: {cpuSeconds: 60, cpuShare: 1, wallSeconds: 600, memoryBytes: 268435456,
          processes: 32, openFiles: 256, diskBytes: 67108864, bytesIn: 67108864,
          bytesOut: 67108864}
        total: {cpuSeconds: 600, cpuShare: 4, wallSeconds: 6000, memoryBytes: 1073741824,
          processes: 128, openFiles: 1024, diskBytes: 268435456, bytesIn: 268435456,
          bytesOut: 268435456}
        lifetime: 3600
        """
            .formatted(calls, network));
  }
}
