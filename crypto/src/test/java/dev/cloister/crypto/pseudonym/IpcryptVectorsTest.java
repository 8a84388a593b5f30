package dev.cloister.crypto.pseudonym;

import static dev.cloister.crypto.pseudonym.Given.address;
import static dev.cloister.crypto.pseudonym.Given.decrypt;
import static dev.cloister.crypto.pseudonym.Given.encrypt;
import static dev.cloister.crypto.pseudonym.Given.key;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cloister.core.policy.Document;
import dev.cloister.core.testing.RequiresShared;
import dev.cloister.core.testing.SharedData;
import java.io.IOException;
import java.util.HexFormat;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The answers that draft-denis-ipcrypt gives, in its appendix and its repository. */
class IpcryptVectorsTest {

  @ParameterizedTest
  @CsvSource({
    "0123456789abcdeffedcba9876543210, 0.0.0.0, bde9:6789:d353:824c:d7c6:f58a:6bd2:26eb",
    "1032547698badcfeefcdab8967452301, 255.255.255.255, aed2:92f6:ea23:58c3:48fd:8b8:74e8:45d8",
    "0123456789abcdeffedcba9876543210, 2001:db8:85a3::8a2e:370:7334,"
        + " 1eef:2352:64c8:18e6:6456:1373:f615:5032"
  })
  void deterministic(String key, String address, String expected) {
    try (var scheme = Ipcrypt.deterministic(key(key))) {
      check(scheme, address, address(expected));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "0.0.0.0, 151.82.155.134",
    "255.255.255.255, 94.185.169.89",
    "192.0.2.1, 100.115.72.131",
    "2001:db8::1, c180:5dd4:2587:3524:30ab:fa65:6ab6:f88"
  })
  void pfx(String address, String expected) {
    var key = "0123456789abcdeffedcba98765432101032547698badcfeefcdab8967452301";
    try (var scheme = Ipcrypt.pfx(key(key))) {
      check(scheme, address, address(expected));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "0123456789abcdeffedcba9876543210, 0.0.0.0, 08e0c289bff23b7c,"
        + " 08e0c289bff23b7cb349aadfe3bcef56221c384c7c217b16",
    "1032547698badcfeefcdab8967452301, 192.0.2.1, 21bd1834bc088cd2,"
        + " 21bd1834bc088cd2e5e1fe55f95876e639faae2594a0caad",
    "2b7e151628aed2a6abf7158809cf4f3c, 2001:db8::1, b4ecbe30b70898d7,"
        + " b4ecbe30b70898d7553ac8974d1b4250eafc4b0aa1f80c96"
  })
  void nd(String key, String address, String tweak, String expected) {
    try (var scheme = Ipcrypt.nd(key(key))) {
      check(scheme, address, tweak, expected);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "0123456789abcdeffedcba98765432101032547698badcfeefcdab8967452301, 0.0.0.0,"
        + " 21bd1834bc088cd2b4ecbe30b70898d7,"
        + " 21bd1834bc088cd2b4ecbe30b70898d782db0d4125fdace61db35b8339f20ee5",
    "2b7e151628aed2a6abf7158809cf4f3c3c4fcf098815f7aba6d2ae2816157e2b, 2001:db8::1,"
        + " 21bd1834bc088cd2b4ecbe30b70898d7,"
        + " 21bd1834bc088cd2b4ecbe30b70898d76089c7e05ae30c2d10ca149870a263e4"
  })
  void ndx(String key, String address, String tweak, String expected) {
    try (var scheme = Ipcrypt.ndx(key(key))) {
      check(scheme, address, tweak, expected);
    }
  }

  @ParameterizedTest
  @RequiresShared
  @CsvSource({"draft-appendix.json, 25", "test_vectors.json, 31"})
  void everySharedAnswer(String file, int count) throws IOException {
    var rows = Document.read(SharedData.path("vectors/ipcrypt/" + file)).root().items();

    assertThat(rows).hasSize(count);
    for (var row : rows) {
      var key = row.required("key").text();
      var address = row.required("ip").text();
      switch (row.required("variant").text()) {
        case "ipcrypt-deterministic" ->
            deterministic(key, address, row.required("encrypted_ip").text());
        case "ipcrypt-pfx" -> {
          try (var scheme = Ipcrypt.pfx(key(key))) {
            check(scheme, address, address(row.required("encrypted_ip").text()));
          }
        }
        case "ipcrypt-nd" ->
            nd(key, address, row.required("tweak").text(), row.required("output").text());
        case "ipcrypt-ndx" ->
            ndx(key, address, row.required("tweak").text(), row.required("output").text());
        default -> throw row.rejected("a variant that is not known here");
      }
    }
  }

  private static void check(Ipcrypt scheme, String address, byte[] expected) {
    assertThat(encrypt(scheme, address(address))).as(address).isEqualTo(expected);
    assertThat(decrypt(scheme, expected)).as(address).isEqualTo(address(address));
  }

  private static void check(Ipcrypt.Tweaked scheme, String address, String tweak, String expected) {
    var output = HexFormat.of().parseHex(expected);
    assertThat(encrypt(scheme, address(address), HexFormat.of().parseHex(tweak)))
        .as(address)
        .isEqualTo(output);
    assertThat(decrypt(scheme, output)).as(address).isEqualTo(address(address));
  }
}
