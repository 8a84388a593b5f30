package dev.cloister.tor.socks;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cloister.core.policy.NetworkPolicy;
import dev.cloister.core.policy.PortRange;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class OutboundPolicyTest {
  private final OutboundPolicy policy =
      OutboundPolicy.of(
          NetworkPolicy.parse("test", List.of("reject 127.0.0.0/8:*", "accept *4:80")),
          List.of(new PortRange(443, 443), new PortRange(8000, 8080)));

  @ParameterizedTest
  @CsvSource({
    "10.1.2.3, 80, true, accept *4:80 (test:2)",
    "127.0.0.1, 80, false, reject 127.0.0.0/8:* (test:1)",
    "127.0.0.1., 80, false, reject 127.0.0.0/8:* (test:1)",
    "::ffff:127.0.0.1, 80, false, reject 127.0.0.0/8:* (test:1)",
    "10.1.2.3, 443, false, reject *:* (test: no rule matches)",
    "2001:db8::1, 80, false, reject *:* (test: no rule matches)",
    "a.example, 443, true, accept names:443 (ports of names)",
    "a.example, 8080, true, accept names:8000-8080 (ports of names)",
    "'a.example', 80, false, 'reject names:* (ports of names [443, 8000-8080])'",
    "localhost, 7999, false, 'reject names:* (ports of names [443, 8000-8080])'"
  })
  void addressesAreJudgedByTheNetworkPolicyAndNamesByTheirPorts(
      String host, int port, boolean accepted, String rule) {
    var decision = policy.decide(new Destination(host, port));
    assertThat(decision.accepted()).isEqualTo(accepted);
    assertThat(decision).hasToString(rule);
  }
}
