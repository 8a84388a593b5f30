package dev.cloister.tor.exitpolicy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cloister.core.testing.RequiresProgram;
import dev.cloister.sandbox.firewall.AddressRange;
import dev.cloister.sandbox.firewall.FirewallPlan;
import dev.cloister.sandbox.firewall.Iptables;
import dev.cloister.sandbox.firewall.NetworkNamespace;
import dev.cloister.sandbox.firewall.NetworkNamespaces;
import dev.cloister.sandbox.firewall.NetworkNamespaces.Outside;
import java.io.IOException;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Firewalls that were made of exit policies let pass what the policies decide: real connections.
 */
@RequiresProgram(
    value = {"ip", "nft", "iptables-restore", "ip6tables-restore", "python3"},
    root = true)
final class FirewallTest {
  private static final int POLICIES = 6;

  private String before = "";

  @BeforeEach
  void look() throws IOException {
    before = host();
  }

  /** Of iptables's own tables the first use leaves empty ones. */
  @AfterEach
  void everythingIsAsItWas() throws IOException {
    for (var table : OutsideNetwork.run("", "nft", "list", "tables").lines().toList()) {
      if (!before.contains(table) && table.matches("table ip6? (filter|nat)")) {
        OutsideNetwork.run("delete " + table + "\n", "nft", "-f", "-");
      }
    }
    assertThat(host()).isEqualTo(before);
  }

  private static String host() throws IOException {
    return OutsideNetwork.run("", "nft", "list", "tables")
        + OutsideNetwork.run("", "ip", "netns", "list")
        + OutsideNetwork.run("", "ip", "-o", "link", "show").replaceAll(" state .*", "");
  }

  /** Puts a firewall that holds to a policy before a namespace of its own. */
  private interface Holding {
    NetworkNamespace hold(NetworkNamespaces namespaces, ExitPolicy policy) throws IOException;
  }

  private static List<String> destinations() {
    var all = new ArrayList<String>();
    for (var addresses : List.of(OutsideNetwork.IPV4, OutsideNetwork.IPV6)) {
      for (var address : addresses) {
        OutsideNetwork.PORTS.forEach(port -> all.add(address + " " + port));
      }
    }
    return all;
  }

  private static void isHeld(Holding holding) throws IOException {
    var seed = new Random().nextLong();
    var policies =
        new RandomPolicies(seed, OutsideNetwork.IPV4, OutsideNetwork.IPV6, OutsideNetwork.PORTS);
    var reached = 0;
    var all = destinations();
    for (var i = 0; i < POLICIES; i++) {
      var lines = policies.lines();
      var policy = ExitPolicy.parse("test", lines);
      try (var _ = OutsideNetwork.open();
          var namespaces = NetworkNamespaces.open(AddressRange.standard(), Outside.ROUTED);
          var function = holding.hold(namespaces, policy)) {
        var outcomes = OutsideNetwork.connect(function.name(), all);
        assertThat(outcomes).hasSameSizeAs(all);
        for (var j = 0; j < all.size(); j++) {
          var to = all.get(j).split(" ", -1);
          var decision = policy.decide(InetAddress.ofLiteral(to[0]), Integer.parseInt(to[1]));
          assertThat(outcomes.get(j))
              .as("seed %d: %s by %s of %s", seed, all.get(j), decision, lines)
              .isEqualTo(decision.accepted() ? "reached" : "ECONNREFUSED");
          reached += decision.accepted() ? 1 : 0;
        }
      }
    }
    assertThat(reached).as("seed %d", seed).isBetween(1, POLICIES * all.size() - 1);
  }

  @Test
  void nftablesDecidesAsThePolicyDoes() throws IOException {
    isHeld((namespaces, policy) -> namespaces.create(policy.networkPolicy()));
  }

  @Test
  void iptablesDecidesAsThePolicyDoes() throws IOException {
    var loaded = new ArrayList<Iptables>();
    try {
      isHeld((namespaces, policy) -> {
        remove(loaded);
        var open = ExitPolicy.parse("open", List.of("accept *:*"));
        var function = namespaces.create(open.networkPolicy());
        var rules =
            Iptables.rules(
                new FirewallPlan(
                    "exitpolicy",
                    device(function),
                    function.ipv4(),
                    function.ipv6(),
                    policy.networkPolicy(),
                    false));
        loaded.add(rules);
        OutsideNetwork.run(rules.ipv4(), "iptables-restore", "--noflush");
        OutsideNetwork.run(rules.ipv6(), "ip6tables-restore", "--noflush");
        return function;
      });
    } finally {
      remove(loaded);
    }
  }

  private static void remove(List<Iptables> loaded) throws IOException {
    for (var rules : loaded) {
      OutsideNetwork.run(rules.ipv4Removal(), "iptables-restore", "--noflush");
      OutsideNetwork.run(rules.ipv6Removal(), "ip6tables-restore", "--noflush");
    }
    loaded.clear();
  }

  /** Finds the host's end of a function's link by its route. */
  private static String device(NetworkNamespace function) throws IOException {
    var route = OutsideNetwork.run("", "ip", "route", "get", function.ipv4().getHostAddress());
    return route.replaceFirst("(?s).* dev (\\S+).*", "$1");
  }
}
