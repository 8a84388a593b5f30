package dev.cloister.crypto.pseudonym;

import java.util.Objects;

/**
 * The lengths an address may have, and the 16-byte form in which ipcrypt takes both: an IPv4
 * address stands in {@code ::ffff:0:0/96} there. Source: draft-denis-ipcrypt, sections 9.2 to 9.4.
 */
final class AddressForm {
  static final int V4_BYTES = 4;
  static final int V6_BYTES = 16;

  /** The low half of the 16-byte form of 0.0.0.0; its high half is zero. */
  static final long MAPPED_LOW = 0xffff_0000_0000L;

  private AddressForm() {}

  static void checkLength(int length) {
    if (length != V4_BYTES && length != V6_BYTES) {
      throw new IllegalArgumentException(
          "address of " + length + " bytes: allowed 4 (IPv4) or 16 (IPv6)");
    }
  }

  static void check(byte[] address, int offset, int length) {
    checkLength(length);
    Objects.checkFromIndexSize(offset, length, address.length);
  }

  static void checkEncrypted(byte[] encrypted, int offset, int length, int allowed) {
    if (length != allowed) {
      throw new IllegalArgumentException(
          "encrypted address of " + length + " bytes: allowed " + allowed);
    }
    Objects.checkFromIndexSize(offset, length, encrypted.length);
  }

  /** The first half of an address's 16-byte form. */
  static long high(byte[] address, int offset, int length) {
    return length == V4_BYTES ? 0 : BigEndian.readLong(address, offset);
  }

  /** The second half of an address's 16-byte form. */
  static long low(byte[] address, int offset, int length) {
    return length == V4_BYTES
        ? MAPPED_LOW | Integer.toUnsignedLong(BigEndian.readInt(address, offset))
        : BigEndian.readLong(address, offset + Long.BYTES);
  }

  static boolean isMapped(long high, long low) {
    return high == 0 && low >>> Integer.SIZE == MAPPED_LOW >>> Integer.SIZE;
  }

  /** Writes an address that is in 16-byte form, and tells how many bytes it took: 4 or 16. */
  static int write(long high, long low, byte[] out, int outOffset) {
    var length = isMapped(high, low) ? V4_BYTES : V6_BYTES;
    Objects.checkFromIndexSize(outOffset, length, out.length);
    if (length == V4_BYTES) {
      BigEndian.write((int) low, out, outOffset);
    } else {
      BigEndian.write(high, out, outOffset);
      BigEndian.write(low, out, outOffset + Long.BYTES);
    }
    return length;
  }
}
