package dev.cloister.tracing.anonymize;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cloister.crypto.pseudonym.Ipcrypt;
import dev.cloister.tracing.internal.ReadJson;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is equal after a transform with a key, and for how long. */
final class PseudonymTest {
  private static final String SECRET = "a secret, and long enough";

  @ParameterizedTest
  @ValueSource(
      strings = {"text: {hash: 16}", "url: {hash: 16}", "url: {url: [path-hash, query-hash]}"})
  void aNameIsTheSameInOneContextAndAnotherInTheNext(String rule) {
    var field = Probe.SCHEMA.field(rule.split(":", 2)[0]).orElseThrow();
    try (var one = Probe.of(rule);
        var other = Probe.of(rule)) {
      var name = one.made(field, SECRET);
      one.made(field, "something between");
      assertThat(one.made(field, SECRET)).isEqualTo(name);
      assertThat(other.made(field, SECRET)).isNotEqualTo(name);
    }
  }

  @Test
  void twoFiltersOfOneContextNameAlike() {
    try (var probe = Probe.of("text: {hash: 8}", "begin: {shift: random}");
        var other = probe.another()) {
      assertThat(other.made(Probe.TEXT, SECRET)).isEqualTo(probe.made(Probe.TEXT, SECRET));
      assertThat(other.made(Probe.BEGIN, 5)).isEqualTo(probe.made(Probe.BEGIN, 5));
    }
  }

  @Test
  void equalValuesOfTwoFieldsHaveDifferentNames() {
    try (var probe =
        Probe.of(
            "text: {hash: 16}",
            "other: {hash: 16}",
            "peer: prefix-preserving",
            "address: prefix-preserving",
            "url: {url: [host-hash, path-hash, query-hash]}")) {
      var line =
          probe.line(record -> {
            record.set(Probe.TEXT, SECRET);
            record.set(Probe.OTHER, SECRET);
            record.set(Probe.ADDRESS, new byte[16], 0, 16);
            record.set(Probe.PEER, new byte[16], 0, 16);
            record.set(Probe.URL, "http://secret/secret?secret");
          });
      var members = ReadJson.line(line);
      assertThat(members.get("text")).isNotEqualTo(members.get("other"));
      assertThat(members.get("address")).isNotEqualTo(members.get("peer"));
      assertThat(line).doesNotContain("secret");
    }
  }

  @Test
  void partsOfAUrlHaveKeysOfTheirOwn() {
    try (var probe = Probe.of("url: {url: [host-hash, query-hash]}")) {
      var url = ReadJson.line(probe.made(Probe.URL, "http://same?same") + "\n");
      assertThat(url.get("hostHash")).isNotEqualTo(url.get("queryHash"));
    }
  }

  @Test
  void addressesHaveThePseudonymsOfIpcryptPfxUnderTheKeyOfTheirField() throws UnknownHostException {
    var random = new Random(7);
    var seen = new HashMap<String, String>();
    try (var probe = Probe.of("address: prefix-preserving");
        var key = probe.keys.derived("policy/prefix/probe.address", Ipcrypt.PFX_KEY_BYTES);
        var pfx = Ipcrypt.pfx(key)) {
      for (var i = 0; i < 3000; i++) {
        // Few networks, so that the cache answers as well.
        var address = new byte[random.nextBoolean() ? 4 : 16];
        address[0] = (byte) (192 + random.nextInt(3));
        address[address.length - 1] = (byte) random.nextInt(256);
        var expected = new byte[16];
        var length = pfx.encrypt(address, 0, address.length, expected, 0);
        var shown = InetAddress.getByAddress(address).getHostAddress();
        var made = probe.madeOfAddress(Probe.ADDRESS, shown);
        assertThat(InetAddress.ofLiteral(made.substring(1, made.length() - 1)).getAddress())
            .as("seed 7, address %s", shown)
            .isEqualTo(Arrays.copyOf(expected, length));
        assertThat(seen.computeIfAbsent(shown, _ -> made)).isEqualTo(made);
      }
    }
  }

  @Test
  void aPseudonymSharesAsManyFirstBitsAsItsAddressDoes() {
    try (var probe = Probe.of("address: prefix-preserving")) {
      var base = InetAddress.ofLiteral("10.1.2.3").getAddress();
      var pseudonym = address(probe, base);
      for (var bit = 0; bit < 32; bit++) {
        var neighbour = base.clone();
        neighbour[bit / 8] ^= (byte) (0x80 >> (bit % 8));
        assertThat(commonBits(pseudonym, address(probe, neighbour))).isEqualTo(bit);
      }
    }
  }

  private static byte[] address(Probe probe, byte[] address) {
    var shown =
        Stream.of(address[0], address[1], address[2], address[3])
            .map(octet -> String.valueOf(octet & 0xff))
            .reduce((left, right) -> left + "." + right)
            .orElseThrow();
    var made = probe.madeOfAddress(Probe.ADDRESS, shown);
    return InetAddress.ofLiteral(made.substring(1, made.length() - 1)).getAddress();
  }

  private static int commonBits(byte[] one, byte[] other) {
    var differing = Arrays.mismatch(one, other);
    return differing < 0
        ? Byte.SIZE * one.length
        : Byte.SIZE * differing
            + Integer.numberOfLeadingZeros((one[differing] ^ other[differing]) & 0xff)
            - (Integer.SIZE - Byte.SIZE);
  }

  @Test
  void everyTimeOfAContextIsShiftedByTheSameAmount() {
    var random = new Random(8);
    try (var probe = Probe.of("begin: {shift: random}", "end: {shift: random}")) {
      var shift = Long.parseLong(probe.made(Probe.BEGIN, 0));
      assertThat(Math.abs(shift)).isLessThan(5L * 366 * 86_400 * 1_000_000);
      for (var i = 0; i < 1000; i++) {
        var nanos = random.nextLong(2_000_000_000_000_000_000L);
        var expected = String.valueOf(nanos / 1000 + shift);
        assertThat(probe.made(Probe.BEGIN, nanos)).as("seed 8, %d", nanos).isEqualTo(expected);
        assertThat(probe.made(Probe.END, nanos)).as("seed 8, %d", nanos).isEqualTo(expected);
      }
    }
  }

  @Test
  void anotherContextShiftsByAnotherAmount() {
    try (var one = Probe.of("begin: {shift: random}");
        var other = Probe.of("begin: {shift: random}")) {
      assertThat(one.made(Probe.BEGIN, 0)).isNotEqualTo(other.made(Probe.BEGIN, 0));
    }
  }
}
