package dev.cloister.core.posture;

import static dev.cloister.core.posture.Guarantee.HEAP_IN_RAM;
import static dev.cloister.core.posture.Guarantee.NOTHING_RAW_ON_DISK;
import static dev.cloister.core.posture.Guarantee.NO_CORE_FILE;
import static dev.cloister.core.posture.Guarantee.ROOT_SECRET_PROTECTED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.tuple;

import dev.cloister.core.Description;
import dev.cloister.core.Mode;
import dev.cloister.core.posture.Guarantees.Waiver;
import dev.cloister.core.posture.Posture.Finding;
import dev.cloister.core.posture.Posture.State;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

final class GuaranteesTest {

  private static Posture all(State state) {
    return Posture.of(
        Arrays.stream(Guarantee.values())
            .map(guarantee -> new Finding(guarantee, state, "seen"))
            .toList());
  }

  private static Posture with(Guarantee guarantee, State state) {
    return Posture.of(
        Arrays.stream(Guarantee.values())
            .map(g -> new Finding(g, g == guarantee ? state : State.ENFORCED, "seen"))
            .toList());
  }

  private static String described(Guarantees guarantees) {
    var description = new Description();
    guarantees.describe(description);
    return description.text();
  }

  @ParameterizedTest
  @EnumSource
  void aTracerRequiresEverything(Guarantee guarantee) {
    assertThat(Guarantees.tracer().lacks(with(guarantee, State.WEAKENED)))
        .singleElement()
        .asString()
        .isEqualTo(guarantee.label() + " is WEAKENED (seen): " + guarantee.remedy());
  }

  @Test
  void whoAcceptsAllTakesAnyHostAndSaysSoOfEach() {
    var accepting = Guarantees.tracer().acceptAll("a test");
    assertThat(accepting.lacks(all(State.ABSENT))).isEmpty();
    assertThat(accepting.waivers())
        .extracting(Waiver::guarantee, Waiver::reason)
        .containsExactlyElementsOf(
            Arrays.stream(Guarantee.values()).map(each -> tuple(each, "a test")).toList());
    assertThat(accepting.mode()).isEqualTo(Mode.SEALED);
  }

  @Test
  void aCellRequiresAllButAStore() {
    assertThat(Guarantees.cell().lacks(with(NOTHING_RAW_ON_DISK, State.ABSENT))).isEmpty();
    assertThat(Guarantees.cell().lacks(all(State.ABSENT))).hasSize(3);
    assertThat(Guarantees.cell().mode()).isEqualTo(Mode.SEALED);
  }

  @Test
  void aLabRequiresNothingAndTakesFakes() {
    assertThat(Guarantees.lab().lacks(all(State.ABSENT))).isEmpty();
    assertThat(Guarantees.lab().lacks(all(State.SIMULATED))).isEmpty();
    assertThat(Guarantees.lab().mode()).isEqualTo(Mode.LAB);
  }

  @Test
  void onlyEnforcedMeetsARequirement() {
    assertThat(Guarantees.tracer().lacks(all(State.ENFORCED))).isEmpty();
    assertThat(Guarantees.tracer().lacks(all(State.WEAKENED))).hasSize(Guarantee.values().length);
    assertThat(Guarantees.tracer().lacks(all(State.ABSENT))).hasSize(Guarantee.values().length);
  }

  @ParameterizedTest
  @EnumSource
  void aFakeRefusesEverySealOutsideTheLabEvenOfWhatNobodyRequired(Guarantee guarantee) {
    assertThat(Guarantees.cell().lacks(with(guarantee, State.SIMULATED))).hasSize(1);
    assertThat(
            Guarantees.tracer()
                .accept(guarantee, State.ABSENT, "a test")
                .lacks(with(guarantee, State.SIMULATED)))
        .hasSize(1);
  }

  @Test
  void aRequirementOfALabIsMetByAFakeAndNotByALack() {
    var lab = Guarantees.lab().require(HEAP_IN_RAM);
    assertThat(lab.lacks(with(HEAP_IN_RAM, State.SIMULATED))).isEmpty();
    assertThat(lab.lacks(with(HEAP_IN_RAM, State.WEAKENED))).hasSize(1);
    assertThat(lab.mode()).isEqualTo(Mode.LAB);
  }

