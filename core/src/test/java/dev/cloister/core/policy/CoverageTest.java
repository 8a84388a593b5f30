package dev.cloister.core.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cloister.core.policy.Coverage.Gap;
import dev.cloister.core.policy.NaiveRules.Destination;
import dev.cloister.core.policy.NaiveRules.Rule;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whether one policy gives all that another asks for, against asking about each destination. */
final class CoverageTest {
  private static final int FIRST_PORT = 79;
  private static final int LAST_PORT = 82;
  private static final int HOST_BITS = 3;

  private static List<Gap> gaps(String given, String asked) {
    return new Coverage(
            NetworkPolicy.parse("given", List.of(given.split(", ", -1))),
            NetworkPolicy.parse("asked", List.of(asked.split(", ", -1))))
        .gaps();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "accept *:80 | accept *:80",
        "accept *:80 | accept 10.0.0.0/8:80, accept [2001:db8::]/32:80",
        "accept *4:*, accept *6:* | accept *:*",
        "accept *:1-80, accept *:81-65535 | accept *:*",
        "reject private:*, accept *:443 | reject private:*, accept *:443",
        "reject 10.0.0.0/8:*, accept *:* | reject 10.0.0.0/7:1-65535, accept *:443",
        "accept 10.0.0.0/9:80, accept 10.128.0.0/9:80 | accept 10.0.0.0/8:80",
        "reject *:* | reject *:80",
      })
  void whatIsGivenHasNoGap(String given, String asked) {
    assertThat(gaps(given, asked)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "accept *:80 | accept *:79-81 | 0.0.0.0:79 | given: no rule matches",
        "reject private:*, accept *:443 | accept *:443 | 0.0.0.0:443 | given:1",
        "reject 10.0.0.8/32:443, accept *:443 | accept 10.0.0.0/24:443 | 10.0.0.8:443 | given:1",
        "reject 10.0.0.8/31:443, accept *:443 | reject 10.0.0.8:*, accept *:443 | 10.0.0.9:443 |"
            + " given:1",
        "accept *4:* | accept [2001:db8::1]:5 | [2001:db8::1]:5 | given: no rule matches",
        "accept *4:* | accept *6:5 | [::]:5 | given: no rule matches",
        "accept [::]/1:* | accept *6:5 | [8000::]:5 | given: no rule matches",
        "accept *:1-65534 | accept 1.2.3.4 | 1.2.3.4:65535 | given: no rule matches",
      })
  void aGapIsNamedByADestinationAndTheRuleThatRefusesIt(
      String given, String asked, String example, String place) {
    assertThat(gaps(given, asked))
        .singleElement()
        .satisfies(gap -> {
          assertThat(gap.example()).isEqualTo(example);
          assertThat(gap.refusal().place()).isEqualTo(place);
          assertThat(gap.refusal().accepted()).isFalse();
        });
  }

  @Test
  void aRejectionThatComesLaterExcusesNothing() {
    assertThat(gaps("accept *:80", "accept *:81, reject *:81, accept *:81")).hasSize(1);
  }

  @Test
  void everyRuleWithAGapIsNamed() {
    assertThat(gaps("accept *:80", "accept *:81, accept *:80, accept *:81-82"))
        .map(gap -> gap.rule().place())
        .containsExactly("asked:1", "asked:3");
  }

  /** Every rule that accepts stays within 8 addresses and 4 ports, so all of them can be asked. */
  @Test
  void gapsAreThoseThatAskingAboutEachDestinationFinds() {
    for (var seed = 0; seed < 4_000; seed++) {
      var random = new Random(seed);
      var family = random.nextBoolean() ? 4 : 16;
      var given = new NaiveRules(rules(random, family));
      var asked = new NaiveRules(rules(random, family));
      var found = new Coverage(given.compiled("given"), asked.compiled("asked")).gaps();
      assertThat(found)
          .as("seed %d:\n%s\nasked:\n%s", seed, given.lines(), asked.lines())
          .map(gap -> gap.rule().place())
          .isEqualTo(rulesWithGap(given, asked, family));
      for (var gap : found) {
        var rule = Integer.parseInt(gap.rule().place().substring("asked:".length())) - 1;
        var destination = new Destination(gap.address().inet().getAddress(), gap.port());
        assertThat(asks(asked, rule, destination)).as("seed %d", seed).isTrue();
        assertThat(given.accepts(destination)).as("seed %d", seed).isFalse();
        var first = given.first(destination);
        assertThat(gap.refusal().place())
            .as("seed %d", seed)
            .isEqualTo(first == RuleTable.NONE ? "given: no rule matches" : "given:" + (first + 1));
      }
    }
  }

  private static List<Rule> rules(Random random, int family) {
    return Stream.generate(() -> rule(random, family)).limit(random.nextInt(8)).toList();
  }

  private static Rule rule(Random random, int family) {
    var network = address(family, random.nextInt(1 << HOST_BITS));
    var bits = family * 8 - random.nextInt(HOST_BITS + 1);
    var one = FIRST_PORT + random.nextInt(4);
    var other = FIRST_PORT + random.nextInt(4);
    var first = Math.min(one, other);
    var last = Math.max(one, other);
    return switch (random.nextInt(6)) {
      case 0 -> new Rule(false, 0, network, 0, 1, 65_535);
      case 1 -> new Rule(false, family, network, random.nextInt(bits), first, last);
      case 2, 3 -> new Rule(false, family, network, bits, first, last);
      default -> new Rule(true, family, network, bits, first, last);
    };
  }

  private static byte[] address(int family, int host) {
    var address = new byte[family];
    address[0] = 32;
    address[family - 1] = (byte) host;
    return address;
  }

  private static List<String> rulesWithGap(NaiveRules given, NaiveRules asked, int family) {
    var places = new ArrayList<String>();
    for (var i = 0; i < asked.rules().size(); i++) {
      var rule = i;
      if (universe(family)
          .anyMatch(destination -> asks(asked, rule, destination) && !given.accepts(destination))) {
        places.add("asked:" + (i + 1));
      }
    }
    return places;
  }

  private static Stream<Destination> universe(int family) {
    return Stream.iterate(0, host -> host < 1 << HOST_BITS, host -> host + 1)
        .flatMap(host ->
            Stream.iterate(FIRST_PORT, port -> port <= LAST_PORT, port -> port + 1)
                .map(port -> new Destination(address(family, host), port)));
  }

  /** Tells whether a rule that accepts matches, and no rule before it that rejects. */
  private static boolean asks(NaiveRules asked, int index, Destination destination) {
    var rule = asked.rules().get(index);
    return rule.accepts()
        && rule.matches(destination.address(), destination.port())
        && asked.rules().subList(0, index).stream()
            .noneMatch(before ->
                !before.accepts() && before.matches(destination.address(), destination.port()));
  }
}
