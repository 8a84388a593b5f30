package dev.cloister.tor.mediation;

import java.util.Arrays;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What a function may be granted to ask for; other keys of GETINFO tell of the relay, its operator
 * and its other clients, and are refused to all.
 */
public enum TorInfo {
  /** Tor's version. */
  VERSION("version", ""),
  /** Whether tor hears of the network. */
  NETWORK_LIVENESS("network-liveness", ""),
  /** The function's own circuits. */
  CIRCUIT_STATUS("circuit-status", ""),
  /** The function's own streams. */
  STREAM_STATUS("stream-status", ""),
  /** The function's own services. */
  ONIONS("onions/current", ""),
  /** A relay's entry in the consensus. */
  RELAY_STATUS("ns/id/", "\\$?[0-9A-Fa-f]{40}"),
  /** A relay's entry in the consensus, by its nickname. */
  RELAY_STATUS_BY_NAME("ns/name/", "[0-9A-Za-z]{1,19}"),
  /** A relay's microdescriptor. */
  MICRODESCRIPTOR("md/id/", "\\$?[0-9A-Fa-f]{40}"),
  /** A relay's descriptor. */
  DESCRIPTOR("desc/id/", "\\$?[0-9A-Fa-f]{40}");

  private final String key;
  private final Pattern object;

  TorInfo(String key, String object) {
    this.key = key;
    this.object = Pattern.compile(object);
  }

  /** Finds what a key asks for, letter for letter. */
  static Optional<TorInfo> of(String key) {
    return Arrays.stream(values()).filter(info -> info.matches(key)).findFirst();
  }

  private boolean matches(String asked) {
    return asked.startsWith(key) && object.matcher(asked.substring(key.length())).matches();
  }
}
