package dev.cloister.sandbox.confine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.cloister.sandbox.confine.ChildLimits.Resource;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class ChildLimitsTest {

  @Test
  void noCoreFileIsWrittenUnlessItIsAskedFor() {
    assertThat(ChildLimits.none().values()).isEqualTo(Map.of(Resource.CORE_BYTES, 0L));
    assertThat(new ChildLimits(Map.of(Resource.OPEN_FILES, 9L)).values())
        .isEqualTo(Map.of(Resource.OPEN_FILES, 9L, Resource.CORE_BYTES, 0L));
    assertThat(ChildLimits.none().with(Resource.CORE_BYTES, 5).values())
        .isEqualTo(Map.of(Resource.CORE_BYTES, 5L));
  }

  @Test
  void aLimitIsNotNegative() {
    var none = ChildLimits.none();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> none.with(Resource.CPU_SECONDS, -1))
        .withMessageContaining("CPU_SECONDS");
  }
}
