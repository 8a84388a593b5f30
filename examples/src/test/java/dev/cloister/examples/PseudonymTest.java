package dev.cloister.examples;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Addresses in, pseudonyms out, as the schemes' authors published them. */
final class PseudonymTest {
  /** The key of the sample trace that came with Crypto-PAn 1.0. */
  private static final String CRYPTOPAN =
      "1522178d33a4cf80130a5b1649907d10d8988f837979652762574c2d2a842202";

  /** The key of several ports of it, whose IPv6 all agree. */
  private static final String CRYPTOPAN_OTHER =
      "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

  /** Keys of draft-denis-ipcrypt, appendix Test Vectors. */
  private static final String IPCRYPT = "0123456789abcdeffedcba9876543210";

  private static final String IPCRYPT_OTHER = "2b7e151628aed2a6abf7158809cf4f3c";

  private static final String PFX =
      "0123456789abcdeffedcba98765432101032547698badcfeefcdab8967452301";

  private static final String PFX_OTHER =
      "2b7e151628aed2a6abf7158809cf4f3ca9f5ba40db214c3798f2e1c23456789a";

  private static Run run(String scheme, String key, String input, String... more) {
    var arguments = new String[2 + more.length];
    arguments[0] = "--scheme=" + scheme;
    arguments[1] = "--key=" + key;
    System.arraycopy(more, 0, arguments, 2, more.length);
    return Run.reading(input, new Pseudonym(), arguments);
  }

  @ParameterizedTest
  @CsvSource({
    "cryptopan, " + CRYPTOPAN + ", 24.5.0.80, 100.9.15.210",
    "cryptopan, " + CRYPTOPAN + ", 128.11.68.132, 135.242.180.132",
    "cryptopan, " + CRYPTOPAN + ", 192.102.249.13, 252.138.62.131",
    "ipcrypt, " + IPCRYPT + ", 0.0.0.0, bde9:6789:d353:824c:d7c6:f58a:6bd2:26eb",
    "ipcrypt, " + IPCRYPT_OTHER + ", 192.0.2.1, 1dbd:c1b9:fff1:7586:7d0b:67b4:e76e:4777",
    "ipcrypt-pfx, " + PFX + ", 0.0.0.0, 151.82.155.134",
    "ipcrypt-pfx, " + PFX + ", 192.0.2.1, 100.115.72.131",
    "ipcrypt-pfx, " + PFX + ", 2001:db8::1, c180:5dd4:2587:3524:30ab:fa65:6ab6:f88",
    "ipcrypt-pfx, " + PFX_OTHER + ", 10.0.0.47, 19.214.210.244",
    "cryptopan, " + CRYPTOPAN + ", ::1, 78ff:f001:9fc0:20df:8380:b1f1:704:ed",
    "cryptopan, " + CRYPTOPAN_OTHER + ", 2001:db8::1, dd92:2c44:3fc0:ff1e:7ff9:c7f0:8180:7e00",
  })
  void thePublishedPseudonymComesAndGoes(
      String scheme, String key, String address, String pseudonym) {
    assertThat(run(scheme, key, address + "\n")).isEqualTo(new Run(0, pseudonym + "\n", ""));
    assertThat(run(scheme, key, pseudonym + "\n", "--decrypt"))
        .isEqualTo(new Run(0, address + "\n", ""));
  }

  @Test
  void linesComeOutOneForOneInTheirOrder() {
    assertThat(run("cryptopan", CRYPTOPAN, "24.5.0.80\n 24.13.62.231 \r\n24.5.0.80").outLines())
        .containsExactly("100.9.15.210", "100.2.192.247", "100.9.15.210");
    assertThat(run("cryptopan", CRYPTOPAN, "")).isEqualTo(new Run(0, "", ""));
  }

  @ParameterizedTest
  @CsvSource(
      nullValues = "",
      value = {
        "localhost",
        "256.0.0.1",
        "1.2.3",
        "1.2.3.04",
        "1.2.3.4.5",
        "::1::2",
        "fe80::1%eth0",
        "12345::",
        "'[::1]'",
        "1.2.3.4/8",
        "''",
      })
  void aLineThatIsNoAddressIsNamedAndTheOthersAreMapped(String bad) {
    var run = run("cryptopan", CRYPTOPAN, "24.5.0.80\n" + bad + "\n24.5.0.80\n");
    assertThat(run)
        .isEqualTo(
            new Run(
                1,
                "100.9.15.210\n100.9.15.210\n",
                "standard input:2 \"%s\": must be an IPv4 or IPv6 address\n".formatted(bad)));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "cryptopan   | 00     | --key: ",
        "ipcrypt     | xyz    | --key: must be bytes in hex, and 3 digits are not",
        "ipcrypt-pfx | 0011   | --key: ",
        "rot13       | 00     | --scheme rot13: allowed are cryptopan, ipcrypt and ipcrypt-pfx",
      })
  void aBadKeyOrSchemeIsRefusedBeforeAnythingIsRead(String scheme, String key, String begin) {
    var run = run(scheme, key, "24.5.0.80\n");
    OptionsTest.assertRefused(run);
    assertThat(run.err()).startsWith(begin);
  }

  @Test
  void aKeyIsNeverSaid() {
    var key = CRYPTOPAN.substring(0, 60);
    assertThat(run("cryptopan", key, "").err()).isNotEmpty().doesNotContain(key.substring(0, 16));
    assertThat(run("cryptopan", key + "g", "").err()).doesNotContain(key.substring(0, 16));
  }
}
