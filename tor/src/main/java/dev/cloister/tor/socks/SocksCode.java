package dev.cloister.tor.socks;

import java.util.Arrays;

/**
 * Why a SOCKS server did not do what it was asked: the replies of RFC 1928, section 6, and those of
 * Tor's socks-extensions, which tor gives on a {@code SocksPort} with the flag {@code
 * ExtendedErrors}; without it an onion service's failure is {@link #HOST_UNREACHABLE}.
 */
public enum SocksCode {
  /** No better code fits. */
  GENERAL_FAILURE(0x01, true, "general failure"),
  /** A rule forbids it: the server's, or an exit's policy. */
  NOT_ALLOWED(0x02, false, "not allowed by a rule"),
  /** No way to the network. */
  NETWORK_UNREACHABLE(0x03, true, "network unreachable"),
  /** No way to the host, or no such name. */
  HOST_UNREACHABLE(0x04, true, "host unreachable"),
  /** The destination refused. */
  CONNECTION_REFUSED(0x05, false, "connection refused by the destination"),
  /** It took too long. */
  TTL_EXPIRED(0x06, true, "timed out on the way"),
  /** A command that the server does not know. */
  COMMAND_UNSUPPORTED(0x07, false, "command not supported"),
  /** A type of address that the server does not know. */
  ADDRESS_UNSUPPORTED(0x08, false, "address type not supported"),
  /** The onion service's descriptor was not found: not uploaded yet, or no such service. */
  ONION_NOT_FOUND(0xf0, true, "onion service descriptor not found"),
  /** The onion service's descriptor is malformed, or its signature wrong. */
  ONION_INVALID(0xf1, false, "onion service descriptor invalid"),
  /** No introduction point took the introduction. */
  ONION_INTRODUCTION_FAILED(0xf2, true, "onion service introduction failed"),
  /** No rendezvous with the onion service. */
  ONION_RENDEZVOUS_FAILED(0xf3, true, "onion service rendezvous failed"),
  /** The onion service wants a key of its clients, and tor has none for it. */
  ONION_MISSING_AUTHORIZATION(0xf4, false, "onion service needs client authorization"),
  /** The onion service wants another key than tor has for it. */
  ONION_WRONG_AUTHORIZATION(0xf5, false, "onion service refused the client authorization"),
  /** The onion address is mistyped or of an unknown version. */
  ONION_BAD_ADDRESS(0xf6, false, "onion address invalid"),
  /** All introductions took too long. */
  ONION_INTRODUCTION_TIMED_OUT(0xf7, true, "onion service introduction timed out"),
  /** A code that none of the sources assigns. */
  UNASSIGNED(0xff, false, "unassigned reply");

  private final int code;
  private final boolean retriable;
  private final String meaning;

  SocksCode(int code, boolean retriable, String meaning) {
    this.code = code;
    this.retriable = retriable;
    this.meaning = meaning;
  }

  static SocksCode of(int code) {
    return Arrays.stream(values())
        .filter(known -> known.code == code)
        .findFirst()
        .orElse(UNASSIGNED);
  }

  /**
   * Returns the code on the wire.
   *
   * @return one byte, 0 to 255
   */
  public int code() {
    return code;
  }

  /**
   * Says whether another try, over another circuit or a little later, may do better.
   *
   * @return false where the same would be answered
   */
  public boolean retriable() {
    return retriable;
  }

  String meaning() {
    return meaning;
  }
}
