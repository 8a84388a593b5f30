package dev.cloister.crypto.pseudonym;

import java.util.Objects;

/** The lengths an address may have. */
final class AddressForm {
  static final int V4_BYTES = 4;
  static final int V6_BYTES = 16;

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
}
