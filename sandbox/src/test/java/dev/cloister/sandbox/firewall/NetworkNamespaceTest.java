package dev.cloister.sandbox.firewall;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cloister.core.policy.AddressPrefix;
import dev.cloister.core.policy.NetworkPolicy;
import dev.cloister.core.testing.RequiresProgram;
import dev.cloister.sandbox.firewall.NetworkNamespaces.Outside;
import dev.cloister.sandbox.internal.HostLife;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Real connections through the kernel, judged beside the policy's own decisions. */
@RequiresProgram(
    value = {"ip", "nft", "python3"},
    root = true)
final class NetworkNamespaceTest {
  private static final String[] RULES = {
    "reject 203.0.113.3:*",
    "accept 203.0.113.0/25:80",
    "accept 203.0.113.0/25:443-450",
    "reject 203.0.113.128/25:443",
    "accept 203.0.113.128/25:*",
    "accept [2001:db8:99::2]:*",
    "reject [2001:db8:99::3]:80-443",
    "accept [2001:db8:99::]/112:1-500",
    "accept *6:8080",
    "reject *:*"
  };

  private String before = "";

  @BeforeEach
  void look() throws IOException {
    before = host();
  }

  @AfterEach
  void everythingIsAsItWas() throws IOException {
    assertThat(host()).isEqualTo(before);
  }

  /** Interfaces, namespaces, mounts, rules and settings of this machine. */
  private static String host() throws IOException {
    var text = new StringBuilder();
    text.append(Program.run("", "ip", "-o", "link", "show").replaceAll(" state .*", ""));
    text.append(Program.run("", "ip", "netns", "list"));
    text.append(Program.run("", "nft", "list", "tables"));
    text.append(Files.readString(Path.of("/proc/sys/net/ipv4/ip_forward")));
    text.append(Files.readString(Path.of("/proc/sys/net/ipv6/conf/all/forwarding")));
    text.append(
        Files.readAllLines(Path.of("/proc/self/mounts")).stream()
            .filter(line -> line.contains("netns"))
            .collect(Collectors.joining()));
    return text.toString();
  }

  private static NetworkNamespaces open(Outside outside) throws IOException {
    return NetworkNamespaces.open(AddressRange.standard(), outside);
  }

  private static List<String> destinations() {
    var all = new ArrayList<String>();
    for (var address : Internet.ADDRESSES) {
      Internet.PORTS.forEach(port -> all.add(address + " " + port));
    }
    return all;
  }

  private static void assertDecidedAs(
      NetworkPolicy policy, java.util.Map<String, Client.Outcome> outcomes) throws IOException {
    assertThat(outcomes).hasSizeGreaterThanOrEqualTo(60);
    var accepted = 0;
    for (var outcome : outcomes.entrySet()) {
      var destination = outcome.getKey().split(" ", 2);
      var decision =
          policy.decide(InetAddress.getByName(destination[0]), Integer.parseInt(destination[1]));
      accepted += decision.accepted() ? 1 : 0;
      assertThat(outcome.getValue().result())
          .as("%s by %s", outcome.getKey(), decision)
          .isEqualTo(decision.accepted() ? "reached" : "ECONNREFUSED");
    }
    assertThat(accepted).isBetween(20, outcomes.size() - 20);
  }

  @Test
  void theKernelDecidesAsThePolicyDoes() throws IOException {
    var policy = Given.policy(RULES);
    try (var _ = Internet.open();
        var namespaces = open(Outside.ROUTED);
        var function = namespaces.create(policy)) {
      assertDecidedAs(policy, Client.connect(function.inside(List.of()), destinations()));
      assertThat(function.sentBytes()).isPositive();
      assertThat(function.receivedBytes()).isPositive();
    }
  }

