package dev.cloister.core.policy;

import static dev.cloister.core.policy.Resource.CPU_SECONDS;
import static dev.cloister.core.policy.Resource.CPU_SHARE;
import static dev.cloister.core.policy.Resource.MEMORY_BYTES;
import static dev.cloister.core.policy.Resource.PROCESSES;
import static dev.cloister.core.policy.Resource.WALL_SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.cloister.core.PolicyRejected;
import dev.cloister.core.policy.ResourceLimits.Excess;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Amounts are exact, what is not named is not given, and what does not fit is named. */
final class ResourceLimitsTest {
  private static ResourceLimits read(String text) {
    return ResourceLimits.read(Document.parse("limits.yaml", text).root());
  }

  @Test
  void documentsGiveEachResourceByItsLabel() {
    var limits =
        read(
            """
            cpuSeconds: 10
            cpuShare: 0.5
            wallSeconds: 1.25
            memoryBytes: 1
            processes: 2
            openFiles: 3
            diskBytes: 4
            bytesIn: 5
            bytesOut: 6
            """);
    assertThat(limits.amounts()).containsOnlyKeys(Resource.values());
    assertThat(limits.of(CPU_SECONDS)).isEqualTo(10_000_000);
    assertThat(limits.of(CPU_SHARE)).isEqualTo(500_000);
    assertThat(limits.duration(WALL_SECONDS)).isEqualTo(Duration.ofMillis(1250));
    assertThat(limits.of(Resource.BYTES_OUT)).isEqualTo(6);
    assertThat(limits)
        .hasToString(
            "{cpuSeconds: 10, cpuShare: 0.5, wallSeconds: 1.25, memoryBytes: 1, processes: 2,"
                + " openFiles: 3, diskBytes: 4, bytesIn: 5, bytesOut: 6}");
    assertThat(read(limits.toString())).isEqualTo(limits);
  }

  @ParameterizedTest
  @EnumSource(Resource.class)
  void anAmountIsWrittenAsItIsRead(Resource resource) {
    assertThat(Resource.named(resource.label())).contains(resource);
    var random = new Random(21);
    for (var i = 0; i < 1_000; i++) {
      var amount = random.nextLong(Resource.AMOUNT_MAX + 1) >> random.nextInt(53);
      assertThat(resource.amount(resource.text(amount))).isEqualTo(amount);
    }
    assertThat(resource.amount(resource.text(Resource.AMOUNT_MAX))).isEqualTo(Resource.AMOUNT_MAX);
  }

  @ParameterizedTest
  @CsvSource({
    "memoryBytes, 0.5, allowed is a number from 0 to 9007199254740992",
    "memoryBytes, 9007199254740993, allowed is a number from 0 to 9007199254740992",
    "memoryBytes, -1, allowed is a number from 0 to 9007199254740992",
    "cpuShare, 0.0000001, allowed is a number from 0 to 9007199254 with up to six decimals",
    "wallSeconds, 9007199255, allowed is a number from 0 to 9007199254 with up to six decimals",
    "processes, 1e3, allowed is a number from 0 to 9007199254740992",
    "processes, .inf, allowed is a number from 0 to 9007199254740992",
  })
  void anAmountThatIsNoneIsRejectedWithItsPlace(String label, String value, String allowed) {
    assertThatExceptionOfType(PolicyRejected.class)
        .isThrownBy(() -> read("# limits\n" + label + ": " + value))
        .withMessageStartingWith("limits.yaml:2 " + label + ": " + label + " ")
        .withMessageContaining(value)
        .withMessageEndingWith(allowed);
  }

  @Test
  void aTextOrAListIsNoAmount() {
    for (var value : new String[] {"\"5\"", "[5]", "{a: 5}", "true"}) {
      assertThatExceptionOfType(PolicyRejected.class)
          .isThrownBy(() -> read("processes: " + value))
          .withMessageStartingWith("limits.yaml:1 processes: ");
    }
  }

