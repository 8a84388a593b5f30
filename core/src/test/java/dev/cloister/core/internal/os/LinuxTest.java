package dev.cloister.core.internal.os;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.cloister.core.NativeCallException;
import java.lang.foreign.ValueLayout;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of descriptors and pages when the system refuses, over a C library in memory. */
final class LinuxTest {
  private static final int ENOMEM = 12;

  private final FakeLibc libc = new FakeLibc();
  private final OperatingSystem system = libc.system();

  private static void refused(String call, ThrowingCallable wish) {
    assertThatExceptionOfType(NativeCallException.class)
        .isThrownBy(wish)
        .withMessage(call + " failed: ENOMEM")
        .satisfies(e -> assertThat(e.call()).isEqualTo(call))
        .satisfies(e -> assertThat(e.errno()).isEqualTo(ENOMEM));
  }

  @ParameterizedTest
  @CsvSource({"1,4096", "4096,4096", "4097,8192", "65536,65536"})
  void secretPagesAreWholeAndZeroedAndTheirFileIsClosed(long wanted, long given) {
    try (var pages = system.secretPages(wanted)) {
      assertThat(pages.memory().byteSize()).isEqualTo(given);
      assertThat(pages.memory().toArray(ValueLayout.JAVA_BYTE)).containsOnly(0);
      assertThat(libc.calls()).containsExactly("memfd_secret", "ftruncate", "mmap", "close");
    }
    assertThat(libc.leaks()).isEmpty();
  }

  @Test
  void lockedPagesAreLockedAndLeftOutOfCoreFiles() {
    try (var pages = system.lockedPages(1)) {
      assertThat(pages.memory().byteSize()).isEqualTo(4096);
      assertThat(libc.calls()).containsExactly("mmap", "mlock", "madvise");
    }
    assertThat(libc.leaks()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"memfd_secret", "ftruncate", "mmap", "close"})
  void whateverFailsForSecretPagesNothingIsLeftOpenOrMapped(String call) {
    libc.failing(call, ENOMEM);
    refused(call, () -> system.secretPages(1));
    assertThat(libc.leaks()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"mmap", "mlock", "madvise"})
  void whateverFailsForLockedPagesNothingIsLeftMapped(String call) {
    libc.failing(call, ENOMEM);
    refused(call, () -> system.lockedPages(1));
    assertThat(libc.leaks()).isEmpty();
  }

  @Test
  void aFailureToCleanUpDoesNotHideWhyItWasNeeded() {
    libc.failing("mmap", ENOMEM).failing("close", 9);
    refused("mmap", () -> system.secretPages(1));
    assertThat(libc.leaks()).isEmpty();

    var other = new FakeLibc().failing("mlock", ENOMEM).failing("munmap", 22);
    refused("mlock", () -> other.system().lockedPages(1));
  }

  @ParameterizedTest
  @ValueSource(strings = {"open", "pread", "close"})
  void whateverFailsForTheDebuggersReadNothingIsLeftOpen(String call) {
    try (var pages = system.secretPages(1)) {
      libc.failing(call, ENOMEM);
      refused(call, () -> system.readAsADebugger(pages));
    }
    assertThat(libc.leaks()).isEmpty();
  }

  @Test
  void theDebuggersReadIsOfTheProcessItself() {
    try (var pages = system.lockedPages(1)) {
      system.readAsADebugger(pages);
    }
    assertThat(libc.calls()).endsWith("open", "pread", "close", "munmap");
    assertThat(libc.leaks()).isEmpty();
  }

  @Test
  void closedPagesCannotBeTouchedAndClosingTwiceUnmapsOnce() {
    var pages = system.lockedPages(1);
    var memory = pages.memory();
    memory.set(ValueLayout.JAVA_BYTE, 0, (byte) 1);
    pages.close();
    pages.close();
    assertThatIllegalStateException().isThrownBy(() -> memory.get(ValueLayout.JAVA_BYTE, 0));
    assertThat(libc.calls()).containsOnlyOnce("munmap");
    assertThat(libc.leaks()).as("nothing is left, and nothing was left in it").isEmpty();
  }

  @Test
  void noPagesAreNoWish() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> system.secretPages(0))
        .withMessage("bytes must be at least 1, was 0");
    assertThatIllegalArgumentException().isThrownBy(() -> system.lockedPages(-1));
    assertThat(libc.calls()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"0,false", "1,true", "2,true"})
  void theKernelDumpsAProcessForItsUserAndForRoot(int value, boolean dumps) {
    // 2 is SUID_DUMP_ROOT of proc_sys_fs(5): a core file is written, readable by root alone.
    assertThat(libc.dumpable(value).system().dumpable()).isEqualTo(dumps);
  }

  @Test
  void aSystemWithoutCallsSaysWhyAtEveryWish() {
    var none = FakeLibc.none("not here");
    for (ThrowingCallable wish :
        new ThrowingCallable[] {
          () -> none.secretPages(1),
          () -> none.lockedPages(1),
          () -> none.readAsADebugger(system.lockedPages(1)),
          none::coreLimitBytes,
          none::dumpable,
          none::confining,
          none::mounting
        }) {
      assertThatExceptionOfType(OperatingSystem.UnsupportedHere.class)
          .isThrownBy(wish)
          .withMessage("not here");
    }
  }
}
