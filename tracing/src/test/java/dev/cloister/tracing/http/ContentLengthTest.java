package dev.cloister.tracing.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How long content is behind its codings, and that nobody is made to work for nothing. */
final class ContentLengthTest {
  private static final byte[] TEXT = "to be or not to be, ".repeat(100).getBytes(ISO_8859_1);
  private static final int MEBIBYTE = 1 << 20;

  /** Measures what comes in pieces of a size. */
  private static OptionalLong measured(byte[] coded, int piece, String... codings) {
    try (var length = ContentLength.of(List.of(codings)).orElseThrow()) {
      for (var at = 0; at < coded.length; at += piece) {
        length.take(coded, at, Math.min(piece, coded.length - at));
      }
      return length.length();
    }
  }

  private static OptionalLong measured(byte[] coded, String... codings) {
    return measured(coded, 1448, codings);
  }

  private static byte[] joined(byte[]... parts) {
    var all = new ByteArrayOutputStream();
    for (var part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }

  /** A gzip member whose header has what its flags say. */
  private static byte[] flagged(int flags, String fields) {
    var plain = Coded.gzip(TEXT);
    plain[3] = (byte) flags;
    var header = Arrays.copyOf(plain, 10);
    return joined(header, fields.getBytes(ISO_8859_1), Arrays.copyOfRange(plain, 10, plain.length));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 7, 1448, 1 << 20})
  void contentIsMeasuredInPiecesOfAnySize(int piece) {
    assertThat(measured(Coded.gzip(TEXT), piece, "gzip")).hasValue(TEXT.length);
    assertThat(measured(Coded.gzip(TEXT), piece, "x-gzip")).hasValue(TEXT.length);
    assertThat(measured(Coded.deflate(TEXT, false), piece, "deflate")).hasValue(TEXT.length);
    assertThat(measured(Coded.deflate(TEXT, true), piece, "deflate")).hasValue(TEXT.length);
    var twice = Coded.gzip(Coded.deflate(TEXT, true));
    assertThat(measured(twice, piece, "deflate", "gzip")).hasValue(TEXT.length);
  }

  @Test
  void membersOfGzipAreOneContent() {
    var member = Coded.gzip(TEXT);
    assertThat(measured(joined(member, Coded.gzip(new byte[0]), member), 3, "gzip"))
        .hasValue(2L * TEXT.length);
  }

  @Test
  void everyPartOfAGzipHeaderIsPassedOver() {
    assertThat(measured(flagged(1, ""), 1, "gzip")).hasValue(TEXT.length);
    assertThat(measured(flagged(2, "\u0012\u0013"), 1, "gzip")).hasValue(TEXT.length);
    assertThat(measured(flagged(4, "\u0000\u0000"), 1, "gzip")).hasValue(TEXT.length);
    assertThat(measured(flagged(4, "\u0003\u0001" + "e".repeat(259)), 1, "gzip"))
        .hasValue(TEXT.length);
    assertThat(measured(flagged(8, "name\u0000"), 1, "gzip")).hasValue(TEXT.length);
    assertThat(measured(flagged(16, "comment\u0000"), 1, "gzip")).hasValue(TEXT.length);
    assertThat(measured(flagged(30, "\u0001\u0000xname\u0000\u0000\u0012\u0013"), 1, "gzip"))
        .hasValue(TEXT.length);
  }

  @Test
  void contentThatWasCutIsMeasuredUpToTheCut() {
    var noise = new byte[100_000];
    new Random(3).nextBytes(noise);
    var coded = Coded.gzip(noise);
    var half = measured(Arrays.copyOf(coded, coded.length / 2), "gzip").orElseThrow();
    assertThat(half).isBetween(40_000L, 60_000L);
  }

  @Test
  void theChecksumOfGzipIsNotChecked() {
    var coded = Coded.gzip(TEXT);
    coded[coded.length - 6] ^= 1;
    assertThat(measured(coded, "gzip")).hasValue(TEXT.length);
  }

  @Test
  void contentThatIsNotWhatItSaysHasNoLength() {
    assertThat(measured(TEXT, "gzip")).isEmpty();
    assertThat(measured(TEXT, "deflate")).isEmpty();
    assertThat(measured(Coded.deflate(TEXT, false), "gzip")).isEmpty();
    assertThat(measured(joined(Coded.gzip(TEXT), TEXT), "gzip")).isEmpty();
    assertThat(measured(Coded.gzip(TEXT), "gzip", "gzip")).isEmpty();
    var damaged = Coded.gzip(TEXT);
    damaged[10] |= 6; // a type of block that there is not
    assertThat(measured(damaged, "gzip")).isEmpty();
  }

  @Test
  void whatFollowsBrokenContentIsNotRead() {
    try (var length = ContentLength.of(List.of("gzip")).orElseThrow()) {
      length.take(TEXT, 0, TEXT.length);
      var good = Coded.gzip(TEXT);
      length.take(good, 0, good.length);
      assertThat(length.length()).isEmpty();
    }
  }

  @Test
  void whatFollowsTheEndOfDeflateIsNotRead() {
    var coded = joined(Coded.deflate(TEXT, false), "and more".getBytes(ISO_8859_1));
    assertThat(measured(coded, 5, "deflate")).hasValue(TEXT.length);
  }

  @Test
  void aDictionaryThatNobodyHasIsNotWaitedFor() {
    byte[] withDictionary = {0x78, (byte) 0xbb, 1, 2, 3, 4, 5, 6, 7, 8};
    assertThat(measured(withDictionary, "deflate")).isEmpty();
  }

