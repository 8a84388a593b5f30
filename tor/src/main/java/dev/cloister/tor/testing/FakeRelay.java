package dev.cloister.tor.testing;

import static java.nio.charset.StandardCharsets.US_ASCII;

import com.google.common.hash.Hashing;
import com.google.common.io.BaseEncoding;
import dev.cloister.tor.Fingerprint;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * A relay in the fake's consensus.
 *
 * @param nickname {@code fake} and a number
 */
record FakeRelay(String nickname, Fingerprint fingerprint) {
  private static final DateTimeFormatter PUBLISHED =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss", Locale.ROOT).withZone(ZoneOffset.UTC);

  /** The same in every run. */
  static List<FakeRelay> some(int count) {
    return IntStream.range(0, count).mapToObj(FakeRelay::numbered).toList();
  }

  private static FakeRelay numbered(int number) {
    var nickname = "fake" + number;
    var digits = BaseEncoding.base16().encode(digest(nickname)).substring(0, 40);
    return new FakeRelay(nickname, new Fingerprint(digits));
  }

  private static byte[] digest(String text) {
    return Hashing.sha256().hashString(text, US_ASCII).asBytes();
  }

  /** Tells whether tor would take a text for this relay. */
  boolean isNamed(String text) {
    return text.equalsIgnoreCase(nickname)
        || text.equalsIgnoreCase(fingerprint.hex())
        || text.toUpperCase(Locale.ROOT).startsWith(fingerprint.toString());
  }

  /** Writes its entry in the consensus, as GETINFO ns/ does. */
  String entry(Instant published) {
    var base64 = BaseEncoding.base64().omitPadding();
    return """
    r %s %s %s %s 127.0.0.1 9001 0
    s Exit Fast Guard HSDir Running Stable V2Dir Valid
    w Bandwidth=1000
    p accept 1-65535\
    """
        .formatted(
            nickname,
            base64.encode(BaseEncoding.base16().decode(fingerprint.hex())),
            base64.encode(digest(nickname + " descriptor")).substring(0, 27),
            PUBLISHED.format(published));
  }

  @Override
  public String toString() {
    return fingerprint + "~" + nickname;
  }
}
