package dev.cloister.crypto.pseudonym;

import static dev.cloister.crypto.pseudonym.AddressForm.V4_BYTES;
import static dev.cloister.crypto.pseudonym.AddressForm.V6_BYTES;

import java.util.Objects;

/** A prefix-preserving map that takes an IPv4 address in its 16-byte form for what it is. */
final class PfxIpcrypt implements Ipcrypt {
  static final String NAME = "ipcrypt-pfx";

  private static final int V4_OFFSET = V6_BYTES - V4_BYTES;

  private final Lifetime lifetime = new Lifetime(NAME);
  private final PrefixPreservingMap map;

  PfxIpcrypt(byte[] key) {
    LentKey.checkHalves(key, NAME);
    this.map = new PrefixPreservingMap(new PfxPads(key));
  }

  @Override
  public int encryptedBytes(int addressBytes) {
    AddressForm.checkLength(addressBytes);
    return addressBytes;
  }

  @Override
  public synchronized int encrypt(
      byte[] address, int offset, int length, byte[] out, int outOffset) {
    lifetime.check();
    if (isMapped(address, offset, length, out, outOffset)) {
      map.pseudonym(address, offset + V4_OFFSET, V4_BYTES, out, outOffset + V4_OFFSET);
      writeMappedPrefix(out, outOffset);
    } else {
      map.pseudonym(address, offset, length, out, outOffset);
    }
    return length;
  }

  @Override
  public synchronized int decrypt(
      byte[] encrypted, int offset, int length, byte[] out, int outOffset) {
    lifetime.check();
    if (isMapped(encrypted, offset, length, out, outOffset)) {
      map.original(encrypted, offset + V4_OFFSET, V4_BYTES, out, outOffset + V4_OFFSET);
      writeMappedPrefix(out, outOffset);
    } else {
      map.original(encrypted, offset, length, out, outOffset);
    }
    return length;
  }

  private static boolean isMapped(
      byte[] address, int offset, int length, byte[] out, int outOffset) {
    AddressForm.check(address, offset, length);
    Objects.checkFromIndexSize(outOffset, length, out.length);
    return length == V6_BYTES
        && AddressForm.isMapped(
            BigEndian.readLong(address, offset), AddressForm.low(address, offset, length));
  }

  private static void writeMappedPrefix(byte[] out, int outOffset) {
    BigEndian.write(0L, out, outOffset);
    BigEndian.write((int) (AddressForm.MAPPED_LOW >>> Integer.SIZE), out, outOffset + Long.BYTES);
  }

  @Override
  public synchronized void close() {
    if (lifetime.end()) {
      map.forget();
    }
  }

  @Override
  public synchronized String toString() {
    return lifetime.toString();
  }
}
