package dev.cloister.tor.exitpolicy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.google.common.io.Resources;
import dev.cloister.core.PolicyRejected;
import dev.cloister.core.testing.RequiresProgram;
import dev.cloister.tor.control.ControlRefused;
import dev.cloister.tor.exitpolicy.RelayOptions.Ending;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvFileSource;

/**
 * What a real relay makes of a policy, and what it answers about it, beside ours; of 6 random ones
 * unless {@code -Dcloister.policies=N} says more.
 */
@RequiresProgram("tor")
final class RealTorTest {
  private static final String PLAIN = "IPv6Exit=1 ExitPolicyRejectPrivate=0 ReducedExitPolicy=0";
  private static final RelayOptions PLAINLY =
      RelayOptions.STANDARD.withIpv6Exit(true).withRejectPrivate(false);

  /** Tor makes its descriptor anew once a second, so each policy takes one. */
  private static final int POLICIES = Integer.getInteger("cloister.policies", 6);

  private static final int DESCRIPTORS = 500;

  /** Of the classes of texts in grammar.csv those that we read, as tor does. */
  private static final Set<String> READ = Set.of("same", "host-bits");

  private static LoneRelay relay;
  private static int marks;

  @BeforeAll
  static void start(@TempDir Path directory) throws IOException {
    relay = LoneRelay.start(directory);
  }

  @AfterAll
  static void stop() throws IOException {
    relay.close();
  }

  /** Two rules of which tor leaves at least one in, whatever follows. */
  private static String mark() {
    marks++;
    return "reject 192.0.2.254:%1$d,accept 192.0.2.255:%1$d".formatted(10_000 + marks);
  }

  private static List<String> marked(List<String> lines) {
    var marked = new ArrayList<>(List.of(mark()));
    marked.addAll(lines);
    return marked;
  }

  /** Returns what tor publishes of a policy whose first line is a mark. */
  private static List<String> published(String options, List<String> lines) throws IOException {
    relay.set(options, lines);
    return relay.policy(lines.getFirst().replaceFirst(".*:", ":"));
  }

  @Test
  void policiesArePublishedWordForWordAsTorDoes() throws IOException {
    var seed = new Random().nextLong();
    var policies = new RandomPolicies(seed);
    for (var i = 0; i < POLICIES; i++) {
      var lines = marked(policies.lines());
      lines.addAll(policies.lines());
      var tor = published(PLAIN, lines);
      var ours = ExitPolicy.configured("torrc", lines, PLAINLY);
      assertThat(ours.publishedLines()).as("seed %d: %s", seed, lines).isEqualTo(tor);
      assertThat(ExitPolicy.published("relay", tor).publishedLines())
          .as("seed %d: %s read back", seed, tor)
          .isEqualTo(tor);
    }
  }

  /** A descriptor is made on demand, so that no second passes; it has IPv6 as a summary only. */
  @Test
  void descriptorsAndSummariesAreTors() throws IOException {
    var seed = new Random().nextLong();
    var policies = new RandomPolicies(seed);
    for (var i = 0; i < DESCRIPTORS; i++) {
      var lines = policies.lines();
      relay.set(PLAIN, lines);
      var descriptor =
          relay.info("status/fresh-relay-descs").stream()
              .filter(line -> line.matches("(accept|reject|ipv6-policy) .*"))
              .toList();
      var policy = ExitPolicy.configured("torrc", lines, PLAINLY);
      var ours =
          new ArrayList<>(
              policy.publishedLines().stream().filter(line -> !line.contains("6 ")).toList());
      if (!policy.ipv6Summary().toString().equals("reject 1-65535")) {
        ours.add("ipv6-policy " + policy.ipv6Summary());
      }
      assertThat(descriptor)
          .as("seed %d: %s", seed, lines)
          .containsExactlyInAnyOrderElementsOf(ours);
      var read = ExitPolicy.published("relay", descriptor);
      assertThat(read.ipv4Summary()).isEqualTo(policy.ipv4Summary());
      assertThat(read.ipv6Summary()).isEqualTo(policy.ipv6Summary());
    }
  }

  @ParameterizedTest
  @CsvFileSource(resources = "grammar.csv", delimiter = '|')
  void whatTorRefusesIsRefusedAndWhatOnlyWeRefuseHasAName(String text, String difference) {
    var lines = List.of("accept *:7", text.replace("\\t", "\t"));
    var torTakesIt = true;
    try {
      relay.set(PLAIN, lines);
    } catch (IOException refused) {
      assertThat(refused).isInstanceOf(ControlRefused.class);
      torTakesIt = false;
    }
    assertThat(torTakesIt).isEqualTo(!difference.equals("refused"));
    if (READ.contains(difference)) {
      ExitPolicy.parse("torrc", lines);
    } else {
      assertThatExceptionOfType(PolicyRejected.class)
          .isThrownBy(() -> ExitPolicy.parse("torrc", lines))
          .satisfies(e -> assertThat(e.location()).startsWith("torrc:2"));
    }
  }

  /** All that tor and we take, in one policy, but for what would end it. */
  @Test
  void whatTorTakesIsReadAsTorReadsIt() throws IOException {
    var alone = new ArrayList<List<String>>();
    var together = new ArrayList<String>();
    for (var line : Resources.readLines(getClass().getResource("grammar.csv"), UTF_8)) {
      var text = line.substring(0, line.lastIndexOf('|')).replace("\\t", "\t");
      if (READ.contains(line.substring(line.lastIndexOf('|') + 1))) {
        if (text.contains(":80")) {
          together.add(text.replaceAll(":80(?!-)", ":" + (20_000 + together.size())));
        } else {
          alone.add(List.of(text, "reject *:*"));
        }
      }
    }
    alone.add(together);
    assertThat(together).hasSizeGreaterThan(30);
    for (var texts : alone) {
      var lines = marked(texts);
      assertThat(ExitPolicy.configured("torrc", lines, PLAINLY).publishedLines())
          .isEqualTo(ExitPolicy.published("relay", published(PLAIN, lines)).publishedLines());
    }
  }

  @Test
  void theOptionsAroundAPolicyDoWhatTheyDoToTor() throws IOException {
    for (var bits = 0; bits < 8; bits++) {
      var ipv6 = bits % 2;
      var reject = bits / 2 % 2;
      var reduced = bits / 4;
      var set =
          "IPv6Exit=%d ExitPolicyRejectPrivate=%d ReducedExitPolicy=%d"
              .formatted(ipv6, reject, reduced);
      var options =
          RelayOptions.STANDARD
              .withIpv6Exit(ipv6 == 1)
              .withRejectPrivate(reject == 1)
              .withAddresses(List.of(InetAddress.ofLiteral(LoneRelay.ADDRESS)))
              .withEnding(reduced == 1 ? Ending.REDUCED : Ending.DEFAULT);
      var lines = marked(List.of("accept 127.0.0.1:80,accept6 [2001:db8::]/32:80"));
      assertThat(ExitPolicy.configured("torrc", lines, options).publishedLines())
          .as(set)
          .isEqualTo(published(set, lines));
    }
  }

  @Test
  void torsOwnListsAreOurs() throws IOException {
    assertThat(relay.info("exit-policy/default"))
        .containsExactly(String.join(",", Ending.DEFAULT.rules()));
    var privately = relay.info("exit-policy/reject-private/default");
    assertThat(ExitPolicy.parse("tor", privately).publishedLines())
        .isEqualTo(ExitPolicy.parse("ours", List.of("reject private:*")).publishedLines());
  }
}
