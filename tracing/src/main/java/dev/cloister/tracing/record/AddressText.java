package dev.cloister.tracing.record;

import java.nio.charset.StandardCharsets;

/** Writes addresses as people read them: IPv4 in dotted form, IPv6 as RFC 5952 has it. */
public final class AddressText {
  /** The longest text there is. */
  public static final int CHARACTERS_MAX = 45;

  private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
  private static final int GROUPS = 8;

  private AddressText() {}

  /**
   * Writes an address.
   *
   * @param address holds it
   * @param offset where it begins
   * @param length 4 or 16
   * @return its text
   */
  public static String of(byte[] address, int offset, int length) {
    var text = new byte[CHARACTERS_MAX];
    var end = write(address, offset, length, text, 0);
    return new String(text, 0, end, StandardCharsets.US_ASCII);
  }

  /**
   * Writes an address without making anything.
   *
   * @param address holds it
   * @param offset where it begins
   * @param length 4 or 16
   * @param out takes at most {@link #CHARACTERS_MAX} ASCII characters
   * @param at where in {@code out}
   * @return where in {@code out} the text ends
   */
  public static int write(byte[] address, int offset, int length, byte[] out, int at) {
    return switch (length) {
      case 4 -> ipv4(address, offset, out, at);
      case 16 -> ipv6(address, offset, out, at);
      default ->
          throw new IllegalArgumentException("address of " + length + " bytes: must be 4 or 16");
    };
  }

  private static int ipv4(byte[] address, int offset, byte[] out, int at) {
    var end = at;
    for (var i = 0; i < 4; i++) {
      if (i > 0) {
        out[end++] = '.';
      }
      var octet = address[offset + i] & 0xff;
      if (octet >= 100) {
        out[end++] = (byte) ('0' + octet / 100);
      }
      if (octet >= 10) {
        out[end++] = (byte) ('0' + octet / 10 % 10);
      }
      out[end++] = (byte) ('0' + octet % 10);
    }
    return end;
  }

  private static int ipv6(byte[] address, int offset, byte[] out, int at) {
    if (isMapped(address, offset)) {
      var prefix = "::ffff:".getBytes(StandardCharsets.US_ASCII);
      System.arraycopy(prefix, 0, out, at, prefix.length);
      return ipv4(address, offset + 12, out, at + prefix.length);
    }
    var zeros = longestZeros(address, offset);
    var zerosFrom = zeros >> 8;
    var zerosEnd = zerosFrom + (zeros & 0xff);
    var end = at;
    for (var group = 0; group < GROUPS; group++) {
      if (group == zerosFrom && zerosEnd > zerosFrom) {
        out[end++] = ':';
        if (group == 0) {
          out[end++] = ':';
        }
        group = zerosEnd - 1;
        continue;
      }
      end = hex(group(address, offset, group), out, end);
      if (group < GROUPS - 1) {
        out[end++] = ':';
      }
    }
    return end;
  }

  private static boolean isMapped(byte[] address, int offset) {
    for (var group = 0; group < 5; group++) {
      if (group(address, offset, group) != 0) {
        return false;
      }
    }
    return group(address, offset, 5) == 0xffff;
  }

  private static int group(byte[] address, int offset, int group) {
    return ((address[offset + 2 * group] & 0xff) << 8) | (address[offset + 2 * group + 1] & 0xff);
  }

  /**
   * Finds the first longest run of at least two zero groups: its start in the high byte, its
   * length.
   */
  private static int longestZeros(byte[] address, int offset) {
    var best = 0;
    var bestLength = 1;
    var length = 0;
    for (var group = 0; group < GROUPS; group++) {
      length = group(address, offset, group) == 0 ? length + 1 : 0;
      if (length > bestLength) {
        bestLength = length;
        best = ((group - length + 1) << 8) | length;
      }
    }
    return best;
  }

  private static int hex(int group, byte[] out, int at) {
    var end = at;
    for (var shift = 12; shift >= 0; shift -= 4) {
      if (shift == 0 || group >>> shift != 0) {
        out[end++] = HEX[(group >>> shift) & 0xf];
      }
    }
    return end;
  }
}
