package dev.cloister.core.context;

import static dev.cloister.core.posture.Guarantee.HEAP_IN_RAM;
import static dev.cloister.core.posture.Guarantee.NOTHING_RAW_ON_DISK;
import static dev.cloister.core.posture.Guarantee.NO_CORE_FILE;
import static dev.cloister.core.posture.Guarantee.ROOT_SECRET_PROTECTED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.cloister.core.PolicyRejected;
import dev.cloister.core.SealRefused;
import dev.cloister.core.gate.Opening;
import dev.cloister.core.key.SecretMemory;
import dev.cloister.core.posture.Guarantee;
import dev.cloister.core.posture.Guarantees;
import dev.cloister.core.posture.Posture.Finding;
import dev.cloister.core.posture.Posture.State;
import dev.cloister.core.process.Host;
import dev.cloister.core.testing.FakeHost;
import dev.cloister.core.testing.FakeProcessSeal;
import dev.cloister.core.testing.MemoryEgress;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The order of the seal, and what is left of one that fails. */
final class SealingTest {
  private final Recorder recorder = new Recorder();

  @BeforeEach
  void aHostThatGuaranteesAll() {
    for (var guarantee : EnumSet.complementOf(EnumSet.of(NOTHING_RAW_ON_DISK))) {
      host(guarantee, State.ENFORCED);
    }
  }

  private void host(Guarantee guarantee, State state) {
    recorder.hostFindings.removeIf(finding -> finding.guarantee() == guarantee);
    recorder.hostFindings.add(new Finding(guarantee, state, "the host said so"));
  }

  /** A tracer that takes the keys' memory as it is here, where a machine may have no better. */
  private ContextPlan plan() {
    return plan(Guarantees.tracer());
  }

  private ContextPlan plan(Guarantees guarantees) {
    return ContextPlan.named("box", guarantees)
        .host(recorder.host())
        .ingress(recorder.ingress("in"))
        .store(recorder.store("store"))
        .egress(MemoryEgress.named("out"))
        .release(recorder.policy())
        .harden(recorder.processSeal())
        .accept(ROOT_SECRET_PROTECTED, State.ABSENT, "the machine of a test");
  }

  private List<String> steps(String... words) {
    return recorder.steps.stream()
        .filter(step -> Stream.of(words).anyMatch(step::startsWith))
        .toList();
  }

