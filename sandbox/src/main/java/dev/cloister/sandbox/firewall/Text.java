package dev.cloister.sandbox.firewall;

import dev.cloister.core.policy.AddressPrefix;
import java.net.InetAddress;

/** Addresses as the programs read them: no zone, no brackets. */
final class Text {
  private Text() {}

  static String of(InetAddress address) {
    var text = address.getHostAddress();
    var zone = text.indexOf('%');
    return zone < 0 ? text : text.substring(0, zone);
  }

  static String of(AddressPrefix prefix) {
    return of(prefix.network()) + "/" + prefix.bits();
  }
}
