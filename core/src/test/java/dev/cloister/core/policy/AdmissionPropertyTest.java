package dev.cloister.core.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cloister.core.TimeSource;
import dev.cloister.core.policy.Admission.Unmet;
import dev.cloister.core.policy.NaiveRules.Destination;
import dev.cloister.core.policy.NaiveRules.Rule;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Yes means that all of it is given; no names needs that are not met, and no others. */
final class AdmissionPropertyTest {
  private static final List<String> IMAGES = List.of("python", "js", "wasm");
  private static final int ROUNDS = 3_000;

  /** What a document says, as plain as it can be. */
  private record Wishes(
      List<String> images, Set<ApiCall> api, NaiveRules network, Map<Resource, Long> limits) {

    static Wishes random(Random random, int most) {
      var images = new ArrayList<>(IMAGES);
      images.removeIf(_ -> random.nextInt(4) == 0);
      var api = EnumSet.noneOf(ApiCall.class);
      var limits = new EnumMap<Resource, Long>(Resource.class);
      for (var call : ApiCall.values()) {
        if (random.nextInt(12) < most) {
          api.add(call);
        }
      }
      for (var resource : Resource.values()) {
        if (random.nextInt(12) < most) {
          limits.put(resource, amount(random));
        }
      }
      return new Wishes(images, api, NaiveRules.random(random, most), limits);
    }

    private static long amount(Random random) {
      return switch (random.nextInt(10)) {
        case 0 -> 0;
        case 1 -> 1L << 48; // as microseconds less than the longest lifetime
        default -> random.nextInt(4);
      };
    }

    private String common(String limitsField) {
      return "api: %s\nnetwork: %s\n%s: %s\n"
          .formatted(
              api.stream().map(ApiCall::label).toList(),
              network.lines().stream().map(line -> "'" + line + "'").toList(),
              limitsField,
              new ResourceLimits(limits));
    }

    NodePolicy policy() {
      return NodePolicy.parse(
          "node.yaml",
          "version: 1\nimages: " + images + "\nlifetime: 316224000\n" + common("perFunction"));
    }

    Manifest manifest() {
      return Manifest.parse(
          "f.yaml",
          "name: f\ncodeDigest: '%s'\nimage: %s\n".formatted("0".repeat(64), images.getFirst())
              + common("limits"));
    }
  }

  private static Wishes manifestWishes(Random random, int most) {
    var wishes = Wishes.random(random, most);
    return wishes.images().isEmpty()
        ? new Wishes(IMAGES, wishes.api(), wishes.network(), wishes.limits())
        : wishes;
  }

  @Test
  void yesMeansThatAllOfItIsGiven() {
    var yes = 0;
    for (var seed = 0; seed < ROUNDS; seed++) {
      var random = new Random(seed);
      var given = Wishes.random(random, 12);
      var asked = manifestWishes(random, seed % 4);
      if (given.policy().admit(asked.manifest(), TimeSource.system()).admitted()) {
        yes++;
        assertThat(given.images()).as("seed %d", seed).contains(asked.images().getFirst());
        assertThat(given.api()).as("seed %d", seed).containsAll(asked.api());
        for (var limit : asked.limits().entrySet()) {
          assertThat(limit.getValue())
              .as("seed %d", seed)
              .isLessThanOrEqualTo(given.limits().getOrDefault(limit.getKey(), 0L));
        }
        for (var destination : destinations(given, asked, random)) {
          if (asked.network().accepts(destination)) {
            assertThat(given.network().accepts(destination))
                .as("seed %d, %s", seed, destination)
                .isTrue();
          }
        }
      }
    }
    assertThat(yes).isGreaterThan(ROUNDS / 20);
  }

  private static List<Destination> destinations(Wishes given, Wishes asked, Random random) {
    var destinations = given.network().corners();
    destinations.addAll(asked.network().corners());
    Stream.generate(() -> NaiveRules.somewhere(random)).limit(50).forEach(destinations::add);
    return destinations;
  }

