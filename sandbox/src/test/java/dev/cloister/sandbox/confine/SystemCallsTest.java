package dev.cloister.sandbox.confine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.cloister.core.PolicyRejected;
import dev.cloister.core.internal.os.Architecture;
import dev.cloister.core.internal.os.SystemCalls;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class SystemCallsTest {

  @ParameterizedTest
  @CsvSource({
    "read,0,63",
    "execve,59,221",
    "seccomp,317,277",
    "openat,257,56",
    "landlock_restrict_self,446,446"
  })
  void aCallHasTheNumberOfItsArchitecture(String name, int x86, int generic) {
    assertThat(SystemCalls.of(Architecture.X86_64).number(name)).hasValue(x86);
    assertThat(SystemCalls.of(Architecture.AARCH64).number(name)).hasValue(generic);
    assertThat(SystemCalls.of(Architecture.X86_64).name(0xC000003E, x86)).isEqualTo(name);
  }

  @Test
  void aCallThatAnArchitectureLacksHasNoNumberThere() {
    assertThat(SystemCalls.of(Architecture.AARCH64).number("open")).isEmpty();
    assertThat(SystemCalls.of(Architecture.AARCH64).isKnown("open")).isTrue();
  }

  @Test
  void everyNumberHasAWordForAClient() {
    var calls = SystemCalls.of(Architecture.X86_64);
    assertThat(calls.name(0xC000003E, 1000)).isEqualTo("call 1000");
    assertThat(calls.name(0xC000003E, 0x40000000 | 59)).isEqualTo("x32 call 59");
    assertThat(calls.name(0x40000003, 11)).isEqualTo("call 11 of another architecture");
  }

  @Test
  void aNameThatIsNoCallIsRejected() {
    assertThatExceptionOfType(PolicyRejected.class)
        .isThrownBy(() -> SystemCallFilter.allowing(List.of("read", "reed")))
        .withMessageContaining("\"reed\" is no system call");
    var filter = SystemCallFilter.allowing(List.of("read"));
    assertThatExceptionOfType(PolicyRejected.class)
        .isThrownBy(() -> filter.without(List.of("execvee")))
        .withMessageContaining("execvee");
  }

  @Test
  void aCallWithoutWhichNothingStartsCannotBeDenied() {
    var filter = SystemCallFilter.allowing(ImageSystemCalls.python3());
    assertThatExceptionOfType(PolicyRejected.class)
        .isThrownBy(() -> filter.without(List.of("futex")))
        .withMessageContaining("futex cannot be denied");
  }
}
