package dev.cloister.sandbox.firewall;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cloister.core.policy.AddressPrefix;
import java.net.InetAddress;
import java.net.UnknownHostException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class RenderingTest {
  private static final String[] RULES = {
    "reject 192.0.2.7:*", "accept 192.0.2.0/24:443-450", "accept [2001:db8::]/32:80", "accept *4:22"
  };

  @Test
  void aSmallPolicyIsThisTable() {
    assertThat(Nftables.table(Given.plan("cloister_a", true, RULES)))
        .isEqualTo(
            """
            table inet cloister_a {
              chain passing {
                type filter hook forward priority filter; policy accept;
                iifname "cl0badcafe0" jump outgoing
                oifname "cl0badcafe0" jump incoming
              }
              chain arriving {
                type filter hook input priority filter; policy accept;
                iifname "cl0badcafe0" jump tohost
              }
              chain outgoing {
                ip saddr != 10.213.0.2 drop
                ip6 saddr != fd63:6c6f:6973:0:0:0:0:2 drop
                ct state established,related accept
                meta l4proto != tcp goto refuse
                ip6 daddr ::ffff:0.0.0.0/96 goto refuse
                ip daddr 192.0.2.7/32 tcp dport 1-65535 goto refuse
                ip daddr 192.0.2.0/24 tcp dport 443-450 accept
                ip6 daddr 2001:db8:0:0:0:0:0:0/32 tcp dport 80 accept
                meta nfproto ipv4 tcp dport 22 accept
                goto refuse
              }
              chain incoming {
                ct state established,related accept
                goto refuse
              }
              chain tohost {
                ct state established,related accept
                icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept
                goto refuse
              }
              chain refuse {
                meta l4proto tcp reject with tcp reset
                reject with icmpx type admin-prohibited
              }
              chain masked {
                type nat hook postrouting priority srcnat; policy accept;
                oifname != "cl0badcafe0" ip saddr 10.213.0.2 masquerade
                oifname != "cl0badcafe0" ip6 saddr fd63:6c6f:6973:0:0:0:0:2 masquerade
              }
            }
            """);
  }

  @Test
  void oneGateIsThisTable() {
    var range = AddressRange.standard();
    var gate = new Gate(range.hostIpv4(0), 9050);
    assertThat(Nftables.gated("cloister_a", "cl0badcafe0", range.cellIpv4(0), gate))
        .isEqualTo(
            """
            table inet cloister_a {
              chain passing {
                type filter hook forward priority filter; policy accept;
                iifname "cl0badcafe0" goto refuse
                oifname "cl0badcafe0" goto refuse
              }
              chain arriving {
                type filter hook input priority filter; policy accept;
                iifname "cl0badcafe0" jump tohost
                ip daddr 10.213.0.1 tcp dport 9050 goto refuse
              }
              chain tohost {
                ip saddr 10.213.0.2 ip daddr 10.213.0.1 tcp dport 9050 accept
                ct state established,related accept
                icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept
                goto refuse
              }
              chain refuse {
                meta l4proto tcp reject with tcp reset
                reject with icmpx type admin-prohibited
              }
            }
            """);
  }

  @Test
  void aSmallPolicyIsTheseIptables() {
    var rules = Iptables.rules(Given.plan("f", true, RULES));

    assertThat(rules.ipv4())
        .isEqualTo(
            """
            *filter
            :f_out - [0:0]
            :f_in - [0:0]
            :f_own - [0:0]
            :f_no - [0:0]
            -I FORWARD -i cl0badcafe0 -j f_out
            -I FORWARD -o cl0badcafe0 -j f_in
            -I INPUT -i cl0badcafe0 -j f_own
            -A f_out ! -s 10.213.0.2/32 -j DROP
            -A f_out -m conntrack --ctstate ESTABLISHED,RELATED -j RETURN
            -A f_out ! -p tcp -g f_no
            -A f_out -d 192.0.2.7/32 -p tcp -m tcp --dport 1:65535 -g f_no
            -A f_out -d 192.0.2.0/24 -p tcp -m tcp --dport 443:450 -j RETURN
            -A f_out -p tcp -m tcp --dport 22 -j RETURN
            -A f_out -g f_no
            -A f_in -m conntrack --ctstate ESTABLISHED,RELATED -j RETURN
            -A f_in -g f_no
            -A f_own -m conntrack --ctstate ESTABLISHED,RELATED -j RETURN
            -A f_own -g f_no
            -A f_no -p tcp -j REJECT --reject-with tcp-reset
            -A f_no -j REJECT --reject-with icmp-admin-prohibited
            COMMIT
            *nat
            -A POSTROUTING -s 10.213.0.2/32 ! -o cl0badcafe0 -j MASQUERADE
            COMMIT
            """);
    assertThat(rules.ipv6())
        .contains("-A f_out -d 2001:db8:0:0:0:0:0:0/32 -p tcp -m tcp --dport 80 -j RETURN\n")
        .contains("--icmpv6-type neighbour-solicitation -j RETURN\n")
        .doesNotContain("192.0.2", "--dport 22 ");
  }

  @Test
  void withoutMasqueradingNoAddressIsRewritten() {
    assertThat(Nftables.table(Given.plan("a", false))).doesNotContain("nat", "masquerade");
    assertThat(Iptables.rules(Given.plan("a", false)).ipv4()).doesNotContain("*nat");
  }

  @Test
  void theSamePolicyGivesTheSameText() {
    assertThat(Nftables.table(Given.plan("a", true, RULES)))
        .isEqualTo(Nftables.table(Given.plan("a", true, RULES)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "1a", "a b", "a{", "a\n", "a-b", "a\""})
  void aNameThatCouldBeMoreThanANameIsRefused(String name) {
    assertThatThrownBy(() -> Given.plan(name, false))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("must be a letter");
  }

  @Test
  void aNameTooLongForAChainOfIptablesIsRefused() {
    assertThatThrownBy(() -> Iptables.rules(Given.plan("a".repeat(25), false)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("24 characters");
  }

  @ParameterizedTest
  @CsvSource({
    "0, 10.213.0.1, 10.213.0.2, fd63:6c6f:6973:0:0:0:0:2",
    "1, 10.213.0.5, 10.213.0.6, fd63:6c6f:6973:0:0:0:0:6",
    "64, 10.213.1.1, 10.213.1.2, fd63:6c6f:6973:0:0:0:0:102",
    "16383, 10.213.255.253, 10.213.255.254, fd63:6c6f:6973:0:0:0:0:fffe"
  })
  void eachFunctionHasANetworkOfFour(int place, String host, String cell, String cell6) {
    var range = AddressRange.standard();
    assertThat(range.size()).isEqualTo(16_384);
    assertThat(range.hostIpv4(place).getHostAddress()).isEqualTo(host);
    assertThat(range.cellIpv4(place).getHostAddress()).isEqualTo(cell);
    assertThat(range.cellIpv6(place).getHostAddress()).isEqualTo(cell6);
  }

  @Test
  void aRangeWithoutRoomForOneFunctionIsRefused() throws UnknownHostException {
    var narrow = new AddressPrefix(InetAddress.getByName("10.0.0.0"), 31);
    assertThatThrownBy(() -> new AddressRange(narrow, AddressRange.standard().ipv6()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("at most 30 bits");
  }
}
