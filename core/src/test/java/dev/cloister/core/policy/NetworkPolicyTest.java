package dev.cloister.core.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.cloister.core.PolicyRejected;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The first rule that matches decides, where none does the answer is no, and both say so. */
final class NetworkPolicyTest {
  private static NetworkPolicy policy(String... lines) {
    return NetworkPolicy.parse("policy.yaml", List.of(lines));
  }

  private static Decision decide(NetworkPolicy policy, String address, int port) {
    return policy.decide(InetAddress.ofLiteral(address), port);
  }

  @Test
  void theFirstRuleThatMatchesDecidesAndIsNamedWithItsLine() {
    var policy = policy("# the web", "reject 10.0.0.0/8:*", "", "accept  *:80", "reject *:80");
    assertThat(decide(policy, "10.1.2.3", 80))
        .isEqualTo(new Decision(false, "reject 10.0.0.0/8:*", "policy.yaml:2"))
        .hasToString("reject 10.0.0.0/8:* (policy.yaml:2)");
    assertThat(decide(policy, "11.1.2.3", 80)).hasToString("accept  *:80 (policy.yaml:4)");
    assertThat(decide(policy, "2001:db8::1", 80).accepted()).isTrue();
  }

  @Test
  void whereNoRuleMatchesTheAnswerIsNo() {
    assertThat(decide(policy("accept *:80"), "192.0.2.1", 81))
        .isEqualTo(new Decision(false, "reject *:*", "policy.yaml: no rule matches"));
    assertThat(decide(NetworkPolicy.none(), "::1", 1).accepted()).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "accept *:80, 192.0.2.1, 80, true",
    "accept *4:80, 192.0.2.1, 80, true",
    "accept *4:80, 2001:db8::1, 80, false",
    "accept *6:80, 192.0.2.1, 80, false",
    "accept *6:80, 2001:db8::1, 80, true",
    "accept 192.0.2.0/24, 192.0.2.255, 65535, true",
    "accept 192.0.2.0/24, 192.0.3.0, 80, false",
    "accept 192.0.2.77/24:*, 192.0.2.1, 1, true",
    "accept 192.0.0.0/255.255.0.0:*, 192.0.255.1, 1, true",
    "accept 192.0.0.0/255.255.0.0:*, 192.1.0.0, 1, false",
    "accept 0.0.0.0/0.0.0.0:*, 255.255.255.255, 1, true",
    "accept [2001:db8::]/32:80-443, 2001:db8:ffff::, 443, true",
    "accept [2001:db8::]/32:80-443, 2001:db8:ffff::, 444, false",
    "accept [2001:db8::]/32:80-443, 2001:db9::, 80, false",
    "accept [::1], ::1, 1, true",
    "accept [::1], ::2, 1, false",
    "accept private:80, 172.31.255.255, 80, true",
    "accept private:80, fe80::1, 80, true",
    "accept private:80, 172.32.0.0, 80, false",
    "accept *:*, 192.0.2.1, 0, false",
    "accept *:*, 192.0.2.1, 65536, false",
    "accept *:*, 192.0.2.1, -1, false",
  })
  void aRuleMatchesItsAddressesAndPorts(String rule, String address, int port, boolean accepted) {
    assertThat(decide(policy(rule), address, port).accepted()).isEqualTo(accepted);
  }

  @Test
  void aMappedAddressIsJudgedAsTheIpv4Address() {
    var mapped = new byte[] {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1, -1, 127, 0, 0, 1};
    assertThat(policy("reject 127.0.0.0/8:*", "accept *:*").decide(mapped, 80).accepted())
        .isFalse();
    assertThat(policy("accept *4:*").decide(mapped, 80).accepted()).isTrue();
    assertThat(policy("accept *6:*", "accept [::]/64:*").decide(mapped, 80).accepted()).isFalse();
    assertThat(policy("reject [::]/8:*", "accept *:*").decide(mapped, 80).accepted()).isTrue();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "accept *:70000 | port 70000 in \"accept *:70000\": allowed 1-65535",
        "accept *:0 | port 0 in \"accept *:0\": allowed 1-65535",
        "accept *:80-0 | port 0 in \"accept *:80-0\": allowed 1-65535",
        "accept *: | port  in \"accept *:\": allowed 1-65535",
        "accept *:http | port http in \"accept *:http\": allowed 1-65535",
        "accept *:90-80 | ports 90-80 in \"accept *:90-80\": allowed the lower port first",
        "accept 1.2.3.4/33 | prefix /33 in \"accept 1.2.3.4/33\": allowed /0 to /32, or a mask of"
            + " leading ones",
        "accept 1.2.3.4/255.0.255.0 | prefix /255.0.255.0 in \"accept 1.2.3.4/255.0.255.0\":"
            + " allowed /0 to /32, or a mask of leading ones",
        "accept [::1]/129 | prefix /129 in \"accept [::1]/129\": allowed /0 to /128",
        "accept */8:80 | prefix /8 in \"accept */8:80\": allowed none after *",
        "accept [::ffff:10.0.0.1]:80 | address [::ffff:10.0.0.1] in \"accept"
            + " [::ffff:10.0.0.1]:80\": allowed 10.0.0.1, since an IPv4-mapped address is judged as"
            + " the IPv4 address",
        "accept ::1:80 | address ::1:80 in \"accept ::1:80\": allowed ADDRESS[/BITS]:PORTS, with an"
            + " IPv6 address in brackets",
        "accept [::1%lo]:80 | address [::1%lo] in \"accept [::1%lo]:80\": allowed an IPv6 address"
            + " in brackets",
        "accept localhost:80 | address localhost in \"accept localhost:80\": allowed an IPv4"
            + " address, [an IPv6 address], *, *4, *6 or private",
        "accept 010.0.0.1:80 | address 010.0.0.1 in \"accept 010.0.0.1:80\": allowed an IPv4"
            + " address, [an IPv6 address], *, *4, *6 or private",
        "accept 10.1:80 | address 10.1 in \"accept 10.1:80\": allowed an IPv4 address, [an IPv6"
            + " address], *, *4, *6 or private",
        "allow *:80 | \"allow *:80\": allowed is accept or reject, a space, then"
            + " ADDRESS[/BITS]:PORTS",
        "accept | \"accept\": allowed is accept or reject, a space, then ADDRESS[/BITS]:PORTS",
        "accept *:80 *:81 | \"accept *:80 *:81\": allowed is accept or reject, a space, then"
            + " ADDRESS[/BITS]:PORTS",
      })
  void whatIsNoRuleIsRejectedWithTheRuleAndItsLine(String rule, String fault) {
    assertThatExceptionOfType(PolicyRejected.class)
        .isThrownBy(() -> policy("accept *:1", rule))
        .withMessage("policy.yaml:2: " + fault);
  }

  @Test
  void digitsThatAreNotAsciiAreNoAddress() {
    for (var rule : new String[] {"accept １.2.3.4:80", "accept 1.2.3.4:８0", "accept [::１]:80"}) {
      assertThatExceptionOfType(PolicyRejected.class).isThrownBy(() -> policy(rule));
    }
  }

  @Test
  void tooLongARuleAndTooManyAreRejected() {
    assertThatExceptionOfType(PolicyRejected.class)
        .isThrownBy(() -> policy("accept *:" + "1".repeat(200)))
        .withMessageStartingWith("policy.yaml:1: rule of 209 characters")
        .withMessageEndingWith("allowed are 200");
    var most = IntStream.rangeClosed(1, 4096).mapToObj(port -> "accept *:" + port).toList();
    assertThat(NetworkPolicy.parse("p", most).rules()).hasSize(4096);
    var more = new ArrayList<>(most);
    more.add("accept *:5000");
    assertThatExceptionOfType(PolicyRejected.class)
        .isThrownBy(() -> NetworkPolicy.parse("p", more))
        .withMessage("p:4097: rule 4097: allowed are 4096; join some");
  }

  @Test
  void rulesWhoseCombinationsWouldFillTheMemoryAreRejected() {
    var lines = new ArrayList<String>();
    for (var i = 0; i < 2048; i++) {
      lines.add("reject 10.0.%d.%d:%d".formatted(i / 256, i % 256, 20_000 + i));
    }
    for (var i = 0; i < 2048; i++) {
      lines.add("accept *:" + (2 * i + 1));
    }
    assertThatExceptionOfType(PolicyRejected.class)
        .isThrownBy(() -> NetworkPolicy.parse("p", lines))
        .withMessage(
            "p:1: 4096 rules with more than 1048576 combinations of addresses and ports: use"
                + " fewer");
  }

  @Test
  void rulesCompileToAsManyIntervalsAsTheyNeed() {
    var policy =
        policy("reject 10.0.0.0/8:*", "reject 11.0.0.0/8:25", "accept *:80", "accept *:443");
    assertThat(policy.table().intervals()).isEqualTo(4);
    assertThat(policy("accept *4:80", "accept *6:80").table().intervals()).isEqualTo(3);
    assertThat(policy("accept *:80").table().intervals()).isEqualTo(1);
    assertThat(policy("accept *:80").table().cells()).isEqualTo(3);
  }

  /** 100,000 destinations and more, of which many lie on the corners of the rules. */
  @Test
  void whatIsCompiledDecidesAsAskingEachRuleInTurnDoes() {
    var asked = 0;
    for (var seed = 0; asked < 150_000; seed++) {
      var random = new Random(seed);
      var naive = NaiveRules.random(random, seed % 40);
      var policy = naive.compiled("p");
      var destinations = naive.corners();
      for (var i = 0; i < 50; i++) {
        destinations.add(NaiveRules.somewhere(random));
      }
      for (var destination : destinations) {
        var first = naive.first(destination);
        var decision = policy.decide(destination.address(), destination.port());
        var place = first == RuleTable.NONE ? "p: no rule matches" : "p:" + (first + 1);
        if (!decision.place().equals(place) || decision.accepted() != naive.accepts(destination)) {
          assertThat(decision).as("seed %d, %s", seed, destination).hasToString(place);
        }
        asked++;
      }
    }
  }

  @Test
  void everyOverlapOfPrivateNetworksIsJudgedOnce() {
    var policy = policy("reject private:1-100", "accept [::]/16:*");
    assertThat(decide(policy, "::1", 80).accepted()).isFalse();
    assertThat(decide(policy, "::1", 101).accepted()).isTrue();
    assertThat(decide(policy, "::2", 80).accepted()).isFalse();
    assertThat(decide(policy, "0:ffff::", 80).accepted()).isFalse();
  }

  @Test
  void theCanonicalTextParsesToTheSamePolicy() {
    assertThat(
            policy(
                "accept\t*4:*",
                "reject *:80-80",
                "accept 10.1.1.1/8",
                "accept 10.1.1.1/32:1-65535",
                "reject [2001:DB8:0::1]/128:2-3",
                "reject private",
                "accept *6:5"))
        .hasToString(
            """
            accept *4:*
            reject *:80
            accept 10.0.0.0/8:*
            accept 10.1.1.1:*
            reject [2001:db8::1]:2-3
            reject private:*
            accept *6:5\
            """);
    for (var seed = 0; seed < 500; seed++) {
      var policy = NaiveRules.random(new Random(seed), 20).compiled("p");
      var again = NetworkPolicy.parse("p", policy.toString().lines().toList());
      assertThat(again).as("seed %d", seed).hasToString(policy.toString());
      assertThat(again.rules())
          .as("seed %d", seed)
          .map(rule -> Arrays.asList(rule.accepts(), rule.addresses(), rule.ports()))
          .isEqualTo(
              policy.rules().stream()
                  .map(
                      rule -> Arrays.<Object>asList(rule.accepts(), rule.addresses(), rule.ports()))
                  .toList());
    }
  }

  @Test
  void rulesOfADocumentAreNamedByTheirPlace() {
    var root = Document.parse("node.yaml", "network:\n  - accept *:80\n  - accept *:x\n").root();
    assertThatExceptionOfType(PolicyRejected.class)
        .isThrownBy(() -> NetworkPolicy.read(root.required("network")))
        .withMessage("node.yaml:3 network[1]: port x in \"accept *:x\": allowed 1-65535");
  }

  @Test
  void aRuleHasAddressesThatCanBeWritten() {
    var net = new AddressPrefix(InetAddress.ofLiteral("10.9.9.9"), 8);
    assertThat(net).hasToString("10.0.0.0/8");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new NetworkRule(true, List.of(net, net), PortRange.ALL, "", ""));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new AddressPrefix(InetAddress.ofLiteral("10.9.9.9"), 33))
        .withMessage("prefix /33 of 10.9.9.9: allowed are /0 to /32");
    assertThatIllegalArgumentException().isThrownBy(() -> new PortRange(2, 1));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> NetworkPolicy.none().decide(new byte[5], 80))
        .withMessage("address of 5 bytes: must be 4 or 16");
  }
}
