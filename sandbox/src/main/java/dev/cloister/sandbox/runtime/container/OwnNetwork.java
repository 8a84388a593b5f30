package dev.cloister.sandbox.runtime.container;

import dev.cloister.core.policy.AddressPrefix;
import dev.cloister.sandbox.firewall.AddressRange;

/**
 * How containers get networks of their own: each a link to the host alone, behind rules that let
 * through what the function's network policy accepts, by TCP. Immutable.
 *
 * @param masqueraded whether others see the host's address; otherwise functions reach only what has
 *     a route back to them, such as other networks of this machine
 * @param ipv4 from where functions get addresses, at most 30 bits
 * @param ipv6 likewise, at most 126 bits
 */
public record OwnNetwork(boolean masqueraded, AddressPrefix ipv4, AddressPrefix ipv6) {

  /** Checks the families and that one function has room. */
  public OwnNetwork {
    var _ = new AddressRange(ipv4, ipv6);
  }

  /**
   * Reaches other machines by the host's address, from 10.213.0.0/16 and fd63:6c6f:6973::/48.
   *
   * @return room for 16,384 functions
   */
  public static OwnNetwork standard() {
    var range = AddressRange.standard();
    return new OwnNetwork(true, range.ipv4(), range.ipv6());
  }

  AddressRange range() {
    return new AddressRange(ipv4, ipv6);
  }
}
