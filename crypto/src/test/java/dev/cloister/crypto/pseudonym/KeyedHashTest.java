package dev.cloister.crypto.pseudonym;

import static dev.cloister.crypto.pseudonym.Given.anyKey;
import static dev.cloister.crypto.pseudonym.Given.key;
import static dev.cloister.crypto.pseudonym.Given.randomBytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cloister.core.ContextDestroyed;
import dev.cloister.core.key.SecretMemory;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KeyedHashTest {

  /** RFC 4231 has no key of 32 bytes; its first, of 20, is the same key as with 12 zeros more. */
  @Test
  void aKnownValueHasItsKnownHash() {
    var in = "Hi There".getBytes(StandardCharsets.US_ASCII);
    var out = new byte[32];
    try (var hash = KeyedHash.with(key("0b".repeat(20) + "00".repeat(12)), 32)) {
      hash.hash(in, 0, in.length, out, 0);
    }
    assertThat(HexFormat.of().formatHex(out))
        .isEqualTo("b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  }

  @ParameterizedTest
  @ValueSource(ints = {4, 8, 16, 31, 32})
  void aHashIsTheBeginningOfTheJdksMac(int bytes) throws GeneralSecurityException {
    var random = new Random(8);
    var secret = randomBytes(random, 32);
    var mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(secret, "HmacSHA256"));
    try (var hash = KeyedHash.with(SecretMemory.onHeap(32).keep(secret.clone()), bytes)) {
      assertThat(hash.sizeBytes()).isEqualTo(bytes);
      for (var length = 0; length < 200; length++) {
        var in = randomBytes(random, length + 3);
        var out = new byte[bytes + 5];

        hash.hash(in, 2, length, out, 4);

        var expected = mac.doFinal(Arrays.copyOfRange(in, 2, 2 + length));
        assertThat(Arrays.copyOfRange(out, 4, 4 + bytes)).isEqualTo(Arrays.copyOf(expected, bytes));
        assertThat(out).startsWith(0, 0, 0, 0).endsWith(0);
      }
    }
  }

  @Test
  void anotherKeyGivesAnotherHash() {
    var in = new byte[24];
    var one = new byte[32];
    var other = new byte[32];
    try (var hash = KeyedHash.with(key("01".repeat(32)), 32);
        var differently = KeyedHash.with(key("02".repeat(32)), 32)) {
      hash.hash(in, 0, in.length, one, 0);
      differently.hash(in, 0, in.length, other, 0);
    }
    assertThat(one).isNotEqualTo(other);
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 0, 3, 33})
  void aHashOfAnotherSizeIsRefusedByName(int bytes) {
    var key = anyKey(32);
    assertThatThrownBy(() -> KeyedHash.with(key, bytes))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("hash of " + bytes + " bytes: allowed 4 to 32");
  }

  @ParameterizedTest
  @ValueSource(ints = {16, 64})
  void aKeyOfAnotherSizeIsRefusedByName(int sizeBytes) {
    var key = anyKey(sizeBytes);
    assertThatThrownBy(() -> KeyedHash.with(key, 16))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("key of " + sizeBytes + " bytes for HMAC-SHA256: allowed 32");
  }

  @Test
  void aRangeOutsideItsArrayIsRefusedAndTheNextHashIsRight() {
    var expected = new byte[16];
    var out = new byte[16];
    try (var hash = KeyedHash.with(anyKey(32), 16)) {
      hash.hash(new byte[8], 0, 8, expected, 0);
      assertThatThrownBy(() -> hash.hash(new byte[8], 1, 8, out, 0))
          .isInstanceOf(IndexOutOfBoundsException.class);
      assertThatThrownBy(() -> hash.hash(new byte[8], 0, 8, out, 1))
          .isInstanceOf(IndexOutOfBoundsException.class);
      assertThat(out).containsOnly(0);

      hash.hash(new byte[8], 0, 8, out, 0);
    }
    assertThat(out).isEqualTo(expected);
  }

  @Test
  void aClosedHashIsOfNoUse() {
    var hash = KeyedHash.with(anyKey(32), 16);
    assertThat(hash).hasToString("HMAC-SHA256[open]");
    hash.close();
    hash.close();

    var out = new byte[16];
    assertThatThrownBy(() -> hash.hash(new byte[8], 0, 8, out, 0))
        .isInstanceOf(ContextDestroyed.class)
        .hasMessage(
            "a key of HMAC-SHA256 was destroyed and cannot be used again: seal a new context");
    assertThat(out).containsOnly(0);
    assertThat(hash).hasToString("HMAC-SHA256[closed]");
  }
}
