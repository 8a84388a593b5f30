package dev.cloister.core.key;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.cloister.core.ContextDestroyed;
import java.util.ArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class EphemeralKeyTest {
  private final SecretMemory memory = SecretMemory.onHeap(4096);

  @AfterEach
  void close() {
    memory.close();
  }

  @Test
  void itLendsItsBytesAndZeroesTheCopy() {
    var key = memory.keep(new byte[] {1, 2, 3});
    var lent = new ArrayList<byte[]>();
    var sum =
        key.use(
            SecretAccess.granted(),
            bytes -> {
              lent.add(bytes);
              return bytes[0] + bytes[1] + bytes[2];
            });
    assertThat(sum).isEqualTo(6);
    assertThat(lent.getFirst()).containsExactly(0, 0, 0);
    assertThat(key.use(SecretAccess.granted(), byte[]::clone)).containsExactly(1, 2, 3);
  }

  @Test
  void theCopyIsZeroedWhenItsUseFails() {
    var key = memory.keep(new byte[] {1, 2, 3});
    var lent = new ArrayList<byte[]>();
    assertThatIllegalStateException()
        .isThrownBy(() ->
            key.use(
                SecretAccess.granted(),
                bytes -> {
                  lent.add(bytes);
                  throw new IllegalStateException("of the user");
                }));
    assertThat(lent.getFirst()).containsExactly(0, 0, 0);
  }

  @Test
  void useAfterDestructionIsAClearError() {
    var key = memory.randomKey(32);
    assertThat(key.isDestroyed()).isFalse();
    key.close();
    key.close();
    assertThat(key.isDestroyed()).isTrue();
    assertThatExceptionOfType(ContextDestroyed.class)
        .isThrownBy(() -> key.use(SecretAccess.granted(), bytes -> bytes.length))
        .withMessage("a 32-byte key was destroyed and cannot be used again: seal a new context");
  }

  @Test
  void aDestroyedKeyNeverOpensTheOneThatTookItsPlace() {
    try (var small = SecretMemory.onHeap(32)) {
      var old = small.keep(new byte[] {1});
      old.close();
      var successor = small.keep(new byte[] {2});
      assertThatExceptionOfType(ContextDestroyed.class)
          .isThrownBy(() -> old.use(SecretAccess.granted(), byte[]::clone));
      old.close();
      assertThat(successor.use(SecretAccess.granted(), byte[]::clone)).containsExactly(2);
    }
  }

  @Test
  void itsTextTellsItsLengthAlone() {
    var key = memory.keep(new byte[] {0x41, 0x42, 0x43});
    assertThat(key).hasToString("EphemeralKey[3 bytes]");
    assertThat(key.sizeBytes()).isEqualTo(3);
    assertThat(memory.toString()).doesNotContain("41", "ABC");
  }
}
