package dev.cloister.tor.onionproxy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The configuration of a function's tor: the operator's lines, which name its network and how it is
 * reached, and ours, which no line replaces. Immutable. Source: tor(1).
 *
 * @param lines the operator's
 */
record ProxyTorrc(List<String> lines) {
  /** What sun_path holds, its last byte excepted; unix(7). */
  private static final int SOCKET_BYTES_MAX = 107;

  private static final Pattern LINE = Pattern.compile("([A-Za-z0-9]+)(?: .*[^\\\\]|)");

  /** In lower case: the options by which an operator says which network, and by which way. */
  private static final Set<String> NETWORK =
      Set.of(
          "alternatebridgeauthority",
          "alternatedirauthority",
          "bridge",
          "circuitbuildtimeout",
          "circuitpadding",
          "clientpreferipv6orport",
          "clientuseipv4",
          "clientuseipv6",
          "confluxenabled",
          "connectionpadding",
          "dirauthority",
          "enforcedistinctsubnets",
          "entrynodes",
          "excludeexitnodes",
          "excludenodes",
          "exitnodes",
          "fallbackdir",
          "httpsproxy",
          "httpsproxyauthenticator",
          "learncircuitbuildtimeout",
          "maxcircuitdirtiness",
          "middlenodes",
          "numdirectoryguards",
          "numentryguards",
          "outboundbindaddress",
          "pathsneededtobuildcircuits",
          "reachableaddresses",
          "reducedconnectionpadding",
          "socks5proxy",
          "socks5proxypassword",
          "socks5proxyusername",
          "strictnodes",
          "testingtornetwork",
          "usebridges",
          "usedefaultfallbackdirs",
          "useentryguards");

  /** Refuses what is not one line of one of those options. */
  ProxyTorrc {
    lines = List.copyOf(lines);
    lines.forEach(ProxyTorrc::check);
  }

  private static void check(String line) {
    var match = LINE.matcher(line);
    if (!match.matches() || line.chars().anyMatch(Character::isISOControl)) {
      throw new IllegalArgumentException(
          "line \"%s\": must be an option and its value in one line, with no backslash at its end"
              .formatted(line.replaceAll("[^ -~]", "?")));
    }
    if (!NETWORK.contains(match.group(1).toLowerCase(Locale.ROOT))) {
      throw new IllegalArgumentException(
          "option %s: a function's onion proxy takes those alone that say which network: %s"
              .formatted(match.group(1), NETWORK.stream().sorted().toList()));
    }
  }

  /** Returns the directory, below a tor's own, in which it listens. */
  static Path listening(Path directory) {
    return directory.resolve("socks");
  }

  /** Returns where a tor of a directory listens. */
  static Path socket(Path directory) {
    return listening(directory).resolve("port");
  }

  /** Refuses a directory in which no socket can be. */
  static void checkPath(Path directory) {
    var socket = socket(directory).toString();
    if (!socket.matches("[ -~&&[^\"\\\\]]{1," + SOCKET_BYTES_MAX + "}")) {
      throw new IllegalArgumentException(
          "directory %s: its sockets, such as %s, must be of at most %d bytes, all of ASCII, without quotes and backslashes"
              .formatted(directory, socket, SOCKET_BYTES_MAX));
    }
  }

  /**
   * Writes it. No port but the one socket; nothing in the log that tells where to; the tables of
   * countries, which take 60 MB, are empty; a scheduler that asks the kernel nothing that the list
   * of system calls lacks; it ends when this process has, which tor looks for every 15 seconds.
   */
  String text(Path directory, Path empty) {
    var text = new ArrayList<>(lines);
    text.addAll(
        """
        DataDirectory "%1$s"
        SocksPort unix:"%2$s" ExtendedErrors
        ControlPort 0
        ClientOnly 1
        SafeLogging 1
        AvoidDiskWrites 1
        Log notice stdout
        GeoIPFile "%3$s"
        GeoIPv6File "%3$s"
        Schedulers KISTLite
        NumCPUs 1
        MaxMemInQueues 256 MB
        ShutdownWaitLength 0
        __OwningControllerProcess %4$d
        """
            .formatted(directory, socket(directory), empty, ProcessHandle.current().pid())
            .lines()
            .toList());
    return String.join("\n", text) + "\n";
  }
}
