package dev.cloister.tor.exitpolicy;

import com.google.common.net.InetAddresses;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Policies of all that the grammar has, about few networks and ports, so that rules meet. */
final class RandomPolicies {
  private static final List<String> NETWORKS4 =
      List.of(
          "10.0.0.0",
          "10.128.0.0",
          "127.0.0.1",
          "128.0.0.0",
          "192.0.2.1",
          "192.168.0.0",
          "203.0.113.0");
  private static final List<String> NETWORKS6 =
      List.of(
          "2001:db8::",
          "2001:db8:8000::",
          "2001:db8::1:0:0:1",
          "fc00::",
          "fe80::1",
          "8000::",
          "ff02::1");
  private static final List<Integer> PORTS =
      List.of(1, 22, 25, 80, 81, 443, 445, 6667, 8080, 65_534, 65_535);

  private final Random random;
  private final List<String> networks4;
  private final List<String> networks6;
  private final List<Integer> ports;

  RandomPolicies(long seed) {
    this(seed, NETWORKS4, NETWORKS6, PORTS);
  }

  /** Policies about some networks and ports in particular. */
  RandomPolicies(long seed, List<String> networks4, List<String> networks6, List<Integer> ports) {
    this.random = new Random(seed);
    this.networks4 = networks4;
    this.networks6 = networks6;
    this.ports = ports;
  }

  /** Returns lines, each of some rules. */
  List<String> lines() {
    var lines = new ArrayList<String>();
    for (var line = random.nextInt(4); line >= 0; line--) {
      var rules = new ArrayList<String>();
      for (var rule = random.nextInt(4); rule >= 0; rule--) {
        rules.add(rule());
      }
      lines.add(String.join(random.nextBoolean() ? "," : " , ", rules));
    }
    if (random.nextInt(3) == 0) {
      lines.add(random.nextBoolean() ? "reject *:*" : "accept *");
    }
    return lines;
  }

  private String rule() {
    var verb = random.nextBoolean() ? "accept" : "reject";
    var ports = random.nextInt(4) == 0 ? "" : ":" + ports();
    return switch (random.nextInt(12)) {
      case 0 -> verb + " *" + ports;
      case 1 -> verb + "6 *" + ports;
      case 2 -> verb + " *4" + ports;
      case 3 -> verb + " *6" + ports;
      case 4 -> verb + "6 " + pick("*4", "*6", network4()) + ports;
      case 5 -> verb + pick(" ", "6 ") + "private:" + ports();
      case 6, 7, 8 -> verb + "  " + network4() + ports;
      case 9 -> verb + "6\t" + network6() + ports;
      default -> verb + " " + network6() + ports;
    };
  }

  private String pick(String... texts) {
    return texts[random.nextInt(texts.length)];
  }

  private int port() {
    return random.nextInt(4) == 0
        ? 1 + random.nextInt(65_535)
        : ports.get(random.nextInt(ports.size()));
  }

  private String ports() {
    var one = port();
    var other = port();
    return switch (random.nextInt(4)) {
      case 0 -> "*";
      case 1 -> Integer.toString(one);
      default -> Math.min(one, other) + "-" + Math.max(one, other);
    };
  }

  private String network4() {
    var bits = random.nextInt(4) == 0 ? random.nextInt(33) : pickBits(0, 1, 7, 8, 16, 24, 31, 32);
    var text = networks4.get(random.nextInt(networks4.size()));
    var network = InetAddresses.toAddrString(cleared(InetAddresses.forString(text), bits));
    return switch (bits == 32 ? random.nextInt(3) : 1 + random.nextInt(2)) {
      case 0 -> network;
      case 1 -> network + "/" + bits;
      default -> network + "/" + mask(bits);
    };
  }

  private int pickBits(int... bits) {
    return bits[random.nextInt(bits.length)];
  }

  private static String mask(int bits) {
    return InetAddresses.toAddrString(
        InetAddresses.fromInteger(bits == 0 ? 0 : -1 << (Integer.SIZE - bits)));
  }

  private String network6() {
    var bits =
        random.nextInt(4) == 0 ? random.nextInt(129) : pickBits(0, 1, 8, 16, 32, 64, 65, 127, 128);
    var text = networks6.get(random.nextInt(networks6.size()));
    var network = InetAddresses.toAddrString(cleared(InetAddresses.forString(text), bits));
    return switch (bits == 128 ? random.nextInt(3) : 1 + random.nextInt(2)) {
      case 0 -> "[" + network + "]";
      case 1 -> network + "/" + bits;
      default -> "[" + network + "]/" + bits;
    };
  }

  /** Tor keeps the bits beyond a prefix's in its text; so that texts can be compared, none are. */
  private static InetAddress cleared(InetAddress address, int bits) {
    var bytes = address.getAddress();
    for (var i = bits; i < bytes.length * 8; i++) {
      bytes[i / 8] &= (byte) ~(0x80 >> i % 8);
    }
    return of(bytes);
  }

  private static InetAddress of(byte[] bytes) {
    try {
      return InetAddress.getByAddress(bytes);
    } catch (UnknownHostException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Returns an address at an edge of one of the networks, or near. */
  InetAddress address() {
    var texts = random.nextBoolean() ? networks4 : networks6;
    var bytes = InetAddresses.forString(texts.get(random.nextInt(texts.size()))).getAddress();
    var bit = random.nextInt(bytes.length * 8);
    switch (random.nextInt(4)) {
      case 0 -> bytes[bit / 8] ^= (byte) (0x80 >> bit % 8);
      case 1 -> bytes[bytes.length - 1]++;
      case 2 -> random.nextBytes(bytes);
      default -> {}
    }
    return of(bytes);
  }

  /** Returns a port that rules name, or one beside. */
  int destinationPort() {
    return Math.clamp(port() + random.nextInt(3) - 1, 1, 65_535);
  }
}
