package dev.cloister.tor.socks;

import com.google.common.base.Ascii;
import com.google.common.net.InetAddresses;
import dev.cloister.core.policy.PortRange;
import java.net.InetAddress;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A host and a port, in one form for all ways to write them, so that what a policy judges is what
 * is asked for. Nothing is resolved, and that the host exists, it does not say. Immutable.
 *
 * <p>A name is in lower case and without the dot that may end it; its labels are 1 to 63 of ASCII
 * letters, digits, {@code -} and {@code _} (a name in another alphabet is written as {@code
 * xn--…}). An IPv4 address is four decimal numbers. A host whose last label is a number but which
 * is no such address ({@code 0x7f.1}, {@code 127.1}, {@code 2130706433}, {@code 0177.0.0.1}) is
 * refused: some resolvers take it for an address. An IPv6 address is read with or without brackets,
 * kept without, in RFC 5952's form; one that maps an IPv4 address ({@code ::ffff:127.0.0.1}) is
 * kept as the IPv4 address; one with a zone is refused.
 *
 * @param host a name or an address
 * @param port 1 to 65535
 */
public record Destination(String host, int port) {
  /** The longest host, as a SOCKS request can hold it (RFC 1928, section 5). */
  public static final int HOST_BYTES_MAX = 255;

  private static final Pattern LABEL = Pattern.compile("[a-z0-9_-]{1,63}");
  private static final Pattern NUMBER = Pattern.compile("[0-9]+|0x[0-9a-f]*");

  /**
   * Brings the host into its one form.
   *
   * @throws IllegalArgumentException when it is no host, or the port is none
   */
  public Destination {
    host = canonical(host);
    if (port < 1 || port > PortRange.PORT_MAX) {
      throw new IllegalArgumentException(
          "port %d of %s: allowed are 1 to %d".formatted(port, host, PortRange.PORT_MAX));
    }
  }

  /**
   * Takes an address.
   *
   * @param address of either family; its zone is left out
   * @param port 1 to 65535
   * @return where to
   */
  public static Destination of(InetAddress address, int port) {
    return new Destination(literal(address), port);
  }

  /** Writes an address without what the JDK adds: a name, a zone. */
  static String literal(InetAddress address) {
    var text = InetAddresses.toAddrString(address);
    var zone = text.indexOf('%');
    return zone < 0 ? text : text.substring(0, zone);
  }

  /** Returns the one form of a host. */
  static String canonical(String written) {
    if (written.isEmpty() || written.length() > HOST_BYTES_MAX) {
      throw new IllegalArgumentException(
          "host of %d characters: allowed are 1 to %d".formatted(written.length(), HOST_BYTES_MAX));
    }
    var host = Ascii.toLowerCase(written);
    if (host.indexOf(':') >= 0) {
      return canonicalV6(host);
    }
    var name = host.endsWith(".") ? host.substring(0, host.length() - 1) : host;
    var labels = name.split("\\.", -1);
    for (var label : labels) {
      if (!LABEL.matcher(label).matches()) {
        throw refused(written, "labels are 1 to 63 of a-z, 0-9, - and _");
      }
    }
    if (NUMBER.matcher(labels[labels.length - 1]).matches() && !InetAddresses.isInetAddress(name)) {
      throw refused(written, "an IPv4 address is four decimal numbers up to 255");
    }
    return name;
  }

  private static String canonicalV6(String host) {
    var bracketed = host.startsWith("[") && host.endsWith("]");
    var bare = bracketed ? host.substring(1, host.length() - 1) : host;
    if (bare.indexOf('%') >= 0 || !InetAddresses.isInetAddress(bare)) {
      throw refused(host, "an IPv6 address is eight groups of hex digits, without a zone");
    }
    return InetAddresses.toAddrString(InetAddresses.forString(bare));
  }

  private static IllegalArgumentException refused(String host, String allowed) {
    return new IllegalArgumentException(
        "host \"" + host.replaceAll("[^!-~]", "?") + "\": " + allowed);
  }

  /**
   * Tells an address from a name.
   *
   * @return whether the host is an address
   */
  public boolean isAddress() {
    return address().isPresent();
  }

  /**
   * Returns the address that the host is.
   *
   * @return empty for a name
   */
  public Optional<InetAddress> address() {
    return InetAddresses.isInetAddress(host)
        ? Optional.of(InetAddresses.forString(host))
        : Optional.empty();
  }

  /**
   * Writes host and port, IPv6 in brackets.
   *
   * @return such as {@code [::1]:80}
   */
  @Override
  public String toString() {
    return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + port;
  }
}