  @Test
  void anUnknownResourceIsRejected() {
    assertThatExceptionOfType(PolicyRejected.class)
        .isThrownBy(() -> read("processes: 1\nthreads: 2\n"))
        .withMessageStartingWith("limits.yaml:2 threads: unknown field \"threads\": allowed are");
  }

  @Test
  void whatIsNotNamedIsNotGiven() {
    var limits = ResourceLimits.none().with(PROCESSES, 0);
    assertThat(limits.of(MEMORY_BYTES)).isZero();
    assertThat(limits.names(MEMORY_BYTES)).isFalse();
    assertThat(limits.names(PROCESSES)).isTrue();
    assertThat(ResourceLimits.none().with(MEMORY_BYTES, 1).excessOver(limits))
        .containsExactly(new Excess(MEMORY_BYTES, 1, 0));
  }

  @Test
  void everyResourceThatDoesNotFitIsNamed() {
    var asked = read("{cpuShare: 1.5, memoryBytes: 10, processes: 2}");
    var ceiling = read("{cpuShare: 0.5, memoryBytes: 10, processes: 1}");
    assertThat(asked.excessOver(ceiling))
        .map(Excess::toString)
        .containsExactly("cpuShare 1.5: allowed 0.5", "processes 2: allowed 1");
    assertThat(asked.fitsIn(ceiling)).isFalse();
    assertThat(ceiling.fitsIn(asked)).isTrue();
  }

  @Test
  void otherLimitsStandInForWhatIsNotNamed() {
    var limits =
        read("{memoryBytes: 10, processes: 0}").orElse(read("{processes: 5, diskBytes: 3}"));
    assertThat(limits).isEqualTo(read("{memoryBytes: 10, processes: 0, diskBytes: 3}"));
  }

  @Test
  void whatWasAddedInAnyOrderCanBeTakenAwayAgain() {
    var random = new Random(22);
    for (var i = 0; i < 1_000; i++) {
      var one = someLimits(random);
      var other = someLimits(random);
      assertThat(one.plus(other)).isEqualTo(other.plus(one));
      var rest = one.plus(other).minus(other);
      for (var resource : Resource.values()) {
        assertThat(rest.of(resource)).as("round %d, seed 22", i).isEqualTo(one.of(resource));
      }
    }
  }

  private static ResourceLimits someLimits(Random random) {
    var limits = ResourceLimits.none();
    for (var resource : Resource.values()) {
      if (random.nextBoolean()) {
        limits = limits.with(resource, random.nextLong(Resource.AMOUNT_MAX + 1));
      }
    }
    return limits;
  }

  @Test
  void aSumNeverTurnsNegative() {
    var most = new ResourceLimits(Map.of(MEMORY_BYTES, Long.MAX_VALUE));
    var sum = most.plus(most);
    assertThat(sum.of(MEMORY_BYTES)).isEqualTo(Long.MAX_VALUE);
    assertThat(sum.fitsIn(ResourceLimits.none().with(MEMORY_BYTES, Resource.AMOUNT_MAX))).isFalse();
  }

  @Test
  void whatIsNotThereCannotBeTakenAway() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> read("{processes: 1}").minus(read("{processes: 2}")))
        .withMessage("cannot take away processes 2: allowed 1");
  }

  @Test
  void aLimitThatIsNoTimeHasNoDuration() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ResourceLimits.none().duration(CPU_SHARE))
        .withMessage("cpuShare is no time");
  }

  @Test
  void programsAreHeldToTheSameAmountsAsDocuments() {
    assertThat(ResourceLimits.none().with(CPU_SHARE, "0.25").of(CPU_SHARE)).isEqualTo(250_000);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ResourceLimits.none().with(PROCESSES, Resource.AMOUNT_MAX + 1));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ResourceLimits.none().with(PROCESSES, -1))
        .withMessage("processes -1: allowed are amounts from 0");
  }
}
