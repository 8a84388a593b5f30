package dev.cloister.tor.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import dev.cloister.core.testing.RequiresProgram;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.testkit.engine.EngineExecutionResults;
import org.junit.platform.testkit.engine.EngineTestKit;
import org.junit.platform.testkit.engine.Event;

/** What the extension does for classes of tests, in runs of their own. */
@Timeout(180)
final class PrivateTorTest {
  private static final List<PrivateTorNetwork> SEEN = new ArrayList<>();

  private static boolean isThere(PrivateTorNetwork network) {
    return network.nodes().stream().anyMatch(node -> ProcessHandle.of(node.pid()).isPresent());
  }

  @BeforeEach
  void forget() {
    SEEN.clear();
  }

  /** Not picked up by the build: its name ends otherwise. */
  static final class FirstSample {
    @RegisterExtension static final PrivateTor TOR = PrivateTor.of(PrivateTorNetwork.shape());

    @Test
    void sees(PrivateTorNetwork network) {
      SEEN.add(network);
    }
  }

  /** Comes after it. */
  static final class SecondSample {
    @RegisterExtension
    static final PrivateTor TOR = PrivateTor.of(PrivateTorNetwork.shape().relays(2));

    @Test
    void seesTheSame(PrivateTorNetwork network) {
      assertThat(isThere(network)).isTrue();
      SEEN.add(network);
    }
  }

  /** Has a network of its own. */
  static final class OwnSample {
    @RegisterExtension
    static final PrivateTor TOR = PrivateTor.of(PrivateTorNetwork.shape()).forOneClass();

    @Test
    void seesItsOwn(PrivateTorNetwork network) {
      SEEN.add(network);
    }

    @Nested
    final class Inner {
      @Test
      void seesItsOwnToo(PrivateTorNetwork network) {
        SEEN.add(network);
      }
    }
  }

  /** Comes after a class whose network was its own. */
  static final class LastSample {
    @Test
    void seesThatItHasClosed() {
      assertThat(isThere(SEEN.getFirst())).isFalse();
    }
  }

  /** Its network never starts. */
  static final class BrokenSample {
    @RegisterExtension
    static final PrivateTor TOR = PrivateTor.of(PrivateTorNetwork.shape().option("NoSuchOption 1"));

    @Test
    void isNotRun(PrivateTorNetwork network) {
      SEEN.add(network);
    }
  }

  private static EngineExecutionResults run(Class<?>... samples) {
    var kit = EngineTestKit.engine("junit-jupiter");
    for (var sample : samples) {
      kit.selectors(selectClass(sample));
    }
    return kit.execute();
  }

  private static String failure(Event event) {
    return String.valueOf(
        event.getRequiredPayload(TestExecutionResult.class).getThrowable().orElseThrow());
  }

  @Test
  @RequiresProgram({"tor", "tor-gencert"})
  void classesOfOneRunThatAskForEqualShapesShareANetworkThatClosesWithTheRun() {
    var results = run(FirstSample.class, SecondSample.class);
    assertThat(results.testEvents().succeeded().count()).isEqualTo(2);
    assertThat(SEEN).hasSize(2).allSatisfy(network -> assertThat(network).isSameAs(SEEN.get(0)));
    assertThat(isThere(SEEN.getFirst())).isFalse();
    assertThat(SEEN.getFirst().directory()).doesNotExist();
  }

  @Test
  @RequiresProgram({"tor", "tor-gencert"})
  void aClassCanHaveANetworkThatClosesAfterItsLastTest() {
    var results = run(OwnSample.class, LastSample.class);
    assertThat(results.testEvents().succeeded().count()).isEqualTo(3);
    assertThat(SEEN).hasSize(2).allSatisfy(network -> assertThat(network).isSameAs(SEEN.get(0)));
  }

  @Test
  @RequiresProgram({"tor", "tor-gencert"})
  void aTestWhoseNetworkDoesNotStartFailsWithTheNodeAndItsLog() {
    var failed = run(BrokenSample.class).testEvents().failed().list();
    assertThat(failed)
        .singleElement()
        .satisfies(
            event -> assertThat(failure(event)).contains("node authority0 ended", "NoSuchOption"));
    assertThat(SEEN).isEmpty();
  }

  /** Says what becomes of a sample in a JVM of its own, whose PATH leads nowhere. */
  static final class Elsewhere {
    private Elsewhere() {}

    static void main(String[] arguments) {
      var results = run(FirstSample.class);
      results.containerEvents().skipped().list().stream()
          .map(event -> event.getRequiredPayload(String.class))
          .forEach(IO::println);
      results.containerEvents().failed().list().stream()
          .map(PrivateTorTest::failure)
          .forEach(IO::println);
    }
  }

  private static List<String> elsewhere(String... flags) throws IOException {
    var builder = ChildJvm.of(List.of(flags), Elsewhere.class);
    builder.environment().put("PATH", "/nowhere");
    return builder.start().inputReader().lines().toList();
  }

  @Test
  void whereThereIsNoTorAClassIsSkippedInOneLine() throws IOException {
    assertThat(elsewhere())
        .singleElement()
        .asString()
        .startsWith("needs program ")
        .contains("\"tor-gencert\" on the PATH (Debian: apt install tor)");
  }

  @Test
  void whereThereMustBeTorItFailsInstead() throws IOException {
    assertThat(elsewhere("-Dcloister.system=required"))
        .singleElement()
        .asString()
        .contains("ConditionEvaluationException")
        .contains("PrivateTor");
  }
}