  @Test
  void theSealGoesInOneOrder() throws IOException {
    plan().seal().close();
    assertThat(recorder.steps)
        .containsExactly(
            "compile",
            "probe in",
            "probe store",
            "probe process",
            "probe host",
            "open in",
            "open store",
            "keys",
            "describe process",
            "describe in",
            "describe store",
            "describe policy",
            "harden",
            "probe host",
            "probe host",
            "stop store",
            "stop in",
            "close store",
            "close in");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"compile", "probe in", "probe store", "probe process", "probe host", "open in"})
  void whatFailsBeforeAnythingIsOpenOpensNothing(String step) {
    recorder.failing(step, new IllegalStateException("no"));
    assertThatIllegalStateException().isThrownBy(() -> plan().seal()).withMessage("no");
    assertThat(recorder.steps).endsWith(step);
    assertThat(steps("stop", "close", "keys", "harden")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "keys",
        "describe process",
        "describe in",
        "describe store",
        "describe policy",
        "harden"
      })
  void whatFailsLaterClosesEverythingInReverse(String step) {
    recorder.failing(step, new IllegalStateException("no"));
    assertThatIllegalStateException().isThrownBy(() -> plan().seal()).withMessage("no");
    assertThat(recorder.steps).endsWith(step, "stop store", "stop in", "close store", "close in");
    assertThat(steps("harden")).hasSize(step.equals("harden") ? 1 : 0);
  }

  @Test
  void aPartThatCannotBeOpenedClosesThoseBeforeIt() {
    recorder.failing("open store", new IOException("no such directory"));
    assertThatIOException().isThrownBy(() -> plan().seal()).withMessage("no such directory");
    assertThat(recorder.steps).endsWith("open store", "stop in", "close in");
    assertThat(steps("keys", "harden", "close store")).isEmpty();
  }

  @Test
  void anErrorOfAPartUndoesTheSealAsWell() {
    recorder.failing("open store", new UnsatisfiedLinkError("no libpcap"));
    assertThatExceptionOfType(UnsatisfiedLinkError.class).isThrownBy(() -> plan().seal());
    assertThat(recorder.steps).endsWith("open store", "stop in", "close in");
  }

  @Test
  void everythingIsUndoneEvenIfUndoingFails() {
    recorder
        .failing("harden", new IllegalStateException("no"))
        .failing("stop store", new IllegalStateException("stuck"))
        .failing("close store", new IOException("full"));
    assertThatIllegalStateException()
        .isThrownBy(() -> plan().seal())
        .withMessage("no")
        .satisfies(e ->
            assertThat(e.getSuppressed())
                .extracting(Throwable::getMessage)
                .containsExactly("stuck", "full"));
    assertThat(recorder.steps)
        .endsWith("harden", "stop store", "stop in", "close store", "close in");
  }

  @Test
  void aPolicyThatDoesNotFitIsRejectedBeforeAnythingIsTouched() {
    recorder.failing("compile", new PolicyRejected("p.yaml:1", "no such field"));
    assertThatExceptionOfType(PolicyRejected.class).isThrownBy(() -> plan().seal());
    assertThat(recorder.steps).containsExactly("compile");
  }

  @ParameterizedTest
  @EnumSource(
      mode = EnumSource.Mode.EXCLUDE,
      names = {"NOTHING_RAW_ON_DISK", "ROOT_SECRET_PROTECTED"})
  void aLackOfTheHostRefusesTheSealBeforeAnythingIsOpen(Guarantee guarantee) {
    host(guarantee, State.WEAKENED);
    assertThatExceptionOfType(SealRefused.class)
        .isThrownBy(() -> plan().seal())
        .satisfies(refused ->
            assertThat(refused.lacks())
                .containsExactly(
                    guarantee.label() + " is WEAKENED (the host said so): " + guarantee.remedy()));
    assertThat(steps("open", "keys", "harden")).isEmpty();
  }

  @Test
  void everyLackIsNamedAtOnce() {
    host(HEAP_IN_RAM, State.ABSENT);
    host(NO_CORE_FILE, State.WEAKENED);
    recorder.storeFindings.add(new Finding(NOTHING_RAW_ON_DISK, State.ABSENT, "a plain file"));
    assertThatExceptionOfType(SealRefused.class)
        .isThrownBy(() -> plan().seal())
        .satisfies(refused ->
            assertThat(refused.lacks())
                .hasSize(3)
                .anyMatch(lack -> lack.startsWith("heap-in-ram is ABSENT"))
                .anyMatch(lack -> lack.startsWith("no-core-file is WEAKENED"))
                .anyMatch(lack -> lack.startsWith("nothing-raw-on-disk is ABSENT (a plain")));
  }

  @Test
  void whatIsAcceptedIsInTheMeasurementAndTheHeader() throws IOException {
    host(HEAP_IN_RAM, State.ABSENT);
    var plan =
        plan()
            .accept(HEAP_IN_RAM, State.ABSENT, "swap is encrypted")
            .accept(NO_CORE_FILE, State.ABSENT, "never needed");
    try (var context = plan.seal()) {
      assertThat(context.measurementText())
          .contains("guarantees.accept: heap-in-ram ABSENT because swap is encrypted\n")
          .contains("guarantees.accept: no-core-file ABSENT because never needed\n");
      assertThat(context.part(MemoryEgress.class).lines().getFirst())
          .contains("heap-in-ram".toUpperCase(Locale.ROOT).replace('-', '_'))
          .contains("swap is encrypted")
          .doesNotContain("never needed");
    }
  }

  @Test
  void withoutAStoreNothingRawIsOnDisk() throws IOException {
    var plan =
        ContextPlan.named("box", Guarantees.tracer())
            .host(recorder.host())
            .accept(ROOT_SECRET_PROTECTED, State.ABSENT, "the machine of a test");
    try (var context = plan.seal()) {
      assertThat(context.posture().of(NOTHING_RAW_ON_DISK))
          .isEqualTo(
              new Finding(
                  NOTHING_RAW_ON_DISK, State.ENFORCED, "no store of this plan writes files"));
    }
  }

  @Test
  void aProcessThatCouldNotBeHardenedRefusesTheSealAndClosesEverything() {
    recorder.sealFindings.add(new Finding(NO_CORE_FILE, State.WEAKENED, "prctl failed"));
    assertThatExceptionOfType(SealRefused.class)
        .isThrownBy(() -> plan().seal())
        .withMessageContaining("no-core-file is WEAKENED");
    assertThat(recorder.steps).endsWith("stop store", "stop in", "close store", "close in");
  }

  @Test
  void keysOnTheHeapRefuseTheSealEvenIfTheHostPromisedBetter() {
    var plan =
        ContextPlan.named("box", Guarantees.tracer())
            .ingress(recorder.ingress("in"))
            .host(
                new Host() {
                  @Override
                  public SecretMemory secretMemory(long bytes) {
                    return SecretMemory.onHeap(bytes);
                  }

                  @Override
                  public List<Finding> probe() {
                    return List.copyOf(recorder.hostFindings);
                  }
                });
    assertThatExceptionOfType(SealRefused.class)
        .isThrownBy(plan::seal)
        .withMessageContaining("root-secret-protected is ABSENT")
        .withMessageContaining("the root secret lies on the heap");
    assertThat(recorder.steps).endsWith("open in", "stop in", "close in");
  }

  @Test
  void aFakeHostSealsInTheLabAlone() throws IOException {
    assertThatExceptionOfType(SealRefused.class)
        .isThrownBy(() -> ContextPlan.named("box", Guarantees.cell()).host(new FakeHost()).seal())
        .satisfies(refused -> assertThat(refused.lacks()).hasSize(3));
    var seal = new FakeProcessSeal();
    try (var lab =
        ContextPlan.named("box", Guarantees.lab()).host(new FakeHost()).harden(seal).seal()) {
      assertThat(lab.posture().of(ROOT_SECRET_PROTECTED).state()).isEqualTo(State.SIMULATED);
    }
    assertThat(seal.isHardened()).isTrue();
  }

  @Test
  void whatHardeningIsToReachCountsBeforeItAndWhatIsFoundCountsAfterwards() throws IOException {
    recorder.hostFindings.clear();
    recorder.hostFindings.add(new Finding(Guarantee.NO_CORE_FILE, State.WEAKENED, "a limit"));
    recorder.sealProspect.add(new Finding(Guarantee.NO_CORE_FILE, State.ENFORCED, "to be tried"));
    var plan =
        ContextPlan.named("box", Guarantees.lab().require(Guarantee.NO_CORE_FILE))
            .host(recorder.host())
            .harden(recorder.processSeal());
    assertThatExceptionOfType(SealRefused.class)
        .isThrownBy(plan::seal)
        .withMessageContaining("no-core-file is WEAKENED (a limit)");
    assertThat(steps("harden")).hasSize(1);
    recorder.hostFindings.clear();
    recorder.sealFindings.add(new Finding(Guarantee.NO_CORE_FILE, State.ENFORCED, "tried"));
    try (var context = plan.seal()) {
      assertThat(context.posture().of(Guarantee.NO_CORE_FILE).evidence()).isEqualTo("tried");
    }
  }

  @Test
  void aPartThatIsForRealInputAloneIsRefusedInALab() {
    var plan =
        ContextPlan.named("box", Guarantees.lab())
            .host(new FakeHost())
            .ingress(recorder.ingress("live"));
    assertThatIllegalArgumentException()
        .isThrownBy(plan::seal)
        .withMessage("ingress \"live\" does not run in lab mode");
    assertThat(recorder.steps).isEmpty();
  }

  @Test
  void noPartSeesKeysBeforeAllAreOpen() {
    var plan =
        ContextPlan.named("box", Guarantees.lab())
            .host(new FakeHost())
            .ingress(
                recorder.ingress(
                    "eager",
                    opening -> {
                      throw new AssertionError("it saw " + opening.keys().get());
                    }));
    assertThatIllegalStateException()
        .isThrownBy(plan::seal)
        .withMessage("the keys are made after every gate and store is open");
  }

  @Test
  void whatAPartIsLentIsTheContexts() throws IOException {
    var lent = new ArrayList<Opening>();
    var plan =
        ContextPlan.named("box", Guarantees.lab())
            .host(new FakeHost())
            .ingress(
                recorder.ingress(
                    "in",
                    opening -> {
                      lent.add(opening);
                      return () -> {};
                    }));
    try (var context = plan.seal()) {
      var opening = lent.getFirst();
      assertThat(opening.keys().get()).isSameAs(context.keys());
      assertThat(opening.ledger()).isSameAs(context.ledger());
      assertThat(opening.time()).isSameAs(context.time());
      assertThat(opening.mode()).isEqualTo(context.mode());
      assertThat(opening.ledger().tally(Recorder.Counted.RECEIVED).get()).isZero();
    }
  }

  @Test
  void aPolicyWithoutAWayOutIsRefusedBeforeAnythingIsTouched() {
    var plan =
        ContextPlan.named("box", Guarantees.tracer())
            .host(recorder.host())
            .release(recorder.policy())
            .harden(recorder.processSeal());
    assertThatIllegalArgumentException()
        .isThrownBy(plan::seal)
        .withMessage("context \"box\" releases and has no egress: declare one with egress(…)");
    assertThat(recorder.steps).isEmpty();
  }

  @Test
  void aHeaderThatCannotBeWrittenUndoesTheSeal() {
    var plan = plan().egress(MemoryEgress.named("full").failingAtPush(1));
    assertThatIOException().isThrownBy(plan::seal);
    assertThat(recorder.steps).endsWith("stop store", "stop in", "close store", "close in");
  }
}