  @Test
  void anyBytesAreMeasuredOrBroken() {
    for (var seed = 0; seed < 2000; seed++) {
      var random = new Random(seed);
      var bytes = Coded.gzip(Coded.deflate(TEXT, seed % 2 == 0));
      for (var n = 1 + random.nextInt(4); n > 0; n--) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
      }
      var length = measured(bytes, 1 + random.nextInt(100), "deflate", "gzip");
      assertThat(length.orElse(0)).as("seed %d", seed).isLessThan(1000L * bytes.length + 65_536);
    }
  }

  @Test
  void noMoreIsDecodedThanAThousandTimesWhatCame() {
    // Deflate reaches 1032 to 1.
    var bomb = Coded.gzip(new byte[20 * MEBIBYTE]);
    assertThat(measured(bomb, "gzip")).isEmpty();
    assertThat(measured(Coded.gzip(new byte[60_000]), "gzip")).hasValue(60_000);
  }

  @Test
  void noMoreIsDecodedThanSixtyFourMebibytes() {
    var noise = new byte[64 * 1024];
    new Random(4).nextBytes(noise);
    var within = new byte[64 * MEBIBYTE];
    System.arraycopy(noise, 0, within, 0, noise.length);
    assertThat(measured(Coded.gzip(within), "gzip")).hasValue(within.length);
    assertThat(measured(Coded.gzip(Arrays.copyOf(within, within.length + 1)), "gzip")).isEmpty();
  }

  @Test
  void aBombInsideABombIsNotUnpacked() {
    var bomb = Coded.gzip(Coded.gzip(Coded.gzip(new byte[64 * MEBIBYTE])));
    assertThat(measured(bomb, "gzip", "gzip", "gzip")).isEmpty();
  }

  @Test
  void whatComesOfNothingCostsWorkAllTheSame() {
    // The inner content is an endless name in a gzip header: not a byte of it is content.
    var endless = new byte[40 * MEBIBYTE];
    Arrays.fill(endless, (byte) 'n');
    System.arraycopy(flagged(8, ""), 0, endless, 0, 10);
    assertThat(measured(Coded.gzip(endless), "gzip", "gzip")).isEmpty();
  }

  @Test
  void codingsThatAreNotKnownOrTooManyAreNotMeasured() {
    assertThat(ContentLength.of(List.of())).isEmpty();
    assertThat(ContentLength.of(List.of("br"))).isEmpty();
    assertThat(ContentLength.of(List.of("gzip", "zstd"))).isEmpty();
    assertThat(ContentLength.of(List.of("gzip", "gzip", "gzip", "gzip", "gzip"))).isEmpty();
  }

  // In a conversation.

  private static String coded(String encoding, byte[] content) {
    var text = new String(content, ISO_8859_1);
    return "HTTP/1.1 200 OK\r\nContent-Encoding: %s\r\nContent-Length: %d\r\n\r\n%s"
        .formatted(encoding, text.length(), text);
  }

  private static Wire get() {
    return new Wire().client("GET /a HTTP/1.1\r\n\r\n");
  }

  @Test
  void aCodingThatDoesNothingIsNone() {
    var told = get().server(coded("Identity, GZip", Coded.gzip(TEXT))).end().getFirst();
    assertThat(told.number("response.decodedBytes")).isEqualTo(TEXT.length);
    assertThat(get().server(coded("identity", TEXT)).end().getFirst().has("response.decodedBytes"))
        .isFalse();
  }

  @Test
  void brokenContentCostsItsDecodedLengthAlone() {
    var wire = get().server(coded("gzip", TEXT)).client("GET /b HTTP/1.1\r\n\r\n");
    var told = wire.server(coded("gzip", Coded.gzip(TEXT))).end();
    assertThat(told.getFirst().number("response.bodyBytes")).isEqualTo(TEXT.length);
    assertThat(told.getFirst().has("response.decodedBytes")).isFalse();
    assertThat(told.getLast().number("response.decodedBytes")).isEqualTo(TEXT.length);
  }

  @Test
  void aMessageThatEndsInItsHeadHasNotTheLengthOfTheOneBefore() {
    var wire = get().server(coded("gzip", Coded.gzip(TEXT))).client("GET /b HTTP/1.1\r\n\r\n");
    var told = wire.server("HTTP/1.1 200 OK\r\nServer: x").end();
    assertThat(told.getFirst().number("response.decodedBytes")).isEqualTo(TEXT.length);
    assertThat(told.getLast().has("response.decodedBytes")).isFalse();
  }

  @Test
  void theContentOfARequestIsMeasuredToo() {
    var content = new String(Coded.gzip(TEXT), ISO_8859_1);
    var wire =
        new Wire()
            .client(
                "POST / HTTP/1.1\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n")
            .client(Integer.toHexString(content.length()) + "\r\n" + content + "\r\n0\r\n\r\n");
    assertThat(wire.end().getFirst().number("request.decodedBytes")).isEqualTo(TEXT.length);
  }

  @Test
  void nothingIsDecodedThatNobodyWants() {
    var wire = Wire.wanting(field -> !field.path().equals("response.decodedBytes"));
    wire.client("GET /a HTTP/1.1\r\n\r\n").server(coded("gzip", Coded.gzip(TEXT)));
    assertThat(wire.end().getFirst().has("response.decodedBytes")).isFalse();
  }
}
