package dev.cloister.tor.testing;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The configuration of a network's nodes. What each option does stands in tor(1); why it is here,
 * beside it. Immutable.
 *
 * @param shape whose options come in the place of those here
 * @param files the directory of what all nodes read
 * @param authorities a line for each
 * @param exits the fingerprints of the nodes that get the flag Exit
 */
record Torrc(TorShape shape, Path files, List<String> authorities, List<String> exits) {
  /** Between two consensuses: the least that tor allows. */
  static final int INTERVAL_SECONDS = 10;

  /** For votes, and again for signatures: the least that tor allows. */
  static final int DELAY_SECONDS = 2;

  /** The option that says when authorities vote. */
  static final String VOTES = "TestingV3AuthVotingStartOffset";

  /** What all nodes read where a real one would read a large file. */
  Path empty() {
    return files.resolve("empty");
  }

  /** A name server that is not there, so that no question leaves this machine. */
  Path resolver() {
    return files.resolve("resolv.conf");
  }

  /**
   * Writes a node's configuration.
   *
   * @param offset when votes fall, in seconds from each interval's begin
   */
  String of(NodePlan node, int offset) {
    var text = new StringBuilder(common(node));
    switch (node.role()) {
      case AUTHORITY -> text.append(relay(node)).append(authority(node, offset)).append(NO_EXIT);
      case RELAY -> text.append(relay(node)).append(NO_EXIT);
      case EXIT -> text.append(relay(node)).append(EXIT);
      case CLIENT ->
          text.append("SocksPort 127.0.0.1:%d ExtendedErrors\n".formatted(node.socksPort()));
    }
    var options = shape.options(node.role());
    var lines = new ArrayList<String>();
    text.toString()
        .lines()
        .filter(line -> options.stream().noneMatch(option -> option.replaces(line)))
        .forEach(lines::add);
    options.forEach(option -> lines.add(option.line()));
    return lines.stream().map(line -> line + "\n").collect(Collectors.joining());
  }

  /**
   * A circuit that hangs is given up soon enough for another to serve who waits, who would wait a
   * minute otherwise. Reading the tables of countries takes 2.5 seconds and 60 MB for each node. A
   * node ends when the process that owns it does, which tor looks for every 15 seconds.
   */
  private String common(NodePlan node) {
    return """
    TestingTorNetwork 1
    DataDirectory %1$s
    Nickname %2$s
    Log notice stdout
    SafeLogging 0
    LogTimeGranularity 1
    ShutdownWaitLength 0
    ControlPort 127.0.0.1:%3$d
    CookieAuthentication 1
    CookieAuthFile %4$s
    PathsNeededToBuildCircuits 0.67
    LearnCircuitBuildTimeout 0
    CircuitBuildTimeout 10
    __OwningControllerProcess %5$d
    GeoIPFile %6$s
    GeoIPv6File %6$s
    NumCPUs 1
    MaxMemInQueues 256 MB
    """
            .formatted(
                quoted(node.directory()),
                node.nickname(),
                node.controlPort(),
                quoted(node.cookie()),
                ProcessHandle.current().pid(),
                quoted(empty()))
        + String.join("\n", authorities)
        + "\n";
  }

  /** No relay tests whether others reach it, or asks a name server anything by itself. */
  private String relay(NodePlan node) {
    return """
    SocksPort 0
    Address %1$s
    ORPort %1$s:%2$d
    AssumeReachable 1
    ServerDNSDetectHijacking 0
    ServerDNSTestAddresses
    ServerDNSAllowBrokenConfig 1
    ServerDNSResolvConfFile %3$s
    ContactInfo nobody@example.invalid
    """
        .formatted(node.address().getHostAddress(), node.orPort(), quoted(resolver()));
  }

  private String authority(NodePlan node, int offset) {
    return """
    DirPort %1$s:%2$d
    AuthoritativeDirectory 1
    V3AuthoritativeDirectory 1
    TestingV3AuthInitialVotingInterval %3$d
    TestingV3AuthInitialVoteDelay %4$d
    TestingV3AuthInitialDistDelay %4$d
    %7$s %5$d
    V3AuthVotingInterval %3$d
    V3AuthVoteDelay %4$d
    V3AuthDistDelay %4$d
    V3AuthNIntervalsValid 6
    TestingDirAuthVoteExit %6$s
    TestingDirAuthVoteGuard *
    TestingDirAuthVoteHSDir *
    TestingMinExitFlagThreshold 0
    TestingAuthDirTimeToLearnReachability 0
    MinUptimeHidServDirectoryV2 0
    """
        .formatted(
            node.address().getHostAddress(),
            node.dirPort(),
            INTERVAL_SECONDS,
            DELAY_SECONDS,
            offset,
            exits.isEmpty() ? "" : String.join(",", exits),
            VOTES);
  }

  /** A path may have a number sign, which would begin a comment. */
  private static String quoted(Path path) {
    return '"' + path.toString().replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }

  private static final String NO_EXIT =
      """
      ExitRelay 0
      ExitPolicy reject *:*
      """;

  /** Loopback is where a test's servers are. */
  private static final String EXIT =
      """
      ExitRelay 1
      IPv6Exit 1
      ExitPolicyRejectPrivate 0
      ExitPolicy accept *:*
      """;
}
