package dev.cloister.tor.exitpolicy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cloister.core.PolicyRejected;
import dev.cloister.core.testing.RequiresProgram;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Beside Debian's python3-stem: the same answers, but where stem and tor are known to differ. */
@RequiresProgram("python3")
final class StemTest {
  private static final int POLICIES = 2500;
  private static final int DESTINATIONS = 50;

  /** As tor(1) lists them; stem does without the word. */
  private static final List<String> PRIVATE =
      List.of(
          ("0.0.0.0/8 169.254.0.0/16 127.0.0.0/8 192.168.0.0/16 10.0.0.0/8 172.16.0.0/12 [::]/8"
                  + " [FC00::]/7 [FE80::]/10 [FEC0::]/10 [FF00::]/8 [::]/127")
              .split(" ", -1));

  private static Stem stem;

  @BeforeAll
  static void start() throws IOException {
    stem = Stem.start();
  }

  @AfterAll
  static void stop() throws IOException {
    stem.close();
  }

  /** Writes rules of the whole grammar with the words that stem knows. */
  private static Stream<String> forStem(String line) {
    return Stream.of(line.split(",", -1))
        .map(String::strip)
        .filter(rule -> !rule.matches("(accept|reject)6\\s+private.*"))
        .map(rule -> rule.replace('\t', ' '))
        .map(rule -> rule.replaceFirst(" ([^\\[ ]*:[^\\] ]*)(/\\d+)(:\\S+)?$", " [$1]$2$3"))
        .map(rule -> rule.matches(".*(\\]|[^\\]:]*)(/[\\d.]+)?:[\\d*-]+") ? rule : rule + ":*")
        .flatMap(rule ->
            rule.contains("private")
                ? PRIVATE.stream().map(network -> rule.replace("private", network))
                : Stream.of(rule));
  }

  @Test
  void everyDecisionIsStemsButOfTheUnspecifiedAddress() throws IOException {
    var seed = new Random().nextLong();
    var policies = new RandomPolicies(seed);
    var accepted = 0;
    var unspecified = 0;
    for (var i = 0; i < POLICIES; i++) {
      var lines = policies.lines();
      var destinations =
          Stream.generate(
                  () -> new InetSocketAddress(policies.address(), policies.destinationPort()))
              .limit(DESTINATIONS)
              .toList();
      var rules = lines.stream().flatMap(StemTest::forStem).toList();
      var answers = stem.decide(rules, destinations);
      assertThat(answers).as("seed %d: %s", seed, rules).hasSize(DESTINATIONS);
      var policy = ExitPolicy.parse("random", lines);
      for (var j = 0; j < DESTINATIONS; j++) {
        var to = destinations.get(j);
        var decision = policy.decide(to.getAddress(), to.getPort());
        if (to.getAddress().isAnyLocalAddress()) {
          unspecified++;
          assertThat(decision.accepted()).isFalse();
        } else {
          accepted += decision.accepted() ? 1 : 0;
          assertThat(decision.accepted())
              .as("seed %d: %s to %s by %s", seed, lines, to, decision)
              .isEqualTo(answers.charAt(j) == '1');
        }
      }
    }
    assertThat(unspecified).isLessThan(POLICIES * DESTINATIONS / 20);
    assertThat(accepted).isBetween(POLICIES * DESTINATIONS / 10, POLICIES * DESTINATIONS * 9 / 10);
  }

  /** Each with what stem says of a policy and a destination, and what tor and we say. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "the unspecified address | accept *:* | 0.0.0.0 | accepts | rejects",
        "the unspecified address of IPv6 | accept *:* | :: | accepts | rejects",
        "the word private | accept private:*,reject *:* | 10.0.0.1 | refuses | accepts",
        "ports left out | accept 10.0.0.0/8,reject *:* | 10.0.0.1 | refuses | accepts",
        "a tab | accept\t10.0.0.0/8:*,reject *:* | 10.0.0.1 | refuses | accepts",
        "no brackets | accept 2001:db8::/32:*,reject *:* | 2001:db8::1 | refuses | accepts",
        "a zero before a port | accept 10.0.0.1:080,reject *:* | 10.0.0.1 | refuses | accepts",
        "port zero | reject 10.0.0.1:0,accept *:* | 10.0.0.1 | accepts | refuses",
        "ports from zero | accept 10.0.0.1:0-80,reject *:* | 10.0.0.1 | accepts | refuses",
        "a mask with holes | accept 10.0.0.1/255.0.255.0:*,reject *:* | 10.9.0.1 | accepts |"
            + " refuses",
        "a comment | accept 10.0.0.1:* # mine | 10.0.0.1 | refuses | accepts",
      })
  void whereStemAndTorDifferTorIsFollowed(
      String what, String rules, String address, String stems, String ours) throws IOException {
    var to = new InetSocketAddress(InetAddress.ofLiteral(address), 80);
    var answer = stem.decide(List.of(rules.split(",", -1)), List.of(to));
    assertThat(answer.startsWith("refused") ? "refuses" : said(answer.equals("1")))
        .as(what)
        .isEqualTo(stems);
    assertThat(ours(rules, to)).as(what).isEqualTo(ours);
  }

  private static String said(boolean accepted) {
    return accepted ? "accepts" : "rejects";
  }

  private static String ours(String rules, InetSocketAddress to) {
    try {
      var policy = ExitPolicy.parse("test", List.of(rules));
      return said(policy.decide(to.getAddress(), to.getPort()).accepted());
    } catch (PolicyRejected _) {
      return "refuses";
    }
  }
}
