package dev.cloister.core.posture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.cloister.core.posture.Posture.Finding;
import dev.cloister.core.posture.Posture.State;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class PostureTest {

  @Test
  void whatNobodyLookedForIsAbsent() {
    var posture = Posture.of(List.of());
    assertThat(posture.findings())
        .extracting(Finding::guarantee)
        .containsExactly(Guarantee.values());
    assertThat(posture.findings())
        .allMatch(finding -> finding.state() == State.ABSENT)
        .allMatch(finding -> finding.evidence().equals("nothing looked for it"));
  }

  @Test
  void theWorstStateCountsAndAllEvidenceStays() {
    var posture =
        Posture.of(
            List.of(
                new Finding(Guarantee.NO_CORE_FILE, State.ENFORCED, "the limit is 0"),
                new Finding(Guarantee.NO_CORE_FILE, State.ABSENT, "a pipe"),
                new Finding(Guarantee.NO_CORE_FILE, State.WEAKENED, "a file")));
    assertThat(posture.of(Guarantee.NO_CORE_FILE))
        .isEqualTo(
            new Finding(Guarantee.NO_CORE_FILE, State.ABSENT, "the limit is 0; a pipe; a file"));
  }

  @Test
  void statesAreOrderedFromBestToWorst() {
    assertThat(State.values())
        .containsExactly(State.ENFORCED, State.WEAKENED, State.ABSENT, State.SIMULATED);
  }

  @Test
  void itKeepsACopy() {
    var findings = new ArrayList<>(Posture.of(List.of()).findings());
    var posture = new Posture(findings);
    findings.clear();
    assertThat(posture.findings()).hasSize(Guarantee.values().length);
  }

  @Test
  void aFindingThatIsNotThereIsNamed() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Posture(List.of()).of(Guarantee.HEAP_IN_RAM))
        .withMessage("no finding of heap-in-ram");
  }

  @Test
  void itsTextHasALineForEveryGuarantee() {
    assertThat(Posture.of(List.of()).toString().lines())
        .hasSize(Guarantee.values().length)
        .first()
        .isEqualTo("root-secret-protected    ABSENT    nothing looked for it");
  }
}