  @Test
  void beforeAGateNothingElseIsReachedAndThisMachineIsAsItWas() throws IOException {
    try (var _ = Internet.open();
        var routed = open(Outside.ROUTED);
        var gated = open(Outside.NOWHERE);
        var _ = routed.create(Given.policy("accept *:*"));
        var function = gated.createBefore(9050);
        var gate = new ServerSocket(9050, 50, function.hostIpv4());
        var beside = new ServerSocket(0, 50, function.hostIpv4())) {
      assertThat(gated.changes()).isEmpty();
      var host = function.hostIpv4().getHostAddress() + " ";
      var answering =
          Thread.ofVirtual()
              .start(() -> {
                try (var client = gate.accept()) {
                  client.getOutputStream().write('x');
                } catch (IOException _) {
                  // The outcome tells.
                }
              });
      // As one that had become root there would.
      Program.run("", "ip", "-n", function.name(), "route", "add", "default", "via", host.strip());
      var destinations = new ArrayList<>(destinations());
      destinations.add(host + beside.getLocalPort());
      var outcomes = Client.connect(function.inside(List.of()), destinations);
      assertThat(outcomes.values()).noneMatch(outcome -> outcome.result().equals("reached"));
      assertThat(Client.connect(function.inside(List.of()), List.of(host + 9050)))
          .containsEntry(host + 9050, new Client.Outcome("reached", "x"));
      answering.join();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  @RequiresProgram(
      value = {"ip", "nft", "python3", "iptables-restore", "ip6tables-restore"},
      root = true)
  void iptablesDecidesAsThePolicyDoes() throws IOException {
    try (var _ = Internet.open();
        var namespaces = open(Outside.ROUTED);
        var function = namespaces.create(Given.policy("accept *:*"))) {
      var plan =
          Given.plan("clt", function.device(), function.ipv4(), function.ipv6(), true, RULES);
      var rules = Iptables.rules(plan);
      Program.run(rules.ipv4(), "iptables-restore", "--noflush");
      Program.run(rules.ipv6(), "ip6tables-restore", "--noflush");
      try {
        var outcomes = Client.connect(function.inside(List.of()), destinations());
        assertDecidedAs(plan.policy(), outcomes);
        assertThat(outcomes)
            .containsEntry("203.0.113.2 80", new Client.Outcome("reached", Internet.HOST));
      } finally {
        Program.run(rules.ipv4Removal(), "iptables-restore", "--noflush");
        Program.run(rules.ipv6Removal(), "ip6tables-restore", "--noflush");
      }
      assertThat(Program.run("", "nft", "list", "ruleset")).doesNotContain("clt_");
    } finally {
      // iptables makes these tables of nftables when it is first used, and leaves them.
      for (var table : Program.run("", "nft", "list", "tables").lines().toList()) {
        if (!before.contains(table) && table.matches("table ip6? (filter|nat)")) {
          Program.run("delete " + table + "\n", "nft", "-f", "-");
        }
      }
    }
  }

  @Test
  void datagramsAreRefusedAtOnce() throws IOException {
    try (var _ = Internet.open();
        var namespaces = open(Outside.ROUTED);
        var function = namespaces.create(Given.policy("accept *:*"))) {
      var outcomes =
          Client.sendDatagram(
              function.inside(List.of()), List.of("203.0.113.2 53", "2001:db8:99::2 53"));
      assertThat(outcomes).containsEntry("203.0.113.2 53", new Client.Outcome("EHOSTUNREACH", "-"));
      assertThat(outcomes).containsEntry("2001:db8:99::2 53", new Client.Outcome("EACCES", "-"));
    }
  }

  @Test
  void theHostIsReachedByNoneOfItsAddresses() throws IOException {
    try (var _ = Internet.open();
        var listening = new ServerSocket(0);
        var namespaces = open(Outside.MASQUERADED);
        var function = namespaces.create(Given.policy("accept *:*"))) {
      var range = AddressRange.standard();
      var port = " " + listening.getLocalPort();
      var mine =
          List.of(
              Internet.HOST + port,
              Internet.HOST6 + port,
              range.hostIpv4(function.place()).getHostAddress() + port,
              range.hostIpv6(function.place()).getHostAddress() + port,
              "127.0.0.1" + port,
              "::1" + port);
      var outcomes = Client.connect(function.inside(List.of()), mine);

      assertThat(outcomes).hasSize(mine.size());
      assertThat(outcomes.values()).allMatch(outcome -> outcome.result().equals("ECONNREFUSED"));
    }
  }

  @Test
  void functionsDoNotReachEachOtherAndNothingReachesThem() throws IOException {
    try (var internet = Internet.open();
        var namespaces = open(Outside.ROUTED);
        var one = namespaces.create(Given.policy("accept *:*"));
        var two = namespaces.create(Given.policy("accept *:*"))) {
      internet.serve(two.name(), List.of(80));
      var to = List.of(two.ipv4().getHostAddress() + " 80", two.ipv6().getHostAddress() + " 80");

      for (var from : List.of(one.inside(List.of()), Internet.inside(List.of()))) {
        var outcomes = Client.connect(from, to);
        assertThat(outcomes).hasSize(2);
        assertThat(outcomes.values()).allMatch(outcome -> outcome.result().equals("ECONNREFUSED"));
      }
      assertThat(Client.connect(two.inside(List.of()), to).values())
          .allMatch(outcome -> outcome.result().equals("reached"));
    }
  }

  @Test
  void masqueradedTheServerSeesTheHost() throws IOException {
    try (var _ = Internet.open();
        var namespaces = open(Outside.MASQUERADED);
        var function = namespaces.create(Given.policy("accept *:80"))) {
      var outcomes =
          Client.connect(
              function.inside(List.of()), List.of("203.0.113.2 80", "2001:db8:99::2 80"));
      assertThat(outcomes)
          .containsEntry("203.0.113.2 80", new Client.Outcome("reached", Internet.HOST));
      assertThat(outcomes)
          .containsEntry("2001:db8:99::2 80", new Client.Outcome("reached", Internet.HOST6));
    }
  }

  @Test
  void anotherSourceAddressThanItsOwnGoesNowhere() throws IOException {
    var other = "198.51.100.9";
    try (var _ = Internet.open();
        var namespaces = open(Outside.ROUTED);
        var function = namespaces.create(Given.policy("accept *:*"))) {
      var host = AddressRange.standard().hostIpv4(function.place()).getHostAddress();
      Program.batch(
          List.of(
              "addr add " + other + "/32 dev lo",
              "route add 203.0.113.0/24 via " + host + " src " + other),
          "ip",
          "-n",
          function.name(),
          "-batch",
          "-");
      // So that only the rule stands between it and an answer.
      var back = "route add " + other + "/32 via " + function.ipv4().getHostAddress();
      Program.batch(List.of(back), "ip", "-batch", "-");

      var outcomes = Client.connect(function.inside(List.of()), List.of("203.0.113.2 80"));
      assertThat(outcomes).containsEntry("203.0.113.2 80", new Client.Outcome("timed-out", "-"));
    }
  }

  @Test
  void whatItChangesOfTheMachineIsListed() throws IOException {
    var forwarded = Files.readString(Path.of("/proc/sys/net/ipv4/ip_forward")).strip();
    try (var namespaces = open(Outside.ROUTED)) {
      var changed = Files.readString(Path.of("/proc/sys/net/ipv4/ip_forward")).strip();
      assertThat(changed).isEqualTo("1");
      assertThat(
              namespaces.changes().contains("/proc/sys/net/ipv4/ip_forward was 0 and was set to 1"))
          .isEqualTo(!forwarded.equals(changed));
    }
  }

  @Test
  void aSettingStaysForAnotherHostThatNeedsIt() throws IOException {
    try (var last = open(Outside.ROUTED)) {
      assertThat(last.leftoversRemoved()).isZero();
      open(Outside.ROUTED).close();
      assertThat(Path.of("/proc/sys/net/ipv4/ip_forward")).hasContent("1\n");
    }
    var first = open(Outside.ROUTED);
    try (var _ = open(Outside.ROUTED)) {
      first.close();
      assertThat(Path.of("/proc/sys/net/ipv4/ip_forward")).hasContent("1\n");
    }
  }

  @Test
  void whatAKilledHostLeftIsRemoved() throws IOException {
    var like = HostLife.begun(Path.of("/proc"));
    var dead = new HostLife(like.namespace(), like.pid(), "1", "0badcafe");
    Forwarding.on(LinkName.table(dead));
    try (var living = open(Outside.ROUTED);
        var stays = living.create(Given.policy("accept *:*"))) {
      // Opening removed the setting's mark with the rest; the namespace is left after that.
      assertThat(living.leftoversRemoved()).isEqualTo(1);
      var left = new LinkName(dead, 7);
      var range = AddressRange.standard();
      var namespace = new NetworkNamespace(living, left, 9, range);
      namespace.build(range, namespace.rules(Given.policy(), false), true);

      try (var next = open(Outside.ROUTED)) {
        assertThat(next.leftoversRemoved()).isEqualTo(1);
        assertThat(Tables.ours()).noneMatch(name -> name.contains("0badcafe"));
        assertThat(NetworkNamespace.DIRECTORY.resolve(left.namespace())).doesNotExist();
        assertThat(Path.of("/sys/class/net", left.device())).doesNotExist();
        assertThat(stays.path()).exists();
      }
    }
  }

  @Test
  void aFullRangeIsAnErrorAndAPlaceThatWasGivenBackIsGivenAgain() throws IOException {
    var one =
        new AddressRange(
            new AddressPrefix(InetAddress.getByName("10.213.255.252"), 30),
            AddressRange.standard().ipv6());
    try (var namespaces = NetworkNamespaces.open(one, Outside.ROUTED)) {
      var first = namespaces.create(NetworkPolicy.none());
      assertThatThrownBy(() -> namespaces.create(NetworkPolicy.none()))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("all 1 places");
      first.close();
      first.close();
      namespaces.create(NetworkPolicy.none()).close();
    }
  }

  @Test
  void aProgramThatFailsIsNamedWithWhatItSaid() {
    assertThatThrownBy(() -> Program.run("", "ip", "link", "show", "dev", "nosuchlink"))
        .isInstanceOf(IOException.class)
        .hasMessage("ip link show dev nosuchlink: exit 1: Device \"nosuchlink\" does not exist.");
  }
}
