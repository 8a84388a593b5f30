package dev.cloister.tor.testing;

import java.util.Locale;

/** What a node of a network is there for. */
public enum TorRole {
  /** Votes on the consensus, and relays. */
  AUTHORITY,
  /** Relays, and lets nothing out. */
  RELAY,
  /** Relays, and connects to any address, loopback too, unless an option says otherwise. */
  EXIT,
  /** Has a SOCKS port, and relays nothing. */
  CLIENT;

  /**
   * Tells whether such a node is a relay of the network.
   *
   * @return false for a client alone
   */
  public boolean relays() {
    return this != CLIENT;
  }

  /**
   * Names it.
   *
   * @return lower case, as nicknames begin
   */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
