package dev.cloister.tor.socks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.net.Inet6Address;
import java.net.InetAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class DestinationTest {

  @ParameterizedTest
  @CsvSource({
    "Example.ORG, example.org:80, false",
    "example.org., example.org:80, false",
    "_dmarc.my_host-1.example, _dmarc.my_host-1.example:80, false",
    "localhost, localhost:80, false",
    "xn--mnchen-3ya.de, xn--mnchen-3ya.de:80, false",
    "1.2.3.4.example, 1.2.3.4.example:80, false",
    "127.0.0.1, 127.0.0.1:80, true",
    "127.0.0.1., 127.0.0.1:80, true",
    "::1, [::1]:80, true",
    "[::1], [::1]:80, true",
    "2001:DB8:0:0::0001, [2001:db8::1]:80, true",
    "::ffff:127.0.0.1, 127.0.0.1:80, true",
    "::FFFF:7f00:1, 127.0.0.1:80, true",
    "::127.0.0.1, [::7f00:1]:80, true"
  })
  void allWaysToWriteAHostAreOneForm(String written, String text, boolean address) {
    var destination = new Destination(written, 80);
    assertThat(destination).hasToString(text);
    assertThat(destination.isAddress()).isEqualTo(address);
    assertThat(new Destination(destination.host(), 80)).isEqualTo(destination);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ".",
        "..",
        "a..b",
        ".a",
        "a..",
        " ",
        "a b",
        "a\nb",
        "a\0b",
        "a\u007f",
        "ä.de",
        "１２７.0.0.1",
        "a/b",
        "a@b",
        "a:80",
        "a%b",
        "[a]",
        "[127.0.0.1]",
        "[::1",
        "::1]",
        "[[::1]]",
        "fe80::1%eth0",
        ":::",
        "1::2::3",
        "0x7f.1",
        "0x7f000001",
        "127.1",
        "2130706433",
        "0177.0.0.1",
        "017700000001",
        "127.0.0.01",
        "127.0.0.256",
        "1.2.3.4.5",
        "1.2.3",
        "127.0.0.1..",
        "example.0x",
        "example.1",
        "*",
        "a$b.exit",
        "\u212a.example",
        "\u0131.example"
      })
  void whatIsNoHostIsRefused(String written) {
    assertThatIllegalArgumentException().isThrownBy(() -> new Destination(written, 80));
  }

  @Test
  void aHostIsAsLongAsARequestCanHoldAndALabelAsLongAsAName() {
    var label = "a".repeat(63);
    var longest = label + "." + label + "." + label + "." + label;
    assertThat(new Destination(longest, 1).host()).isEqualTo(longest).hasSize(255);
    assertThatIllegalArgumentException().isThrownBy(() -> new Destination(longest + ".", 1));
    assertThatIllegalArgumentException().isThrownBy(() -> new Destination(label + "a", 1));
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 0, 65536})
  void aPortIsOne(int port) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Destination("a.example", port))
        .withMessage("port %d of a.example: allowed are 1 to 65535", port);
  }

  @Test
  void anErrorShowsNoControlCharacters() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Destination("a\u001b[2Jb", 80))
        .withMessage("host \"a?[2Jb\": labels are 1 to 63 of a-z, 0-9, - and _");
  }

  @Test
  void anAddressOfTheJdkLosesItsZoneAndItsName() throws Exception {
    var bytes = InetAddress.ofLiteral("fe80::1").getAddress();
    assertThat(Destination.of(Inet6Address.getByAddress("name", bytes, 1), 80))
        .isEqualTo(new Destination("fe80::1", 80));
    assertThat(Destination.of(InetAddress.ofLiteral("::ffff:10.0.0.1"), 80).address())
        .contains(InetAddress.ofLiteral("10.0.0.1"));
  }
}
