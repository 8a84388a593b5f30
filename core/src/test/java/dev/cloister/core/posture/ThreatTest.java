package dev.cloister.core.posture;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cloister.core.posture.Posture.Finding;
import dev.cloister.core.posture.Posture.State;
import dev.cloister.core.posture.Threat.Closer;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ThreatTest {

  private static Posture allBut(Guarantee guarantee, State state) {
    return Posture.of(
        Arrays.stream(Guarantee.values())
            .map(g -> new Finding(g, g == guarantee ? state : State.ENFORCED, "seen"))
            .toList());
  }

  @Test
  void everyGuaranteeClosesAThreat() {
    assertThat(Arrays.stream(Threat.values()).flatMap(threat -> threat.guarantees().stream()))
        .contains(Guarantee.values());
  }

  @Test
  void whatNobodyOrTheHardwareClosesIsPromisedByNoGuarantee() {
    assertThat(List.of(Threat.values()))
        .filteredOn(t -> t.closer() == Closer.NOBODY || t.closer() == Closer.HARDWARE)
        .isNotEmpty()
        .allMatch(threat -> threat.guarantees().isEmpty());
  }

  @Test
  void aThreatIsClosedAsFarAsTheWorstOfItsGuarantees() {
    var posture = allBut(Guarantee.FILES_CONFINED, State.WEAKENED);
    assertThat(Threat.CRAFTED_PACKET.state(posture)).contains(State.WEAKENED);
    assertThat(Threat.CONNECTION.state(posture)).contains(State.ENFORCED);
    assertThat(Threat.ROOT.state(posture)).isEmpty();
  }

  @Test
  void theTableHasALineForEveryThreatWithWhoClosesIt() {
    var table = Threat.table(allBut(Guarantee.HEAP_IN_RAM, State.ABSENT));
    assertThat(table.lines())
        .hasSize(Threat.values().length)
        .contains(
            "swap                     host      ABSENT    swap is off",
            "bus                      hardware  -         encrypted memory",
            "core-file                cloister  ENFORCED  not dumpable, and a limit of 0");
  }
}
