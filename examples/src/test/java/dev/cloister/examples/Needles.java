package dev.cloister.examples;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_16BE;
import static java.nio.charset.StandardCharsets.UTF_16LE;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntPredicate;
import java.util.stream.Collectors;

/** Every way in which a canary could stand in a file. */
final class Needles {
  /** The shortest piece that cannot be there by chance. */
  private static final int PIECE_BYTES = 12;

  /** Something to look for, byte by byte. */
  static final class Needle {
    final String name;
    final byte[] bytes;

    Needle(String name, byte[] bytes) {
      this.name = name;
      this.bytes = bytes;
    }
  }

  private Needles() {}

  /** Returns the canary as it is, every piece of it, and all its other forms. */
  static List<Needle> of(Canary canary) {
    var needles = new ArrayList<Needle>();
    var bytes = canary.bytes();
    for (var i = 0; i + PIECE_BYTES < bytes.length; i++) {
      var piece = Arrays.copyOfRange(bytes, i, i + PIECE_BYTES);
      needles.add(new Needle(canary.kind() + ", a piece", piece));
    }
    forms(canary)
        .forEach((form, text) -> needles.add(new Needle(canary.kind() + ", " + form, text)));
    return needles;
  }

  static Map<String, byte[]> forms(Canary canary) {
    var forms = new LinkedHashMap<String, byte[]>();
    forms.put("plain", canary.bytes());
    base64(forms, canary.bytes());
    forms.put("lower hex", ascii(HexFormat.of().formatHex(canary.bytes())));
    forms.put("upper hex", ascii(HexFormat.of().withUpperCase().formatHex(canary.bytes())));
    if (canary.isText()) {
      forms.put("percent-encoded", ascii(percent(canary.bytes(), Needles::isUnreserved)));
      forms.put("percent-encoded throughout", ascii(percent(canary.bytes(), _ -> false)));
      forms.put("JSON", ascii(json(canary.asText())));
      forms.put("JSON throughout", ascii(escaped(canary.asText(), _ -> false, "\\u%04x")));
      forms.put("UTF-16LE", canary.asText().getBytes(UTF_16LE));
      forms.put("UTF-16BE", canary.asText().getBytes(UTF_16BE));
    }
    return forms;
  }

  private static byte[] ascii(String text) {
    return text.getBytes(US_ASCII);
  }

  /** Base64 of something inside something longer: what does not depend on its neighbours. */
  private static void base64(Map<String, byte[]> forms, byte[] bytes) {
    for (var offset = 0; offset < 3; offset++) {
      var shifted = new byte[offset + bytes.length];
      System.arraycopy(bytes, 0, shifted, offset, bytes.length);
      var text = Base64.getEncoder().withoutPadding().encodeToString(shifted);
      var from = offset == 0 ? 0 : offset + 1;
      var whole = text.substring(from, shifted.length * Byte.SIZE / 6);
      forms.put("base64 at " + offset, ascii(whole));
      var forUrls = whole.replace('+', '-').replace('/', '_');
      if (!forUrls.equals(whole)) {
        forms.put("base64url at " + offset, ascii(forUrls));
      }
    }
  }

  private static String escaped(String text, IntPredicate isKept, String format) {
    return text.chars()
        .mapToObj(c -> isKept.test(c) ? Character.toString(c) : format.formatted(c))
        .collect(Collectors.joining());
  }

  /** RFC 3986 section 2.1, of bytes. */
  private static String percent(byte[] bytes, IntPredicate isKept) {
    return escaped(new String(bytes, ISO_8859_1), isKept, "%%%02X");
  }

  /** RFC 3986 section 2.3. */
  private static boolean isUnreserved(int character) {
    return character < 0x80
        && (Character.isLetterOrDigit(character) || "-._~".indexOf(character) >= 0);
  }

  /** RFC 8259 section 7, as most programs write it. */
  private static String json(String text) {
    var quoted = text.replace("\\", "\\\\").replace("\"", "\\\"");
    return escaped(quoted, c -> c >= 0x20 && c < 0x7f, "\\u%04x");
  }
}