  @Test
  void noNamesNeedsThatAreNotMetAndWithoutThemTheAnswerIsYes() {
    var no = 0;
    for (var seed = 0; seed < ROUNDS; seed++) {
      var random = new Random(seed);
      var given = Wishes.random(random, seed % 13);
      var asked = manifestWishes(random, seed % 7);
      var policy = given.policy();
      var admission = policy.admit(asked.manifest(), TimeSource.system());
      for (var unmet : admission.unmet()) {
        no++;
        assertThat(isMet(unmet, given, asked)).as("seed %d: %s", seed, unmet).isFalse();
        assertThat(unmet.refusal().accepted()).isFalse();
      }
      if (!given.images().isEmpty()) {
        var rest = without(admission.unmet(), given, asked);
        assertThat(policy.admit(rest.manifest(), TimeSource.system()))
            .as("seed %d: %s", seed, admission)
            .hasToString("yes");
      }
    }
    assertThat(no).isGreaterThan(ROUNDS);
  }

  // Looks at one need, as the plain documents have it.
  private static boolean isMet(Unmet unmet, Wishes given, Wishes asked) {
    var words = unmet.need().split(" ", -1);
    return switch (words[0]) {
      case "image" -> given.images().contains(words[1]);
      case "api" -> given.api().stream().anyMatch(call -> call.label().equals(words[1]));
      case "limits" -> {
        var resource = Resource.named(words[1]).orElseThrow();
        yield asked.limits().getOrDefault(resource, 0L)
            <= given.limits().getOrDefault(resource, 0L);
      }
      case "network" -> {
        var destination = destination(words[words.length - 1]);
        yield given.network().accepts(destination) || !asked.network().accepts(destination);
      }
      default -> throw new AssertionError(unmet);
    };
  }

  private static Destination destination(String text) {
    var colon = text.lastIndexOf(':');
    var address = text.substring(0, colon).replaceAll("[\\[\\]]", "");
    return new Destination(
        InetAddress.ofLiteral(address).getAddress(), Integer.parseInt(text.substring(colon + 1)));
  }

  private static Wishes without(List<Unmet> unmet, Wishes given, Wishes asked) {
    var needs = unmet.stream().map(Unmet::need).toList();
    var places = unmet.stream().map(Unmet::place).collect(Collectors.toSet());
    var images = needs.stream().anyMatch(need -> need.startsWith("image ")) ? given : asked;
    var api = EnumSet.noneOf(ApiCall.class);
    asked.api().stream().filter(call -> !needs.contains("api " + call.label())).forEach(api::add);
    var limits = new EnumMap<>(asked.limits());
    asked
        .limits()
        .forEach((resource, amount) -> {
          if (needs.contains("limits " + resource.label() + " " + resource.text(amount))) {
            limits.remove(resource);
          }
        });
    var rules = asked.network().rules();
    var kept =
        IntStream.range(0, rules.size())
            .filter(i -> places.stream().noneMatch(place -> place.endsWith(" network[" + i + "]")))
            .<Rule>mapToObj(rules::get)
            .toList();
    return new Wishes(images.images(), api, new NaiveRules(kept), limits);
  }

  // As many rules as there may be on both sides, and as much overlap.
  @Test
  void hugeDocumentsHaveAnAnswerToo() {
    var random = new Random(31);
    var given = new ArrayList<String>();
    for (var i = 0; i < NetworkPolicy.RULES_MAX - 1; i++) {
      given.add("'reject 10.%d.%d.0/24:1-%d'".formatted(i / 256, i % 256, 1 + random.nextInt(99)));
    }
    given.add("'accept *:*'");
    var asked = new ArrayList<String>();
    for (var i = 0; i < Manifest.RULES_MAX; i++) {
      var action = random.nextBoolean() ? "accept" : "reject";
      asked.add(
          "'%s 10.%d.0.0/16:%d-65535'"
              .formatted(action, random.nextInt(20), random.nextInt(90) + 9));
    }
    var policy =
        NodePolicy.parse("node.yaml", "version: 1\nimages: [python]\nnetwork: " + given + "\n");
    var manifest =
        Manifest.parse(
            "f.yaml",
            "name: f\ncodeDigest: '%s'\nimage: python\nnetwork: %s\n"
                .formatted("0".repeat(64), asked));
    var unmet = policy.admit(manifest, TimeSource.system()).unmet();
    assertThat(unmet).isNotEmpty();
    for (var need : unmet) {
      var words = need.need().split(" ", -1);
      var destination = destination(words[words.length - 1]);
      assertThat(policy.network().decide(destination.address(), destination.port()).accepted())
          .isFalse();
      assertThat(manifest.network().decide(destination.address(), destination.port()).accepted())
          .isTrue();
    }
  }
}
