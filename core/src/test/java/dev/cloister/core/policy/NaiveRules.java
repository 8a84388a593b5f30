package dev.cloister.core.policy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Rules as plain as they can be: each is asked in turn, bit by bit. What is compiled must agree.
 */
@SuppressWarnings("ArrayRecordComponent") // compared by nobody
record NaiveRules(List<Rule> rules) {
  static final byte[] MAPPED = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1, -1};

  /** One rule; 0 bits of family 0 are both families. */
  record Rule(boolean accepts, int family, byte[] network, int bits, int first, int last) {

    boolean matches(byte[] address, int port) {
      if (port < first || port > last || (family != 0 && family != address.length)) {
        return false;
      }
      for (var bit = 0; bit < bits; bit++) {
        if (((address[bit / 8] ^ network[bit / 8]) >> (7 - bit % 8) & 1) != 0) {
          return false;
        }
      }
      return true;
    }

    String text() {
      return (accepts ? "accept " : "reject ") + addresses() + ":" + first + "-" + last;
    }

    private String addresses() {
      return switch (family) {
        case 0 -> "*";
        case 4 ->
            IntStream.range(0, 4)
                    .mapToObj(i -> Integer.toString(network[i] & 0xff))
                    .collect(Collectors.joining("."))
                + "/"
                + bits;
        default ->
            IntStream.range(0, 8)
                .mapToObj(i ->
                    Integer.toHexString((network[2 * i] & 0xff) << 8 | (network[2 * i + 1] & 0xff)))
                .collect(Collectors.joining(":", "[", "]/" + bits));
      };
    }
  }

  /** A destination. */
  record Destination(byte[] address, int port) {
    @Override
    public String toString() {
      return Arrays.toString(address) + ":" + port;
    }
  }

  /** Makes rules that overlap much: few networks, few ports, all prefix lengths. */
  static NaiveRules random(Random random, int most) {
    var rules = new ArrayList<Rule>();
    for (var left = random.nextInt(most + 1); left > 0; left--) {
      rules.add(rule(random));
    }
    return new NaiveRules(rules);
  }

  private static Rule rule(Random random) {
    var one = port(random);
    var other = random.nextBoolean() ? one : port(random);
    var family = new int[] {0, 4, 4, 4, 16, 16}[random.nextInt(6)];
    var network = address(random, family == 0 ? 4 : family);
    var bits = random.nextInt(family == 0 ? 1 : family * 8 + 1);
    if (isMapped(network)) {
      network[10] = 0;
    }
    return new Rule(
        random.nextBoolean(), family, network, bits, Math.min(one, other), Math.max(one, other));
  }

  private static int port(Random random) {
    return switch (random.nextInt(8)) {
      case 0 -> 1;
      case 1 -> 65_535;
      case 2 -> 1 + random.nextInt(65_535);
      default -> 78 + random.nextInt(6);
    };
  }

  private static byte[] address(Random random, int length) {
    var address = new byte[length];
    switch (random.nextInt(5)) {
      case 0 -> {}
      case 1 -> Arrays.fill(address, (byte) -1);
      case 2 -> random.nextBytes(address);
      default -> {
        address[0] = 10;
        address[length - 1] = (byte) random.nextInt(4);
      }
    }
    if (length == 16 && random.nextInt(4) == 0) {
      System.arraycopy(MAPPED, 0, address, 0, 12);
    }
    return address;
  }

  static boolean isMapped(byte[] address) {
    return address.length == 16 && Arrays.equals(address, 0, 12, MAPPED, 0, 12);
  }

  /** Returns the index of the first rule that matches, or the largest number. */
  int first(Destination destination) {
    var address = destination.address();
    var judged = isMapped(address) ? Arrays.copyOfRange(address, 12, 16) : address;
    for (var i = 0; i < rules.size(); i++) {
      if (rules.get(i).matches(judged, destination.port())) {
        return i;
      }
    }
    return RuleTable.NONE;
  }

  boolean accepts(Destination destination) {
    var first = first(destination);
    return first != RuleTable.NONE && rules.get(first).accepts();
  }

  List<String> lines() {
    return rules.stream().map(Rule::text).toList();
  }

  NetworkPolicy compiled(String name) {
    return NetworkPolicy.parse(name, lines());
  }

  /** Returns every rule's corners: its first and last address, those beside them, and the ports. */
  List<Destination> corners() {
    var corners = new ArrayList<Destination>();
    for (var rule : rules) {
      for (var last : new boolean[] {false, true}) {
        var edge = edge(rule, last);
        for (var address : new byte[][] {edge, moved(edge, 1), moved(edge, -1)}) {
          for (var port :
              new int[] {rule.first() - 1, rule.first(), rule.last(), rule.last() + 1}) {
            corners.add(new Destination(address, port));
          }
        }
      }
    }
    return corners;
  }

  private static byte[] edge(Rule rule, boolean last) {
    var edge = rule.network().clone();
    for (var bit = rule.bits(); bit < edge.length * 8; bit++) {
      var mask = 1 << (7 - bit % 8);
      edge[bit / 8] = (byte) (last ? edge[bit / 8] | mask : edge[bit / 8] & ~mask);
    }
    return edge;
  }

  private static byte[] moved(byte[] address, int step) {
    var moved = address.clone();
    for (var i = moved.length - 1; i >= 0; i--) {
      moved[i] += (byte) step;
      if (moved[i] != (step > 0 ? 0 : -1)) {
        break;
      }
    }
    return moved;
  }

  static Destination somewhere(Random random) {
    return new Destination(address(random, random.nextBoolean() ? 4 : 16), port(random));
  }
}
