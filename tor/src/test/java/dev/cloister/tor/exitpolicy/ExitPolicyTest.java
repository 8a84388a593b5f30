package dev.cloister.tor.exitpolicy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.cloister.core.PolicyRejected;
import dev.cloister.core.policy.Decision;
import dev.cloister.tor.exitpolicy.RelayOptions.Ending;
import java.net.InetAddress;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What a user of a policy sees: decisions with their rules, canonical text, errors with a place.
 */
final class ExitPolicyTest {
  private static Decision decide(ExitPolicy policy, String address, int port) {
    return policy.decide(InetAddress.ofLiteral(address), port);
  }

  private static ExitPolicy parse(String... lines) {
    return ExitPolicy.parse("test", List.of(lines));
  }

  @Test
  void aDecisionNamesTheRuleAndItsPlace() {
    var policy = parse("# mine", "reject 10.0.0.0/8:80, accept *:80 # web", "", "reject6 *");
    assertThat(decide(policy, "10.1.1.1", 80))
        .isEqualTo(new Decision(false, "reject 10.0.0.0/8:80", "test:2 rule 1"));
    assertThat(decide(policy, "2001:db8::1", 80))
        .isEqualTo(new Decision(true, "accept *:80", "test:2 rule 2"));
    assertThat(decide(policy, "2001:db8::1", 81))
        .isEqualTo(new Decision(false, "reject6 *", "test:4"));
    assertThat(decide(policy, "10.1.1.1", 81))
        .isEqualTo(new Decision(true, "accept *:*", "test: no rule matches, so tor accepts"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"0.0.0.0", "::"})
  void theUnspecifiedAddressIsAcceptedByNoPolicy(String address) {
    assertThat(decide(parse("accept *:*"), address, 80))
        .returns(false, Decision::accepted)
        .returns("no relay exits to the unspecified address", Decision::place);
  }

  @Test
  void portZeroIsAcceptedByNoPolicy() {
    assertThat(decide(parse("accept *:*"), "192.0.2.1", 0).accepted()).isFalse();
  }

  @Test
  void aRelaysTorrcRejectsIpv6AndPrivateNetworksFirstAndEndsInTorsPolicy() {
    var policy = ExitPolicy.configured("torrc", List.of("accept *:25"), RelayOptions.STANDARD);
    assertThat(decide(policy, "2001:db8::1", 25).place()).isEqualTo("torrc (IPv6Exit 0):1");
    assertThat(decide(policy, "10.0.0.1", 25).place())
        .isEqualTo("torrc (ExitPolicyRejectPrivate 1):1");
    assertThat(decide(policy, "192.0.2.1", 25))
        .isEqualTo(new Decision(true, "accept *:25", "torrc:1"));
    assertThat(decide(policy, "192.0.2.1", 119))
        .isEqualTo(new Decision(false, "reject *:119", "tor's policy DEFAULT:1 rule 2"));
  }

  @Test
  void aRelaysOwnAddressesAreRejectedWithThePrivateOnes() {
    var own = List.of(InetAddress.ofLiteral("192.0.2.7"), InetAddress.ofLiteral("2001:db8::7"));
    var options =
        RelayOptions.STANDARD.withIpv6Exit(true).withAddresses(own).withEnding(Ending.REJECT);
    var lines = List.of("accept *:80");
    var policy = ExitPolicy.configured("torrc", lines, options);
    assertThat(decide(policy, "192.0.2.7", 80).rule()).isEqualTo("reject 192.0.2.7:*");
    assertThat(decide(policy, "2001:db8::7", 80).rule()).isEqualTo("reject [2001:db8::7]:*");
    assertThat(decide(policy, "2001:db8::8", 80).accepted()).isTrue();
    assertThat(decide(policy, "192.0.2.8", 81).rule()).isEqualTo("reject *:*");
    var open = ExitPolicy.configured("torrc", lines, options.withRejectPrivate(false));
    assertThat(decide(open, "192.0.2.7", 80).accepted()).isTrue();
  }

  @Test
  void whatARelayPublishesIsOneFamilyALine() {
    var policy =
        ExitPolicy.published("relay", List.of("accept *:80", "reject *:*", "accept6 *:81"));
    assertThat(decide(policy, "192.0.2.1", 80).accepted()).isTrue();
    assertThat(decide(policy, "2001:db8::1", 80).rule()).isEqualTo("accept *:*");
    assertThat(decide(policy, "2001:db8::1", 81).rule()).isEqualTo("accept6 *:81");
  }

  @Test
  void aDescriptorsSummaryDecidesAboutIpv6() {
    var lines = List.of("reject *:25", "accept *:*", "ipv6-policy accept 80,443-450");
    var policy = ExitPolicy.published("relay", lines);
    assertThat(decide(policy, "2001:db8::1", 444))
        .isEqualTo(new Decision(true, "ipv6-policy accept 80,443-450", "relay:3"));
    assertThat(decide(policy, "2001:db8::1", 81).accepted()).isFalse();
    var without = ExitPolicy.published("relay", lines.subList(0, 2));
    assertThat(decide(without, "2001:db8::1", 80).place()).isEqualTo("relay: no line about IPv6");
  }

  @Test
  void aPolicyThatAcceptsNothingIsPublishedAsOneLine() {
    var policy = parse("reject 10.0.0.0/8:80,reject6 *", "reject *4:*");
    assertThat(policy.publishedLines()).containsExactly("reject *:*");
    assertThat(decide(ExitPolicy.published("relay", policy.publishedLines()), "::1", 80).accepted())
        .isFalse();
  }

  @Test
  void whatTorDoesWithoutIsToldOfAndNotHeld() {
    var policy = parse("reject6 10.0.0.0/8:*,accept6 private:*,accept *:*");
    assertThat(policy.ignored())
        .containsExactly(
            new IgnoredRule("reject6 10.0.0.0/8:*", "test:1 rule 1"),
            new IgnoredRule("accept6 private:*", "test:1 rule 2"));
    assertThat(policy.ignored().getFirst())
        .hasToString(
            "test:1 rule 1: \"reject6 10.0.0.0/8:*\" is without effect: tor takes IPv6 addresses"
                + " alone after accept6 and reject6");
    assertThat(decide(policy, "10.0.0.1", 80).accepted()).isTrue();
  }

  @Test
  void theCanonicalTextHasOneWayToWriteARule() {
    assertThat(
            parse(
                " accept\t10.1.2.3/255.0.0.0:080-080 , accept6 *:1-65535",
                "reject 2001:DB8:0:0::1/32,reject private:"))
        .hasToString(
            """
            accept 10.0.0.0/8:80
            accept *6:*
            reject [2001:db8::]/32:*
            reject private:*\
            """);
  }

  @Test
  void canonicalAndPublishedTextsDecideAsThePolicyThatTheyWereWrittenOf() {
    var seed = new Random().nextLong();
    var random = new RandomPolicies(seed);
    for (var i = 0; i < 300; i++) {
      var policy = ExitPolicy.parse("random", random.lines());
      var canonical = ExitPolicy.parse("canonical", policy.toString().lines().toList());
      var published = ExitPolicy.published("published", policy.publishedLines());
      for (var j = 0; j < 40; j++) {
        var address = random.address();
        var port = random.destinationPort();
        var decision = policy.decide(address, port);
        assertThat(List.of(canonical, published))
            .as("seed %d: %s:%d by %s of %s", seed, address, port, decision, policy)
            .allMatch(other -> other.decide(address, port).accepted() == decision.accepted())
            .allMatch(_ -> policy.networkPolicy().decide(address, port).equals(decision));
      }
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\'',
      value = {
        "permit *:80 | \"permit *:80\": allowed is accept, reject, accept6 or reject6, a space,"
            + " then ADDRESS[/BITS][:PORTS]",
        "accept 10.0.0.0/:80 | prefix / in \"accept 10.0.0.0/:80\": allowed /0 to /32, or a mask of"
            + " leading ones",
        "reject *:70000 | port 70000 in \"reject *:70000\": allowed 1-65535",
        "reject private | \"reject private\": tor takes private with ports only; write reject"
            + " private:*",
        "accept localhost:80 | address localhost in \"accept localhost:80\": allowed an IPv4"
            + " address, [an IPv6 address], *, *4, *6 or private",
        "reject [::ffff:10.0.0.1]:* | address [::ffff:10.0.0.1] in \"reject [::ffff:10.0.0.1]:*\":"
            + " allowed 10.0.0.1, since an IPv4-mapped address is judged as the IPv4 address",
      })
  void anErrorNamesValuePlaceAndRemedy(String rule, String fault) {
    assertThatExceptionOfType(PolicyRejected.class)
        .isThrownBy(() -> parse("accept *:7", "accept *:8," + rule))
        .withMessage("test:2 rule 2: " + fault);
  }

  @ParameterizedTest
  @ValueSource(strings = {"accept [2001:db8::1]:80", "accept6 10.0.0.1:80", "accept *6:80"})
  void aLineOfTheOtherFamilyIsNothingThatARelayPublishes(String line) {
    assertThatExceptionOfType(PolicyRejected.class)
        .isThrownBy(() -> ExitPolicy.published("relay", List.of(line)))
        .withMessageStartingWith("relay:1: \"" + line + "\": allowed in what is published");
  }

  @Test
  void rulesBeyondTheBoundAreAnErrorAndPrivateCountsAsItsNetworks() {
    var many = Collections.nCopies(ExitPolicy.RULES_MAX / 12, "reject private:80");
    ExitPolicy.parse("test", many);
    assertThatExceptionOfType(PolicyRejected.class)
        .isThrownBy(
            () -> ExitPolicy.parse("test", List.of(String.join(",", many) + ",reject private:80")))
        .withMessage(
            "test:1 rule 334: rule 4008: allowed are 4000, where * is two and private is 12; join"
                + " some");
  }

  @Test
  void anyTextGivesAPolicyOrOneErrorWithAPlace() {
    var seed = new Random().nextLong();
    var random = new Random(seed);
    var words =
        ("accept reject 6 * *4 private : - / , # [ ] :: 10.0.0.1 2001:db8:: ffff 80 65535 0 1- \t"
                + " \u00e9 \u0000 ipv6-policy p")
            .split(" ", -1);
    var read = 0;
    for (var i = 0; i < 20_000; i++) {
      var text =
          random
              .ints(random.nextInt(9), 0, words.length)
              .mapToObj(word -> words[word] + (random.nextInt(3) == 0 ? " " : ""))
              .collect(Collectors.joining());
      try {
        assertThat(ExitPolicy.parse("fuzz", List.of(text)).toString()).isNotNull();
        ExitPolicy.published("fuzz", List.of(text));
        read++;
      } catch (PolicyRejected e) {
        assertThat(e.location()).as("seed %d: %s", seed, text).startsWith("fuzz:1");
      }
    }
    assertThat(read).as("seed %d", seed).isBetween(200, 19_000);
  }
}
