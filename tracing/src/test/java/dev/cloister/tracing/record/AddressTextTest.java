package dev.cloister.tracing.record;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.net.InetAddress;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Addresses as RFC 5952 writes them, and as the JDK reads them. */
final class AddressTextTest {

  /** Reads what the JDK reads, but IPv4 in IPv6 as the 16 bytes that it is. */
  private static byte[] bytes(String text) {
    var bytes = InetAddress.ofLiteral(text).getAddress();
    if (bytes.length == 16 || !text.contains(":")) {
      return bytes;
    }
    var mapped = new byte[16];
    mapped[10] = (byte) 0xff;
    mapped[11] = (byte) 0xff;
    System.arraycopy(bytes, 0, mapped, 12, 4);
    return mapped;
  }

  private static String text(byte[] address) {
    return AddressText.of(address, 0, address.length);
  }

  @ParameterizedTest
  @CsvSource({
    // RFC 5952, sections 1 to 5.
    "2001:0db8::0001, 2001:db8::1",
    "2001:db8:0:0:1:0:0:1, 2001:db8::1:0:0:1",
    "2001:0db8:0:0:1:0:0:1, 2001:db8::1:0:0:1",
    "2001:db8::1:0:0:1, 2001:db8::1:0:0:1",
    "2001:DB8:0:0:1::1, 2001:db8::1:0:0:1",
    "2001:db8:0000:0:1::1, 2001:db8::1:0:0:1",
    "2001:db8:aaaa:bbbb:cccc:dddd:0:1, 2001:db8:aaaa:bbbb:cccc:dddd:0:1",
    "2001:db8:aaaa:bbbb:cccc:dddd:eeee:0001, 2001:db8:aaaa:bbbb:cccc:dddd:eeee:1",
    "2001:db8:0:0:0:0:2:1, 2001:db8::2:1",
    "2001:db8:0:1:1:1:1:1, 2001:db8:0:1:1:1:1:1",
    "2001:0:0:1:0:0:0:1, 2001:0:0:1::1",
    "2001:db8:AAAA:bbbb:CCCC:dddd:eeee:AaAa, 2001:db8:aaaa:bbbb:cccc:dddd:eeee:aaaa",
    "::ffff:192.0.2.1, ::ffff:192.0.2.1",
    // Its edges.
    "0:0:0:0:0:0:0:0, ::",
    "0:0:0:0:0:0:0:1, ::1",
    "1:0:0:0:0:0:0:0, 1::",
    "1:0:0:0:0:0:0:2, 1::2",
    "0:1:0:1:0:1:0:1, 0:1:0:1:0:1:0:1",
    "0:0:1:1:1:1:1:1, ::1:1:1:1:1:1",
    "1:1:1:1:1:1:0:0, 1:1:1:1:1:1::",
    "0:0:1:0:0:0:1:1, 0:0:1::1:1",
    "::ffff:0:0, ::ffff:0.0.0.0",
    "::fffe:192.0.2.1, ::fffe:c000:201",
    "::192.0.2.1, ::c000:201",
    "1::ffff:192.0.2.1, 1::ffff:c000:201",
    "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff, ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
    "10a0:b00:c:0:100:1000:fff:f, 10a0:b00:c:0:100:1000:fff:f",
  })
  void ipv6IsWrittenInItsOneForm(String written, String canonical) {
    assertThat(text(bytes(written))).isEqualTo(canonical);
  }

  @ParameterizedTest
  @ValueSource(strings = {"0.0.0.0", "1.10.100.99", "9.19.109.199", "255.255.255.255", "127.0.0.1"})
  void ipv4IsWrittenInDottedForm(String written) {
    assertThat(text(bytes(written))).isEqualTo(written);
  }

  @Test
  void everyAddressIsReadBackAsItself() {
    var random = new Random(14);
    for (var i = 0; i < 20_000; i++) {
      var address = new byte[random.nextInt(4) == 0 ? 4 : 16];
      random.nextBytes(address);
      for (var group = 0; group < address.length / 2; group++) {
        if (random.nextBoolean()) {
          address[2 * group] = 0;
          address[2 * group + 1] = (byte) random.nextInt(2);
        }
      }
      var text = text(address);
      assertThat(bytes(text)).as("seed 14, %s", text).isEqualTo(address);
      assertThat(text)
          .as("seed 14, %s", Arrays.toString(address))
          .isLowerCase()
          .isEqualTo(model(address));
    }
  }

  /** The rules of RFC 5952, section 4, over the JDK's text of eight groups. */
  private static String model(byte[] address) {
    if (address.length == 4) {
      return "%d.%d.%d.%d"
          .formatted(address[0] & 0xff, address[1] & 0xff, address[2] & 0xff, address[3] & 0xff);
    }
    var groups = new StringBuilder();
    for (var i = 0; i < 16; i += 2) {
      groups
          .append(':')
          .append(Integer.toHexString(((address[i] & 0xff) << 8) | (address[i + 1] & 0xff)));
    }
    var text = groups.append(':').toString();
    for (var length = 8; length > 1; length--) {
      var zeros = ":0".repeat(length) + ":";
      var at = text.indexOf(zeros);
      if (at >= 0) {
        var before = text.substring(Math.min(1, at), at);
        var after = text.substring(at + zeros.length());
        return before + "::" + (after.isEmpty() ? "" : after.substring(0, after.length() - 1));
      }
    }
    return text.substring(1, text.length() - 1);
  }

  @Test
  void anAddressIsReadAndWrittenInTheMiddleOfArrays() {
    byte[] address = {9, 9, 10, 0, 0, 1, 9};
    var out = "<<<<<<<<<<<<<<<<".getBytes(US_ASCII);
    var end = AddressText.write(address, 2, 4, out, 3);
    assertThat(new String(out, US_ASCII)).isEqualTo("<<<10.0.0.1<<<<<");
    assertThat(end).isEqualTo(11);
  }

  @Test
  void theLongestTextFits() {
    var mapped = bytes("::ffff:255.255.255.255");
    assertThat(text(mapped)).isEqualTo("::ffff:255.255.255.255");
    var longest = new byte[16];
    Arrays.fill(longest, (byte) 0xff);
    assertThat(text(longest).length()).isLessThanOrEqualTo(AddressText.CHARACTERS_MAX);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 3, 5, 15, 17})
  void anotherLengthIsNoAddress(int length) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> AddressText.of(new byte[32], 0, length))
        .withMessage("address of " + length + " bytes: must be 4 or 16");
  }
}
