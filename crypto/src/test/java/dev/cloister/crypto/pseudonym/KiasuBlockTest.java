package dev.cloister.crypto.pseudonym;

import static dev.cloister.crypto.pseudonym.Given.randomBytes;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

class KiasuBlockTest {

  @Test
  void withAllZerosForATweakItIsAes() {
    var random = new Random(6);
    for (var i = 0; i < 1_000; i++) {
      var key = randomBytes(random, 16);
      var block = randomBytes(random, 16);
      var expected = new byte[16];
      AesBlocks.encrypting(key, 0).run(block, 1, expected);

      var kiasu = new KiasuBlock(key);
      kiasu.encrypt(BigEndian.readLong(block, 0), BigEndian.readLong(block, 8), 0);

      assertThat(kiasu.high()).isEqualTo(BigEndian.readLong(expected, 0));
      assertThat(kiasu.low()).isEqualTo(BigEndian.readLong(expected, 8));
    }
  }

  @Test
  void decryptionUndoesEncryptionUnderAnyTweak() {
    var random = new Random(7);
    for (var i = 0; i < 1_000; i++) {
      var kiasu = new KiasuBlock(randomBytes(random, 16));
      var high = random.nextLong();
      var low = random.nextLong();
      var tweak = random.nextLong();

      kiasu.encrypt(high, low, tweak);
      kiasu.decrypt(kiasu.high(), kiasu.low(), tweak);

      assertThat(kiasu.high()).isEqualTo(high);
      assertThat(kiasu.low()).isEqualTo(low);
    }
  }
}
