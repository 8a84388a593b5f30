package dev.cloister.sandbox.cgroup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ControlLimitsTest {
  @ParameterizedTest
  @CsvSource({
    "65536, 655360000, 10000",
    "2,     20000,     10000",
    "1,     10000,     10000",
    "0.5,   5000,      10000",
    "0.1,   1000,      10000",
    "0.07,  1000,      14286",
    "0.01,  1000,      100000",
    "0.001, 1000,      1000000"
  })
  void aShareHasTheShortestPeriodInWhichTheKernelCanGiveIt(double share, long quota, long period) {
    var limits = ControlLimits.none().withCpuShare(share);

    assertThat(limits.cpuQuotaMicros()).isEqualTo(quota);
    assertThat(limits.cpuPeriodMicros()).isEqualTo(period);
  }

  @ParameterizedTest
  @ValueSource(doubles = {-1, 0, 0.0009, 65_536.1, Double.NaN, Double.POSITIVE_INFINITY})
  void anotherShareIsRefused(double share) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ControlLimits.none().withCpuShare(share))
        .withMessage("CPU share " + share + ": allowed are 0.001 to 65536 processors");
  }

  @Test
  void whatTheKernelWouldRefuseIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ControlLimits.none().withMemoryBytes(4096))
        .withMessage("memoryBytes 4096: allowed are 262144 or more");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ControlLimits.none().withProcesses(0))
        .withMessage("processes 0: allowed are 1 or more");
  }
}
