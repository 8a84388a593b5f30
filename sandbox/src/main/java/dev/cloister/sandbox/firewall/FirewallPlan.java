package dev.cloister.sandbox.firewall;

import dev.cloister.core.policy.NetworkPolicy;
import java.net.Inet4Address;
import java.net.Inet6Address;

/**
 * What one function's firewall is to hold: TCP connections that the policy accepts, and their
 * answers, and nothing else. UDP, ICMP and every other protocol are refused, as in Tor's exit
 * policies; refusals are answered at once, so that a client need not wait for a timeout.
 *
 * <p>Nothing reaches the host's own addresses, by whatever address; nothing reaches the function
 * that it did not ask for; and it can use no other source address than its own. IPv6 packets to
 * IPv4-mapped addresses are refused, whatever the policy says of the IPv4 address: none belongs on
 * a wire. What is accepted here, another rule of the host may still refuse.
 *
 * @param name of the table or the chains: a letter, then letters, digits and underscores, at most
 *     {@link #NAME_MAX}
 * @param device the host's end of the function's link, at most 15 letters and digits
 * @param ipv4 the function's address
 * @param ipv6 the function's address
 * @param policy what it may reach
 * @param masquerade whether others see the host's address instead of the function's
 */
public record FirewallPlan(
    String name,
    String device,
    Inet4Address ipv4,
    Inet6Address ipv6,
    NetworkPolicy policy,
    boolean masquerade) {
  /** The longest name. iptables takes 28 characters with what is appended, so it gets fewer. */
  public static final int NAME_MAX = 96;

  /** Refuses names that could be read as more than a name. */
  public FirewallPlan {
    if (!name.matches("[A-Za-z][A-Za-z0-9_]{0," + (NAME_MAX - 1) + "}")) {
      throw new IllegalArgumentException(
          "firewall name \""
              + name
              + "\": must be a letter, then at most "
              + (NAME_MAX - 1)
              + " letters, digits and underscores");
    }
    if (!device.matches("[a-z0-9]{1,15}")) {
      throw new IllegalArgumentException(
          "device \"" + device + "\": must be 1 to 15 small letters and digits");
    }
  }
}
