package dev.cloister.core.key;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.cloister.core.ContextDestroyed;
import dev.cloister.core.internal.os.FakeLibc;
import dev.cloister.core.key.SecretMemory.Protection;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.Arrays;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class KeyRingTest {
  private final FakeLibc libc = new FakeLibc();
  private final KeyRing ring = KeyRing.open(bytes -> SecretMemory.open(libc.system(), bytes));

  private long regions() {
    return libc.calls().stream().filter("mmap"::equals).count();
  }

  private static byte[] bytes(EphemeralKey key) {
    return key.use(SecretAccess.granted(), byte[]::clone);
  }

  @Test
  void oneLabelGivesOneKeyAndAnotherGivesAnother() {
    assertThat(bytes(ring.derived("pseudonyms", 32)))
        .isEqualTo(bytes(ring.derived("pseudonyms", 32)));
    assertThat(bytes(ring.derived("pseudonyms", 32)))
        .isNotEqualTo(bytes(ring.derived("timestamps", 32)));
    try (var other = KeyRing.open(SecretMemory::onHeap)) {
      assertThat(bytes(other.derived("pseudonyms", 32)))
          .isNotEqualTo(bytes(ring.derived("pseudonyms", 32)));
    }
  }

  @Test
  void derivationIsHkdfWithSha256() throws GeneralSecurityException {
    // RFC 5869 by its two formulas; the root is the first key of the first region.
    var root = Arrays.copyOf(libc.pages(0), 32);
    var extracted = hmac(new byte[32], root);
    var first = hmac(extracted, "dev.cloister/label\1".getBytes(US_ASCII));
    assertThat(bytes(ring.derived("label", 32))).isEqualTo(first);
  }

  private static byte[] hmac(byte[] key, byte[] message) throws GeneralSecurityException {
    var mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(key, "HmacSHA256"));
    return mac.doFinal(message);
  }

  @Test
  void freshKeysAreRandom() {
    var seen = new ArrayList<byte[]>();
    for (var i = 0; i < 100; i++) {
      seen.add(bytes(ring.fresh(16)));
    }
    assertThat(seen.stream().map(Arrays::toString)).doesNotHaveDuplicates();
  }

  @Test
  void itGrowsByRegionsAndUsesRoomThatBecameFree() {
    for (var i = 0; i < 100; i++) {
      ring.fresh(1024);
    }
    assertThat(regions()).isEqualTo(2);
    for (var i = 0; i < 1000; i++) {
      ring.fresh(1024).close();
    }
    assertThat(regions()).isEqualTo(2);
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 0, 1025, 70_000})
  void aKeyOfNoSensibleSizeIsRefusedAndCostsNoMemory(int size) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ring.fresh(size))
        .withMessage("key of " + size + " bytes: allowed 1 to 1024");
    assertThat(regions()).isEqualTo(1);
  }

  @Test
  void closingDestroysEveryKeyInEveryRegion() {
    var keys = new ArrayList<EphemeralKey>();
    for (var i = 0; i < 100; i++) {
      keys.add(ring.fresh(1024));
    }
    keys.add(ring.derived("label", 32));
    keys.add(ring.keep(new byte[] {1}));
    ring.close();
    ring.close();
    assertThat(keys).allMatch(EphemeralKey::isDestroyed);
    assertThat(libc.leaks()).isEmpty();
  }

  @Test
  void everyUseAfterTheEndIsAClearError() {
    ring.close();
    var material = new byte[] {1, 2, 3};
    assertThatExceptionOfType(ContextDestroyed.class).isThrownBy(() -> ring.fresh(16));
    assertThatExceptionOfType(ContextDestroyed.class).isThrownBy(() -> ring.derived("label", 16));
    assertThatExceptionOfType(ContextDestroyed.class).isThrownBy(() -> ring.keep(material));
    assertThat(material).as("material that was not taken is zeroed all the same").containsOnly(0);
    assertThat(ring).hasToString("KeyRing[closed]");
  }

  @Test
  void itSaysHowTheRootIsKeptAlsoAfterTheEnd() {
    assertThat(ring.protection()).isEqualTo(Protection.LOCKED);
    assertThat(ring).hasToString("KeyRing[LOCKED]");
    ring.close();
    assertThat(ring.protection()).isEqualTo(Protection.LOCKED);
  }

  @Test
  void materialIsZeroedWhenItIsTaken() {
    var material = new byte[] {1, 2, 3};
    assertThat(bytes(ring.keep(material))).containsExactly(1, 2, 3);
    assertThat(material).containsOnly(0);
  }
}
