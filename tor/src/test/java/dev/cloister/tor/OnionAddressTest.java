package dev.cloister.tor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class OnionAddressTest {

  /** Three addresses given as examples in rend-spec-v3. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "pg6mmjiyjmcrsslvykfwnntlaru7p5svn6y2ymmju6nubxndf4pscryd.onion",
        "sp3k262uwy4r2k3ycr5awluarykdpag6a7y33jxop4cs2lu5uz5sseqd.onion",
        "xa4r2iadxm55fbnqgwwi5mymqdcofiu3w6rpbtqn7b2dyn7mgwj64jyd.onion"
      })
  void readsAndWritesTheSpecificationsExamples(String text) {
    assertThat(OnionAddress.parse(text).text()).isEqualTo(text);
  }

  @Test
  void everyKeyComesBackFromItsAddress() {
    var random = new Random(20);
    for (var i = 0; i < 1000; i++) {
      var key = new byte[32];
      random.nextBytes(key);
      var address = OnionAddress.of(key);
      assertThat(OnionAddress.parse(address.text())).isEqualTo(address);
      assertThat(address.publicKey()).isEqualTo(key);
    }
  }

  @Test
  void everyMistypedCharacterIsNoticed() {
    var good = "pg6mmjiyjmcrsslvykfwnntlaru7p5svn6y2ymmju6nubxndf4pscryd.onion";
    for (var i = 0; i < 56; i++) {
      var typo = good.charAt(i) == 'a' ? 'b' : 'a';
      var bad = good.substring(0, i) + typo + good.substring(i + 1);
      assertThatThrownBy(() -> OnionAddress.parse(bad))
          .as("position %d", i)
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void upperCaseIsTheSameAddress() {
    var text = "pg6mmjiyjmcrsslvykfwnntlaru7p5svn6y2ymmju6nubxndf4pscryd.onion";
    assertThat(OnionAddress.parse(text.toUpperCase(java.util.Locale.ROOT)).text()).isEqualTo(text);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "x.onion", "expyuzz4wqqyqhjn.onion", "example.org"})
  void whatIsNoAddressIsRefusedWithTheShapeItShouldHave(String text) {
    assertThatThrownBy(() -> OnionAddress.parse(text)).hasMessageContaining("56 of a-z and 2-7");
  }
}
