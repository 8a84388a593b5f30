package dev.cloister.examples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The searcher of the kill test finds what it is there for, and nothing in noise. */
final class CanarySearchTest {
  private static final Canary TEXT =
      Canary.text("text", "/in box?\"a\"=\\<ü>&" + Canary.token(new Random(1)));
  private static final Canary BINARY = Canary.binary("binary", noise(8, 2));
  private static final CanarySearch SEARCH = CanarySearch.forAll(List.of(TEXT, BINARY));

  @TempDir private Path directory;

  private static byte[] noise(int sizeBytes, long seed) {
    var bytes = new byte[sizeBytes];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  private static byte[] inNoise(byte[] planted) {
    var out = new ByteArrayOutputStream();
    out.writeBytes(noise(1000, 3));
    out.writeBytes(planted);
    out.writeBytes(noise(1000, 4));
    return out.toByteArray();
  }

  @Test
  void eachFormIsFoundWhereItIsPlanted() throws IOException {
    for (var canary : List.of(TEXT, BINARY)) {
      for (var form : Needles.forms(canary).entrySet()) {
        var file = Files.write(directory.resolve("file"), inNoise(form.getValue()));
        assertThat(SEARCH.in(List.of(file)))
            .as(form.getKey())
            .contains("%s, %s in %s".formatted(canary.kind(), form.getKey(), file));
      }
    }
  }

  @Test
  void theFormsAreThoseThatOtherProgramsWrite() {
    var text = new String(TEXT.bytes(), UTF_8);
    var token = text.substring(text.length() - 20);
    var forms = Needles.forms(TEXT);
    assertThat(forms)
        .containsEntry(
            "percent-encoded",
            ("%2Fin%20box%3F%22a%22%3D%5C%3C%C3%BC%3E%26" + token).getBytes(UTF_8))
        .containsEntry("JSON", ("/in box?\\\"a\\\"=\\\\<\\u00fc>&" + token).getBytes(UTF_8));
    assertThat(new String(forms.get("JSON throughout"), UTF_8)).startsWith("\\u002f\\u0069\\u006e");
    assertThat(new String(forms.get("UTF-16LE"), UTF_8)).startsWith("/\0i\0n\0");
    assertThat(new String(forms.get("UTF-16BE"), UTF_8)).startsWith("\0/\0i\0n");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 4, 5})
  void base64OfSomethingLongerIsFoundAtEachOffset(int before) {
    var longer = new ByteArrayOutputStream();
    longer.writeBytes(noise(before, 5));
    longer.writeBytes(TEXT.bytes());
    longer.writeBytes(noise(7, 6));
    assertThat(SEARCH.in(inNoise(Base64.getEncoder().encode(longer.toByteArray()))))
        .contains("text, base64 at " + before % 3);
    assertThat(SEARCH.in(inNoise(Base64.getUrlEncoder().encode(longer.toByteArray()))))
        .anyMatch(find -> find.matches("text, base64(url)? at " + before % 3));
  }

  @Test
  void aPieceIsFound() {
    var bytes = TEXT.bytes();
    assertThat(SEARCH.in(inNoise(Arrays.copyOfRange(bytes, 7, 19))))
        .containsExactly("text, a piece");
  }

  private interface Compression {
    OutputStream over(OutputStream out) throws IOException;
  }

  private static byte[] compressed(Compression compression) throws IOException {
    var out = new ByteArrayOutputStream();
    try (var compressing = compression.over(out)) {
      compressing.write(noise(300, 7));
      compressing.write(BINARY.bytes());
    }
    return out.toByteArray();
  }

  @Test
  void aCompressedCanaryIsFoundWhereverItsStreamBegins() throws IOException {
    assertThat(SEARCH.in(inNoise(compressed(DeflaterOutputStream::new))))
        .contains("binary, plain in zlib");
    assertThat(SEARCH.in(inNoise(compressed(GZIPOutputStream::new))))
        .contains("binary, plain in gzip");
  }

  @Test
  void aCompressedCanaryIsFoundWhenItsStreamIsCutOrNamed() throws IOException {
    var whole = compressed(GZIPOutputStream::new);
    var cut = Arrays.copyOf(whole, whole.length - 8);
    assertThat(SEARCH.in(cut)).contains("binary, plain in gzip");
    var named = new ByteArrayOutputStream();
    named.writeBytes(new byte[] {0x1f, (byte) 0x8b, 8, 8, 0, 0, 0, 0, 0, 3, 'a', '.', 'b', 0});
    named.write(whole, 10, whole.length - 10);
    assertThat(SEARCH.in(named.toByteArray())).contains("binary, plain in gzip");
  }

  @Test
  void nothingIsFoundInNoise() {
    assertThat(SEARCH.in(noise(4 << 20, 8))).isEmpty();
  }
}