  @ParameterizedTest
  @CsvSource({
    "WEAKENED,WEAKENED,0",
    "WEAKENED,ABSENT,1",
    "ABSENT,WEAKENED,0",
    "ABSENT,ABSENT,0",
  })
  void anAcceptanceTakesItsStateAndBetterOnes(State accepted, State found, int lacks) {
    assertThat(
            Guarantees.tracer()
                .accept(HEAP_IN_RAM, accepted, "swap is encrypted")
                .lacks(with(HEAP_IN_RAM, found)))
        .hasSize(lacks);
  }

  @Test
  void anAcceptanceIsOfOneGuaranteeAndTheLastOneCounts() {
    var guarantees =
        Guarantees.tracer()
            .accept(NO_CORE_FILE, State.ABSENT, "first")
            .accept(HEAP_IN_RAM, State.WEAKENED, "other")
            .accept(NO_CORE_FILE, State.WEAKENED, "second");
    assertThat(guarantees.waivers())
        .containsExactly(
            new Waiver(HEAP_IN_RAM, State.WEAKENED, "other"),
            new Waiver(NO_CORE_FILE, State.WEAKENED, "second"));
    assertThat(guarantees.lacks(all(State.ABSENT))).hasSize(Guarantee.values().length);
  }

  @Test
  void onlyWaiversThatWereNeededAreUsed() {
    var guarantees =
        Guarantees.tracer()
            .accept(NO_CORE_FILE, State.ABSENT, "one")
            .accept(HEAP_IN_RAM, State.ABSENT, "two");
    assertThat(guarantees.used(with(HEAP_IN_RAM, State.WEAKENED)))
        .containsExactly(new Waiver(HEAP_IN_RAM, State.ABSENT, "two"));
    assertThat(guarantees.used(all(State.ENFORCED))).isEmpty();
  }

  @Test
  void aFakeCannotBeAcceptedAndAnAcceptanceNeedsAReason() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Guarantees.lab().accept(HEAP_IN_RAM, State.SIMULATED, "why"))
        .withMessageContaining("Guarantees.lab()");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Guarantees.lab().accept(HEAP_IN_RAM, State.ABSENT, " "))
        .withMessage("accepting heap-in-ram needs a reason: it stands in every output");
  }

  @Test
  void requiringAndAcceptingLeaveTheOriginalAsItWas() {
    var preset = Guarantees.lab();
    var before = described(preset);
    preset.require(HEAP_IN_RAM);
    preset.accept(HEAP_IN_RAM, State.ABSENT, "why");
    assertThat(described(preset)).isEqualTo(before).isEqualTo("mode: lab\n");
  }

  @Test
  void itsDescriptionNamesAllOfItInOneOrder() {
    var one =
        Guarantees.cell()
            .require(NOTHING_RAW_ON_DISK)
            .accept(NO_CORE_FILE, State.WEAKENED, "a\nb")
            .accept(ROOT_SECRET_PROTECTED, State.ABSENT, "c");
    var other =
        Guarantees.lab()
            .require(NOTHING_RAW_ON_DISK)
            .require(NO_CORE_FILE)
            .require(HEAP_IN_RAM)
            .require(ROOT_SECRET_PROTECTED)
            .accept(ROOT_SECRET_PROTECTED, State.ABSENT, "c")
            .accept(NO_CORE_FILE, State.WEAKENED, "a\nb");
    assertThat(described(other)).isEqualTo(described(one).replace("sealed", "lab"));
    assertThat(described(one))
        .isEqualTo(
            """
            mode: sealed
            require: root-secret-protected
            require: heap-in-ram
            require: no-core-file
            require: nothing-raw-on-disk
            accept: root-secret-protected ABSENT because c
            accept: no-core-file WEAKENED because a\\nb
            """);
  }

  @Test
  void everyGuaranteeHasANumberALabelAndARemedyOfItsOwn() {
    var all = List.of(Guarantee.values());
    assertThat(all)
        .extracting(Guarantee::number)
        .containsExactly(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12);
    assertThat(all).extracting(Guarantee::remedy).doesNotContain("").doesNotHaveDuplicates();
    assertThat(all)
        .allSatisfy(
            guarantee -> assertThat(Guarantee.named(guarantee.label())).contains(guarantee));
    assertThat(Guarantee.named("HEAP_IN_RAM")).isEmpty();
  }
}
