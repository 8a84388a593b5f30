package dev.cloister.crypto.pseudonym;

import static dev.cloister.crypto.pseudonym.Given.anyKey;
import static dev.cloister.crypto.pseudonym.Given.randomBytes;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.function.UnaryOperator;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Two pseudonyms share exactly as many first bits as their addresses do. */
class PrefixPreservationTest {
  private static final int PAIRS_PER_PREFIX = 20;

  @ParameterizedTest
  @ValueSource(ints = {4, 16})
  void cryptoPanKeepsPrefixesExactly(int length) {
    try (var map = CryptoPan.with(anyKey(32))) {
      check(length, address -> Given.pseudonym(map, address));
      check(length, pseudonym -> Given.original(map, pseudonym));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {4, 16})
  void pfxKeepsPrefixesExactly(int length) {
    try (var scheme = Ipcrypt.pfx(anyKey(32))) {
      check(length, address -> Given.encrypt(scheme, address));
      check(length, encrypted -> Given.decrypt(scheme, encrypted));
    }
  }

  private static void check(int length, UnaryOperator<byte[]> map) {
    var random = new Random(3);
    for (var prefix = 0; prefix <= length * 8; prefix++) {
      for (var i = 0; i < PAIRS_PER_PREFIX; i++) {
        var one = randomBytes(random, length);
        var other = sharing(prefix, one, random);
        assertThat(commonPrefix(map.apply(one), map.apply(other))).isEqualTo(prefix);
      }
    }
  }

  /** An address that begins as another does, and differs in the bit after that. */
  private static byte[] sharing(int prefix, byte[] one, Random random) {
    var other = randomBytes(random, one.length);
    for (var bit = 0; bit < Math.min(prefix + 1, one.length * 8); bit++) {
      setBit(other, bit, bit < prefix ? bit(one, bit) : 1 - bit(one, bit));
    }
    return other;
  }

  private static int commonPrefix(byte[] one, byte[] other) {
    var bit = 0;
    while (bit < one.length * 8 && bit(one, bit) == bit(other, bit)) {
      bit++;
    }
    return bit;
  }

  private static int bit(byte[] bytes, int bit) {
    return bytes[bit / 8] >>> (7 - bit % 8) & 1;
  }

  private static void setBit(byte[] bytes, int bit, int value) {
    var mask = 1 << (7 - bit % 8);
    bytes[bit / 8] = (byte) (value == 1 ? bytes[bit / 8] | mask : bytes[bit / 8] & ~mask);
  }
}
