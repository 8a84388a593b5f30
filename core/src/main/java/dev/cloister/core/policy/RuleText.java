package dev.cloister.core.policy;

import com.google.common.net.InetAddresses;
import dev.cloister.core.PolicyRejected;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** Reads one rule of a network policy; every fault is named with the rule and its place. */
record RuleText(String text, String place) {
  private static final int LENGTH_MAX = 200;
  private static final Pattern RULE = Pattern.compile("(accept|reject)[ \\t]+(\\S+)");

  /** Addresses in brackets, or without a colon; a length or mask; ports. */
  private static final Pattern TARGET =
      Pattern.compile("(\\[[^\\[\\]]*\\]|[^:/\\[\\]]*)(?:/([^:/]*))?(?::([^:/]*))?");

  private static final Pattern IPV4 = Pattern.compile("[0-9.]+");
  private static final Pattern IPV6 = Pattern.compile("[0-9A-Fa-f:.]+");
  private static final Pattern NUMBER = Pattern.compile("[0-9]{1,5}");

  NetworkRule rule() {
    checkLength();
    var rule = RULE.matcher(text);
    if (!rule.matches()) {
      throw new PolicyRejected(
          place,
          "\"%s\": allowed is accept or reject, a space, then ADDRESS[/BITS]:PORTS"
              .formatted(Node.shown(text)));
    }
    return rule(rule.group(1).equals("accept"), rule.group(2));
  }

  /** Reads what stands after the verb. */
  NetworkRule rule(boolean accepts, String destinations) {
    checkLength();
    var target = TARGET.matcher(destinations);
    if (!target.matches()) {
      throw rejected(
          "address", destinations, "ADDRESS[/BITS]:PORTS, with an IPv6 address in brackets");
    }
    var addresses = addresses(target.group(1), Optional.ofNullable(target.group(2)));
    var ports = Optional.ofNullable(target.group(3)).map(this::ports).orElse(PortRange.ALL);
    return new NetworkRule(accepts, addresses, ports, text, place);
  }

  private void checkLength() {
    if (text.length() > LENGTH_MAX) {
      throw new PolicyRejected(
          place,
          "rule of %d characters \"%s\": allowed are %d"
              .formatted(text.length(), Node.shown(text), LENGTH_MAX));
    }
  }

  private PolicyRejected rejected(String what, String value, String allowed) {
    return new PolicyRejected(
        place,
        "%s %s in \"%s\": allowed %s"
            .formatted(what, Node.shown(value), Node.shown(text), allowed));
  }

  private List<AddressPrefix> addresses(String address, Optional<String> length) {
    var named =
        switch (address) {
          case "*" -> NetworkRule.ANYWHERE;
          case "*4" -> NetworkRule.ANYWHERE.subList(0, 1);
          case "*6" -> NetworkRule.ANYWHERE.subList(1, 2);
          case "private" -> NetworkRule.PRIVATE;
          default -> List.<AddressPrefix>of();
        };
    if (named.isEmpty()) {
      var network = address.startsWith("[") ? ipv6(address) : ipv4(address);
      return List.of(prefix(network, length));
    }
    if (length.isPresent()) {
      throw rejected("prefix", "/" + length.get(), "none after " + address);
    }
    return named;
  }

  private InetAddress ipv4(String address) {
    if (IPV4.matcher(address).matches() && InetAddresses.isInetAddress(address)) {
      return InetAddresses.forString(address);
    }
    throw rejected("address", address, "an IPv4 address, [an IPv6 address], *, *4, *6 or private");
  }

  private InetAddress ipv6(String bracketed) {
    var address = bracketed.substring(1, bracketed.length() - 1);
    if (!IPV6.matcher(address).matches()
        || address.indexOf(':') < 0
        || !InetAddresses.isInetAddress(address)) {
      throw rejected("address", bracketed, "an IPv6 address in brackets");
    }
    var network = InetAddresses.forString(address);
    if (network instanceof Inet4Address) {
      throw rejected(
          "address",
          bracketed,
          Address.text(network) + ", since an IPv4-mapped address is judged as the IPv4 address");
    }
    return network;
  }

  private AddressPrefix prefix(InetAddress network, Optional<String> length) {
    var width = network.getAddress().length * 8;
    if (length.isEmpty()) {
      return new AddressPrefix(network, width);
    }
    var bits = length.get();
    if (NUMBER.matcher(bits).matches() && Integer.parseInt(bits) <= width) {
      return new AddressPrefix(network, Integer.parseInt(bits));
    }
    if (width == Integer.SIZE
        && IPV4.matcher(bits).matches()
        && InetAddresses.isInetAddress(bits)
        && AddressPrefix.bitsOf(InetAddresses.forString(bits)) >= 0) {
      return new AddressPrefix(network, AddressPrefix.bitsOf(InetAddresses.forString(bits)));
    }
    throw rejected(
        "prefix",
        "/" + bits,
        width == Integer.SIZE ? "/0 to /32, or a mask of leading ones" : "/0 to /128");
  }

  private PortRange ports(String ports) {
    if (ports.equals("*")) {
      return PortRange.ALL;
    }
    var dash = ports.indexOf('-');
    if (dash < 0) {
      return new PortRange(port(ports), port(ports));
    }
    var first = port(ports.substring(0, dash));
    var last = port(ports.substring(dash + 1));
    if (first > last) {
      throw rejected("ports", ports, "the lower port first");
    }
    return new PortRange(first, last);
  }

  private int port(String port) {
    if (NUMBER.matcher(port).matches()) {
      var number = Integer.parseInt(port);
      if (number >= 1 && number <= PortRange.PORT_MAX) {
        return number;
      }
    }
    throw rejected("port", port, "1-" + PortRange.PORT_MAX);
  }
}
