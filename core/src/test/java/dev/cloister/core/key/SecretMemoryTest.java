package dev.cloister.core.key;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.cloister.core.ContextDestroyed;
import dev.cloister.core.internal.os.FakeLibc;
import dev.cloister.core.internal.os.OperatingSystem;
import dev.cloister.core.key.SecretMemory.Protection;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class SecretMemoryTest {
  private static final int EIO = 5;
  private static final int ENOMEM = 12;
  private static final int EACCES = 13;
  private static final int ENOSYS = 38;

  private final FakeLibc libc = new FakeLibc();

  private static byte[] bytes(EphemeralKey key) {
    return key.use(SecretAccess.granted(), byte[]::clone);
  }

  private void opens(Protection protection, String evidence) {
    try (var memory = SecretMemory.open(libc.system(), 100)) {
      assertThat(memory.protection()).isEqualTo(protection);
      assertThat(memory.evidence()).isEqualTo(evidence);
      try (var key = memory.keep(new byte[] {1, 2, 3})) {
        assertThat(bytes(key)).containsExactly(1, 2, 3);
      }
    }
    assertThat(libc.leaks()).isEmpty();
  }

  @Test
  void memoryThatADebuggerCannotReadIsSecret() {
    libc.failing("pread", EIO);
    opens(Protection.SECRET, "memfd_secret; pread of /proc/self/mem: EIO");
  }

  @Test
  void memoryThatADebuggerReadsIsNotCalledSecret() {
    opens(Protection.LOCKED, "memfd_secret, yet pread of /proc/self/mem read it");
  }

  @Test
  void anActThatCouldNotBeTriedIsNotTheEvidence() {
    libc.failing("open", EACCES);
    opens(
        Protection.SECRET,
        "memfd_secret; pread of /proc/self/mem could not be tried: open failed: EACCES");
  }

  @ParameterizedTest
  @ValueSource(strings = {"memfd_secret", "ftruncate"})
  void withoutSecretPagesItIsLockedAndUndumped(String call) {
    libc.failing(call, ENOSYS);
    opens(
        Protection.LOCKED,
        "memfd_secret: " + call + " failed: ENOSYS; mlock and MADV_DONTDUMP accepted");
    assertThat(libc.calls()).contains("mlock", "madvise");
  }

  @ParameterizedTest
  @ValueSource(strings = {"mmap", "mlock", "madvise"})
  void withoutLockedPagesItIsOnTheHeapAndSaysWhy(String call) {
    libc.failing("memfd_secret", ENOSYS).failing(call, ENOMEM);
    opens(
        Protection.HEAP,
        "memfd_secret: memfd_secret failed: ENOSYS; mlock: %s failed: ENOMEM; on the heap"
            .formatted(call));
  }

  @Test
  void onASystemWithoutTheCallsItIsOnTheHeap() {
    OperatingSystem none = FakeLibc.none("not Linux");
    try (var memory = SecretMemory.open(none, 1)) {
      assertThat(memory.protection()).isEqualTo(Protection.HEAP);
      assertThat(memory.evidence())
          .isEqualTo("memfd_secret: not Linux; mlock: not Linux; on the heap");
    }
  }

  @Test
  void whatIsAskedForIsSaid() {
    try (var memory = SecretMemory.onHeap(33)) {
      assertThat(memory.evidence()).isEqualTo("on the heap, as asked");
      assertThat(memory).hasToString("SecretMemory[HEAP, 64 bytes]");
    }
  }

  @Test
  void theMemoryOfThisHostKeepsKeysUntilItIsClosed() {
    EphemeralKey key;
    try (var memory = SecretMemory.open(4096)) {
      key = memory.keep(new byte[] {5, 6});
      assertThat(bytes(key)).containsExactly(5, 6);
      assertThat(memory.evidence()).isNotBlank();
    }
    assertThatExceptionOfType(ContextDestroyed.class).isThrownBy(() -> bytes(key));
  }

  @Test
  void materialIsZeroedWhetherItIsTakenOrNot() {
    try (var memory = SecretMemory.onHeap(32)) {
      var taken = new byte[] {1, 2};
      memory.keep(taken);
      assertThat(taken).containsOnly(0);

      var noRoom = new byte[] {1, 2};
      assertThatIllegalStateException()
          .isThrownBy(() -> memory.keep(noRoom))
          .withMessage("no room for another key in 32 bytes: open a larger memory");
      assertThat(noRoom).containsOnly(0);

      var tooLong = new byte[1025];
      Arrays.fill(tooLong, (byte) 1);
      assertThatIllegalArgumentException()
          .isThrownBy(() -> memory.keep(tooLong))
          .withMessage("key of 1025 bytes: allowed 1 to 1024");
      assertThat(tooLong).containsOnly(0);
    }
  }

  @Test
  void keysOfEverySizeLieSideBySideAndTheirRoomIsUsedAgain() {
    try (var memory = SecretMemory.onHeap(2048)) {
      var sizes = new int[] {1, 32, 33, 64, 100, 1024};
      var keys = new ArrayList<EphemeralKey>();
      for (var size : sizes) {
        keys.add(memory.keep(filled(size)));
      }
      for (var i = 0; i < sizes.length; i++) {
        assertThat(bytes(keys.get(i))).isEqualTo(filled(sizes[i]));
      }
      keys.get(2).close();
      try (var again = memory.keep(filled(64))) {
        assertThat(bytes(again)).isEqualTo(filled(64));
        assertThat(bytes(keys.get(1))).isEqualTo(filled(32));
        assertThat(bytes(keys.get(3))).isEqualTo(filled(64));
      }
      for (var round = 0; round < 100; round++) {
        memory.randomKey(500).close();
      }
    }
  }

  private static byte[] filled(int size) {
    var material = new byte[size];
    Arrays.fill(material, (byte) size);
    return material;
  }

  @Test
  void aClosedKeyLeavesZerosWhereItLay() {
    try (var memory = SecretMemory.open(libc.system(), 64)) {
      var gone = memory.keep(filled(40));
      memory.keep(filled(32));
      assertThat(Arrays.copyOf(libc.pages(0), 40)).containsOnly(40);
      gone.close();
      assertThat(Arrays.copyOf(libc.pages(0), 64)).containsOnly(0);
      assertThat(Arrays.copyOfRange(libc.pages(0), 64, 96)).containsOnly(32);
    }
  }

  @Test
  void closingGivesZerosBack() {
    try (var memory = SecretMemory.open(libc.system(), 64)) {
      memory.keep(filled(32));
      assertThat(libc.pages(0)).contains(32);
    }
    assertThat(libc.leaks()).isEmpty();
  }

  @Test
  void randomKeysDiffer() {
    try (var memory = SecretMemory.onHeap(4096)) {
      List<String> seen =
          IntStream.range(0, 100)
              .mapToObj(_ -> Arrays.toString(bytes(memory.randomKey(32))))
              .toList();
      assertThat(seen).doesNotHaveDuplicates();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 0, 1025})
  void aKeyOfNoSensibleSizeIsRefused(int size) {
    try (var memory = SecretMemory.onHeap(4096)) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> memory.randomKey(size))
          .withMessage("key of " + size + " bytes: allowed 1 to 1024");
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {Long.MIN_VALUE, 0, (64L << 20) + 1})
  void memoryOfNoSensibleSizeIsRefused(long size) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SecretMemory.onHeap(size))
        .withMessage("bytes " + size + ": allowed 1 to 67108864");
    assertThatIllegalArgumentException().isThrownBy(() -> SecretMemory.open(size));
  }

  @Test
  void closedMemoryGivesAndTakesNoKey() {
    var memory = SecretMemory.onHeap(64);
    var key = memory.randomKey(32);
    memory.close();
    memory.close();
    assertThat(key.isDestroyed()).isTrue();
    assertThatExceptionOfType(ContextDestroyed.class)
        .isThrownBy(() -> memory.randomKey(32))
        .withMessage(
            "the memory of a context's keys was destroyed and cannot be used again:"
                + " seal a new context");
  }
}
