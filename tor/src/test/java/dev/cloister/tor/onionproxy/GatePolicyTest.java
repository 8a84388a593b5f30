package dev.cloister.tor.onionproxy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cloister.core.policy.NetworkPolicy;
import dev.cloister.tor.socks.Destination;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a gate lets to a function's tor: addresses by the policy, names by their port. */
final class GatePolicyTest {
  private static boolean accepts(String rules, String host, int port) {
    var policy = NetworkPolicy.parse("test", List.of(rules.split(", ", -1)));
    return new GatePolicy(policy).decide(new Destination(host, port)).accepted();
  }

  @ParameterizedTest
  @CsvSource({
    "'accept *:443', 443, true",
    "'accept *:443', 80, false",
    "'accept *:80-443', 100, true",
    "'accept *4:443, accept *6:443', 443, true",
    // Where a family is left out, a name could have an address of it.
    "'accept *4:443', 443, false",
    "'accept *6:443', 443, false",
    "'accept *4:443, reject *6:443, accept *:443', 443, false",
    // What narrower rules reject is left to the exit; what they accept is no reason.
    "'reject private:*, reject 224.0.0.0/3:*, accept *:443', 443, true",
    "'accept 203.0.113.7:443', 443, false",
    "'accept 203.0.113.7:443, accept 0.0.0.0/1:443', 443, false",
    "'accept 203.0.113.7:443, reject *:443, accept *:*', 443, false",
    "'reject *:25, accept *:*', 25, false",
    "'reject *:25, accept *:*', 26, true",
    "'reject *:*, accept *:443', 443, false",
    "'reject *6:443, accept *:443', 443, false"
  })
  void aNameIsAcceptedWhereEveryAddressIs(String rules, int port, boolean accepted) {
    assertThat(accepts(rules, "example.com", port)).isEqualTo(accepted);
    assertThat(accepts(rules, "a".repeat(56) + ".onion", port)).isEqualTo(accepted);
  }

  @ParameterizedTest
  @CsvSource({
    "'accept 203.0.113.7:443', 203.0.113.7, 443, true",
    "'accept 203.0.113.7:443', ::ffff:203.0.113.7, 443, true",
    "'accept 203.0.113.7:443', 203.0.113.8, 443, false",
    "'accept 203.0.113.7:443', 203.0.113.7, 80, false",
    "'reject private:*, accept *:*', 10.0.0.1, 80, false",
    "'reject private:*, accept *:*', fd00::1, 80, false",
    "'accept *4:80', 2001:db8::1, 80, false"
  })
  void anAddressIsJudgedByThePolicy(String rules, String host, int port, boolean accepted) {
    assertThat(accepts(rules, host, port)).isEqualTo(accepted);
  }

  @ParameterizedTest
  @CsvSource({
    "'accept *:443', 443, 'accept *:443 (test:1)'",
    "'accept *:443', 80, 'reject names:80 (no rule accepts every address on port 80)'",
    "'accept 1.2.3.4:80, reject *:80', 80, 'reject *:80 (test:2)'"
  })
  void itsDecisionNamesTheRule(String rules, int port, String decision) {
    var policy = NetworkPolicy.parse("test", List.of(rules.split(", ", -1)));
    assertThat(new GatePolicy(policy).decide(new Destination("example.com", port)))
        .hasToString(decision);
  }
}
