package dev.cloister.tor.socks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.security.SecureRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class IsolationTest {

  @Test
  void streamsOfOneUserAndPasswordMayShareACircuit() {
    var one = Isolation.named("alice", "p1");
    assertThat(one)
        .isEqualTo(Isolation.named("alice", "p1"))
        .hasSameHashCodeAs(Isolation.named("alice", "p1"));
    assertThat(one)
        .isNotEqualTo(Isolation.named("alice", "p2"))
        .isNotEqualTo(Isolation.named("bob", "p1"))
        .isNotEqualTo(Isolation.none());
  }

  @Test
  void aFreshOneIsLikeNoOther() {
    var random = new SecureRandom();
    assertThat(Isolation.fresh(random)).isNotEqualTo(Isolation.fresh(random));
  }

  @Test
  void itsTextHasNoSecret() {
    assertThat(Isolation.named("alice", "secret").toString())
        .doesNotContain("alice")
        .doesNotContain("secret");
  }

  @ParameterizedTest
  @CsvSource({"'', x", "x, ''", "<torS0X>1, x"})
  void whatTorWouldReadOtherwiseIsRefused(String user, String password) {
    assertThatIllegalArgumentException().isThrownBy(() -> Isolation.named(user, password));
  }

  @Test
  void userAndPasswordAreBoundedInBytes() {
    assertThat(Isolation.named("ü".repeat(127) + "u", "p")).isNotNull();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Isolation.named("ü".repeat(128), "p"))
        .withMessage("user of 256 bytes: allowed are 1 to 255");
  }
}
