package dev.cloister.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class DescriptionTest {

  @Test
  void factsStandInTheOrderTheyWerePutAlsoThroughSections() {
    var description = new Description();
    description.put("a", 1).section("b.c").put("d", "two").section("e").put("f", true);
    description.put("g", "");
    assertThat(description.text()).isEqualTo("a: 1\nb.c.d: two\nb.c.e.f: true\ng: \n");
  }

  @Test
  void noValuePassesForAnotherLine() {
    var honest = new Description().put("a", "1").put("b", "2");
    var forged = new Description().put("a", "1\nb: 2");
    assertThat(forged.text()).isEqualTo("a: 1\\nb: 2\n").isNotEqualTo(honest.text());
    assertThat(new Description().put("a", "1\\nb").text())
        .isEqualTo("a: 1\\\\nb\n")
        .isNotEqualTo(new Description().put("a", "1\nb").text());
    assertThat(new Description().put("a", "1\rb").text()).isEqualTo("a: 1\\rb\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a b", "a:", "a\n", "ä"})
  void aKeyIsOneWord(String key) {
    var description = new Description();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> description.put(key, 1))
        .withMessageContaining("only letters, digits, dots and dashes are allowed");
    assertThatIllegalArgumentException().isThrownBy(() -> description.section(key));
    assertThat(description.text()).isEmpty();
  }

  @Test
  void theDigestIsSha256OfTheText() {
    // FIPS 180-4, the examples of "abc" and of nothing.
    assertThat(Description.sha256Hex(new byte[] {'a', 'b', 'c'}))
        .isEqualTo("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assertThat(new Description().digest())
        .isEqualTo("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    // printf 'a: 1\n' | sha256sum
    assertThat(new Description().put("a", 1).digest())
        .isEqualTo("37b128c59f1f5097f73f82691cb519f1f568667faab5ced1b4ab979d36837eae");
  }
}
