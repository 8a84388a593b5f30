package dev.cloister.crypto.pseudonym;

import static dev.cloister.crypto.pseudonym.Given.address;
import static dev.cloister.crypto.pseudonym.Given.anyKey;
import static dev.cloister.crypto.pseudonym.Given.key;
import static dev.cloister.crypto.pseudonym.Given.original;
import static dev.cloister.crypto.pseudonym.Given.pseudonym;
import static dev.cloister.crypto.pseudonym.Given.randomBytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cloister.core.ContextDestroyed;
import dev.cloister.core.policy.Document;
import dev.cloister.core.testing.RequiresShared;
import dev.cloister.core.testing.SharedData;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CryptoPanTest {
  /** The key of the sample that came with the reference implementation. */
  private static final String SAMPLE_KEY =
      "1522178d33a4cf80130a5b1649907d10d8988f837979652762574c2d2a842202";

  private static final String COUNTING_KEY =
      "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

  @ParameterizedTest
  @CsvSource({
    SAMPLE_KEY + ", 128.11.68.132, 135.242.180.132",
    SAMPLE_KEY + ", 24.5.0.80, 100.9.15.210",
    SAMPLE_KEY + ", 192.102.249.13, 252.138.62.131",
    SAMPLE_KEY + ", 205.188.147.153, 242.96.16.101",
    SAMPLE_KEY + ", ::1, 78ff:f001:9fc0:20df:8380:b1f1:704:ed",
    COUNTING_KEY + ", 192.0.2.1, 2.90.93.17",
    COUNTING_KEY + ", 2001:db8::1, dd92:2c44:3fc0:ff1e:7ff9:c7f0:8180:7e00"
  })
  void knownAddressesHaveTheirKnownPseudonyms(String key, String address, String expected) {
    check(key, address, expected);
  }

  @Test
  @RequiresShared
  void theSampleTraceIsReproduced() throws IOException {
    var raw = Files.readAllLines(SharedData.path("vectors/crypto-pan/sample_trace_raw.dat"));
    var sanitized =
        Files.readAllLines(SharedData.path("vectors/crypto-pan/sample_trace_sanitized.dat"));

    assertThat(raw).hasSameSizeAs(sanitized).hasSizeGreaterThan(90);
    for (var i = 0; i < raw.size(); i++) {
      check(SAMPLE_KEY, lastColumn(raw.get(i)), lastColumn(sanitized.get(i)));
    }
  }

  @Test
  @RequiresShared
  void theExpectedTestOutputIsReproduced() throws IOException {
    var in = Files.readAllLines(SharedData.path("vectors/crypto-pan/test_expected_input.txt"));
    var out = Files.readAllLines(SharedData.path("vectors/crypto-pan/test_expected_output.txt"));

    assertThat(in).hasSameSizeAs(out).hasSize(10);
    for (var i = 0; i < in.size(); i++) {
      check(SAMPLE_KEY, in.get(i), out.get(i));
    }
  }

  @Test
  @RequiresShared
  void theAnswersOfOtherImplementationsAreTheSame() throws IOException {
    var checked = 0;
    for (var set :
        Document.read(SharedData.path("vectors/crypto-pan/vectors.json"))
            .root()
            .required("sets")
            .items()) {
      for (var family : List.of("ipv4", "ipv6")) {
        for (var pair : set.optional(family).map(it -> it.items()).orElse(List.of())) {
          check(set.required("key").text(), pair.items().get(0).text(), pair.items().get(1).text());
          checked++;
        }
      }
    }
    assertThat(checked).isEqualTo(144);
  }

  @Test
  @RequiresShared
  void theTableOfAnswersIsReproduced() throws IOException {
    var rows = Files.readAllLines(SharedData.path("vectors/crypto-pan/cryptopan.tsv"));

    assertThat(rows).hasSize(143);
    for (var row : rows.subList(1, rows.size())) {
      var columns = row.split("\t", -1);
      check(columns[1], columns[2], columns[3]);
    }
  }

  private static void check(String key, String address, String expected) {
    try (var map = CryptoPan.with(key(key))) {
      assertThat(pseudonym(map, address(address))).as(address).isEqualTo(address(expected));
      assertThat(original(map, address(expected))).as(expected).isEqualTo(address(address));
    }
  }

  private static String lastColumn(String line) {
    return line.substring(line.lastIndexOf('\t') + 1).strip();
  }

  @ParameterizedTest
  @ValueSource(ints = {4, 16})
  void everyPseudonymGivesItsAddressBack(int length) {
    var random = new Random(1);
    try (var map = CryptoPan.with(anyKey(32))) {
      for (var i = 0; i < 1_000; i++) {
        var address = randomBytes(random, length);
        assertThat(original(map, pseudonym(map, address))).isEqualTo(address);
      }
    }
  }

  @Test
  void whatAMapRemembersOfNetworksNeverChangesAPseudonym() {
    var random = new Random(2);
    var networks = new ArrayList<byte[]>();
    networks.add(address("::1"));
    for (var i = 0; i < 20_000; i++) {
      networks.add(randomBytes(random, 16));
    }
    try (var fresh = CryptoPan.with(key(SAMPLE_KEY));
        var used = CryptoPan.with(key(SAMPLE_KEY))) {
      networks.forEach(it -> pseudonym(used, it));

      for (var address : networks.subList(0, 300)) {
        assertThat(pseudonym(used, address)).isEqualTo(pseudonym(fresh, address));
        assertThat(original(used, pseudonym(used, address))).isEqualTo(address);
      }
    }
  }

  @Test
  void aPseudonymMayTakeItsAddressesPlace() {
    var frame = new byte[40];
    System.arraycopy(address("192.0.2.1"), 0, frame, 30, 4);
    try (var map = CryptoPan.with(key(COUNTING_KEY))) {
      map.pseudonym(frame, 30, 4, frame, 30);
      assertThat(frame).containsSequence(address("2.90.93.17")).startsWith(new byte[30]);

      System.arraycopy(address("2001:db8::1"), 0, frame, 3, 16);
      map.pseudonym(frame, 3, 16, frame, 7);
      assertThat(frame).containsSequence(address("dd92:2c44:3fc0:ff1e:7ff9:c7f0:8180:7e00"));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 0, 3, 5, 6, 8, 17})
  void anotherLengthIsRefusedByName(int length) {
    try (var map = CryptoPan.with(anyKey(32))) {
      var message = "address of " + length + " bytes: allowed 4 (IPv4) or 16 (IPv6)";
      assertThatThrownBy(() -> map.pseudonym(new byte[32], 0, length, new byte[32], 0))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(message);
      assertThatThrownBy(() -> map.original(new byte[32], 0, length, new byte[32], 0))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(message);
    }
  }

  @Test
  void aRangeOutsideItsArrayIsRefusedAndNothingIsWritten() {
    var out = new byte[8];
    try (var map = CryptoPan.with(anyKey(32))) {
      assertThatThrownBy(() -> map.pseudonym(new byte[4], 1, 4, out, 0))
          .isInstanceOf(IndexOutOfBoundsException.class);
      assertThatThrownBy(() -> map.pseudonym(new byte[4], 0, 4, out, 5))
          .isInstanceOf(IndexOutOfBoundsException.class);
      assertThatThrownBy(() -> map.pseudonym(new byte[16], 0, 16, out, 0))
          .isInstanceOf(IndexOutOfBoundsException.class);
      assertThatThrownBy(() -> map.original(new byte[16], 0, 16, out, 0))
          .isInstanceOf(IndexOutOfBoundsException.class);
    }
    assertThat(out).containsOnly(0);
  }

  @ParameterizedTest
  @ValueSource(ints = {16, 31, 33})
  void aKeyOfAnotherSizeIsRefusedByName(int sizeBytes) {
    var key = anyKey(sizeBytes);
    assertThatThrownBy(() -> CryptoPan.with(key))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("key of " + sizeBytes + " bytes for Crypto-PAn: allowed 32");
  }

  @Test
  void aDestroyedKeyMakesNoMap() {
    var key = anyKey(32);
    key.close();
    assertThatThrownBy(() -> CryptoPan.with(key)).isInstanceOf(ContextDestroyed.class);
  }

  @Test
  void aClosedMapIsOfNoUse() {
    var map = CryptoPan.with(anyKey(32));
    assertThat(map).hasToString("Crypto-PAn[open]");
    map.close();
    map.close();

    var out = new byte[16];
    assertThatThrownBy(() -> map.pseudonym(new byte[4], 0, 4, out, 0))
        .isInstanceOf(ContextDestroyed.class)
        .hasMessage(
            "a key of Crypto-PAn was destroyed and cannot be used again: seal a new context");
    assertThatThrownBy(() -> map.original(new byte[16], 0, 16, out, 0))
        .isInstanceOf(ContextDestroyed.class);
    assertThat(out).containsOnly(0);
    assertThat(map).hasToString("Crypto-PAn[closed]");
  }

  /** A map whose users got into each other's way could give an address away. */
  @Test
  void threadsThatShareAMapGetNoWrongPseudonymAlsoWhenItIsClosed() throws Exception {
    var map = CryptoPan.with(key(COUNTING_KEY));
    var callsToGo = new CountDownLatch(20_000);
    try (var executor = Executors.newFixedThreadPool(2)) {
      var one = executor.submit(() -> useUntilClosed(map, "192.0.2.1", "2.90.93.17", callsToGo));
      var other =
          executor.submit(() ->
              useUntilClosed(
                  map, "2001:db8::1", "dd92:2c44:3fc0:ff1e:7ff9:c7f0:8180:7e00", callsToGo));
      assertThat(callsToGo.await(10, TimeUnit.SECONDS)).isTrue();
      map.close();
      one.get();
      other.get();
    }
  }

  private static void useUntilClosed(
      CryptoPan map, String address, String expected, CountDownLatch calls) {
    try {
      while (true) {
        assertThat(pseudonym(map, address(address))).isEqualTo(address(expected));
        calls.countDown();
      }
    } catch (ContextDestroyed e) {
      assertThat(e).hasMessageContaining("Crypto-PAn");
    }
  }
}
