package dev.cloister.crypto.pseudonym;

import static dev.cloister.crypto.pseudonym.Given.address;
import static dev.cloister.crypto.pseudonym.Given.anyKey;
import static dev.cloister.crypto.pseudonym.Given.decrypt;
import static dev.cloister.crypto.pseudonym.Given.encrypt;
import static dev.cloister.crypto.pseudonym.Given.key;
import static dev.cloister.crypto.pseudonym.Given.randomBytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cloister.core.ContextDestroyed;
import dev.cloister.core.key.EphemeralKey;
import java.util.Arrays;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class IpcryptTest {
  private static final byte[] MAPPED = address("::ffff:192.0.2.1");

  /** The schemes, with what their documentation promises. */
  enum Scheme {
    DETERMINISTIC("ipcrypt-deterministic", 16, 16, 16),
    PFX("ipcrypt-pfx", 32, 4, 16),
    ND("ipcrypt-nd", 16, 24, 24),
    NDX("ipcrypt-ndx", 32, 32, 32);

    final String title;
    final int keyBytes;
    final int encryptedV4Bytes;
    final int encryptedV6Bytes;

    Scheme(String title, int keyBytes, int encryptedV4Bytes, int encryptedV6Bytes) {
      this.title = title;
      this.keyBytes = keyBytes;
      this.encryptedV4Bytes = encryptedV4Bytes;
      this.encryptedV6Bytes = encryptedV6Bytes;
    }

    Ipcrypt with(EphemeralKey key) {
      return switch (this) {
        case DETERMINISTIC -> Ipcrypt.deterministic(key);
        case PFX -> Ipcrypt.pfx(key);
        case ND -> Ipcrypt.nd(key);
        case NDX -> Ipcrypt.ndx(key);
      };
    }

    Ipcrypt open() {
      return with(anyKey(keyBytes));
    }
  }

  @ParameterizedTest
  @EnumSource
  void whatIsEncryptedIsDecrypted(Scheme scheme) {
    var random = new Random(4);
    try (var ipcrypt = scheme.open()) {
      for (var i = 0; i < 1_000; i++) {
        var v4 = randomBytes(random, 4);
        assertThat(decrypt(ipcrypt, encrypt(ipcrypt, v4))).isEqualTo(v4);
        var v6 = randomBytes(random, 16);
        assertThat(decrypt(ipcrypt, encrypt(ipcrypt, v6))).isEqualTo(v6);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void anEncryptedAddressIsAsLongAsSaid(Scheme scheme) {
    try (var ipcrypt = scheme.open()) {
      assertThat(ipcrypt.encryptedBytes(4)).isEqualTo(scheme.encryptedV4Bytes);
      assertThat(ipcrypt.encryptedBytes(16)).isEqualTo(scheme.encryptedV6Bytes);
      assertThat(encrypt(ipcrypt, new byte[4])).hasSize(scheme.encryptedV4Bytes);
      assertThat(encrypt(ipcrypt, new byte[16])).hasSize(scheme.encryptedV6Bytes);
      assertThatThrownBy(() -> ipcrypt.encryptedBytes(6))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("address of 6 bytes: allowed 4 (IPv4) or 16 (IPv6)");
    }
  }

  @ParameterizedTest
  @EnumSource
  void encryptionAndDecryptionWorkInPlaceAndAtAnyOffset(Scheme scheme) {
    var buffer = new byte[64];
    System.arraycopy(address("192.0.2.1"), 0, buffer, 11, 4);
    try (var ipcrypt = scheme.open()) {
      var encrypted = ipcrypt.encrypt(buffer, 11, 4, buffer, 13);
      var decrypted = ipcrypt.decrypt(buffer, 13, encrypted, buffer, 12);

      assertThat(Arrays.copyOfRange(buffer, 12, 12 + decrypted)).isEqualTo(address("192.0.2.1"));
      assertThat(Arrays.copyOf(buffer, 11)).containsOnly(0);
      assertThat(Arrays.copyOfRange(buffer, 13 + encrypted, 64)).containsOnly(0);
    }
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "PFX")
  void anIpv4AddressWrittenAsIpv6ComesBackAsIpv4(Scheme scheme) {
    try (var ipcrypt = scheme.open()) {
      assertThat(decrypt(ipcrypt, encrypt(ipcrypt, MAPPED))).isEqualTo(address("192.0.2.1"));
    }
  }

  @ParameterizedTest
  @EnumSource
  void anIpv6AddressThatOnlyEndsLikeIpv4StaysWhole(Scheme scheme) {
    try (var ipcrypt = scheme.open()) {
      for (var text : List.of("2001:db8::ffff:c000:201", "::1:ffff:c000:201", "::fffe:c000:201")) {
        assertThat(decrypt(ipcrypt, encrypt(ipcrypt, address(text)))).isEqualTo(address(text));
      }
    }
  }

  @Test
  void pfxEncryptsAnIpv4AddressWrittenAsIpv6AsTheIpv4Address() {
    try (var ipcrypt = Ipcrypt.pfx(anyKey(32))) {
      var encrypted = encrypt(ipcrypt, MAPPED);

      assertThat(encrypted).startsWith(Arrays.copyOf(MAPPED, 12));
      assertThat(encrypted).endsWith(encrypt(ipcrypt, address("192.0.2.1")));
      assertThat(decrypt(ipcrypt, encrypted)).isEqualTo(MAPPED);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"ND", "NDX"})
  void theSameAddressIsEncryptedDifferentlyEachTime(Scheme scheme) {
    var seen = new HashSet<String>();
    var tweaks = new HashSet<String>();
    try (var ipcrypt = scheme.open()) {
      // More than one draw of the random source.
      for (var i = 0; i < 1_200; i++) {
        var encrypted = encrypt(ipcrypt, address("192.0.2.1"));
        var tweakBytes = encrypted.length - 16;
        tweaks.add(HexFormat.of().formatHex(encrypted, 0, tweakBytes));
        seen.add(HexFormat.of().formatHex(encrypted, tweakBytes, encrypted.length));
      }
    }
    assertThat(tweaks).hasSize(1_200);
    assertThat(seen).hasSize(1_200);
  }

  @ParameterizedTest
  @EnumSource(names = {"ND", "NDX"})
  void aTweakThatIsGivenIsTheOneTaken(Scheme scheme) {
    try (var ipcrypt = (Ipcrypt.Tweaked) scheme.open()) {
      var tweak = randomBytes(new Random(5), ipcrypt.tweakBytes());
      var encrypted = encrypt(ipcrypt, address("2001:db8::1"), tweak);

      assertThat(encrypted).startsWith(tweak);
      assertThat(encrypt(ipcrypt, address("2001:db8::1"), tweak)).isEqualTo(encrypted);
      assertThatThrownBy(() -> encrypt(ipcrypt, new byte[4], new byte[ipcrypt.tweakBytes() - 1]))
          .isInstanceOf(IndexOutOfBoundsException.class);
    }
  }

  @ParameterizedTest
  @EnumSource
  void anotherLengthIsRefusedByName(Scheme scheme) {
    try (var ipcrypt = scheme.open()) {
      assertThatThrownBy(() -> ipcrypt.encrypt(new byte[64], 0, 5, new byte[64], 0))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("address of 5 bytes: allowed 4 (IPv4) or 16 (IPv6)");
      assertThatThrownBy(() -> ipcrypt.decrypt(new byte[64], 0, 17, new byte[64], 0))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageMatching("(encrypted )?address of 17 bytes: allowed .+");
    }
  }

  @ParameterizedTest
  @EnumSource
  void aRangeOutsideItsArrayIsRefusedAndNothingIsWritten(Scheme scheme) {
    try (var ipcrypt = scheme.open()) {
      var encrypted = encrypt(ipcrypt, new byte[16]);
      var shortOut = new byte[encrypted.length - 1];
      assertThatThrownBy(() -> ipcrypt.encrypt(new byte[16], 0, 16, shortOut, 0))
          .isInstanceOf(IndexOutOfBoundsException.class);
      assertThatThrownBy(() -> ipcrypt.encrypt(new byte[15], 0, 16, new byte[64], 0))
          .isInstanceOf(IndexOutOfBoundsException.class);
      var shortAddress = new byte[15];
      assertThatThrownBy(() -> ipcrypt.decrypt(encrypted, 0, encrypted.length, shortAddress, 0))
          .isInstanceOf(IndexOutOfBoundsException.class);
      assertThatThrownBy(() -> ipcrypt.decrypt(encrypted, 1, encrypted.length, new byte[64], 0))
          .isInstanceOf(IndexOutOfBoundsException.class);
      assertThat(shortOut).containsOnly(0);
      assertThat(shortAddress).containsOnly(0);
    }
  }

  @ParameterizedTest
  @EnumSource
  void aKeyOfAnotherSizeIsRefusedByName(Scheme scheme) {
    var key = anyKey(24);
    assertThatThrownBy(() -> scheme.with(key))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("key of 24 bytes for %s: allowed %d", scheme.title, scheme.keyBytes);
  }

  @ParameterizedTest
  @EnumSource(names = {"PFX", "NDX"})
  void aKeyWithEqualHalvesIsRefusedAndNotShown(Scheme scheme) {
    var key = key("0123456789abcdeffedcba9876543210".repeat(2));
    assertThatThrownBy(() -> scheme.with(key))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "key for %s whose halves are equal: allowed are two different ones", scheme.title);
  }

  @ParameterizedTest
  @EnumSource
  void aClosedSchemeIsOfNoUse(Scheme scheme) {
    var ipcrypt = scheme.open();
    var encrypted = encrypt(ipcrypt, new byte[16]);
    assertThat(ipcrypt).hasToString(scheme.title + "[open]");
    ipcrypt.close();
    ipcrypt.close();

    assertThatThrownBy(() -> encrypt(ipcrypt, new byte[4]))
        .isInstanceOf(ContextDestroyed.class)
        .hasMessageStartingWith("a key of " + scheme.title + " was destroyed");
    assertThatThrownBy(() -> decrypt(ipcrypt, encrypted)).isInstanceOf(ContextDestroyed.class);
    assertThat(ipcrypt).hasToString(scheme.title + "[closed]");
  }
}
