package dev.cloister.sandbox.fuse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cloister.core.NativeCallException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a reader of the device makes of the kernel's errors, some of which only a race gives. */
final class DeviceTest {

  @ParameterizedTest
  @CsvSource({"2, false", "4, false", "11, false", "19, true", "103, true"})
  void anEndedConnectionIsTheEndAndWhatWasGivenUpIsNot(int error, boolean isEnd) {
    assertThat(Device.isEnd(new NativeCallException("read", error))).isEqualTo(isEnd);
  }

  @Test
  void anyOtherFailureIsTold() {
    assertThatThrownBy(() -> Device.isEnd(new NativeCallException("read", 5)))
        .hasMessage("read failed: EIO");
  }
}
