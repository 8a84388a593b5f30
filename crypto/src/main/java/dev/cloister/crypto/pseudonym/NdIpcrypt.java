package dev.cloister.crypto.pseudonym;

import static dev.cloister.crypto.pseudonym.AesBlocks.BLOCK_BYTES;

import java.security.SecureRandom;
import java.util.Objects;

/** A tweak of 8 bytes, then KIASU-BC over an address's 16-byte form. */
final class NdIpcrypt implements Ipcrypt.Tweaked {
  static final String NAME = "ipcrypt-nd";

  private static final int TWEAK_BYTES = Long.BYTES;
  private static final int ENCRYPTED_BYTES = TWEAK_BYTES + BLOCK_BYTES;

  private final Lifetime lifetime = new Lifetime(NAME);
  private final KiasuBlock cipher;
  private final RandomTweaks tweaks;

  NdIpcrypt(byte[] key, SecureRandom random) {
    this.cipher = new KiasuBlock(key);
    this.tweaks = new RandomTweaks(random);
  }

  @Override
  public int tweakBytes() {
    return TWEAK_BYTES;
  }

  @Override
  public int encryptedBytes(int addressBytes) {
    AddressForm.checkLength(addressBytes);
    return ENCRYPTED_BYTES;
  }

  @Override
  public synchronized int encrypt(
      byte[] address, int offset, int length, byte[] out, int outOffset) {
    return encrypt(address, offset, length, tweaks.nextLong(), out, outOffset);
  }

  @Override
  public synchronized int encrypt(
      byte[] address,
      int offset,
      int length,
      byte[] tweak,
      int tweakOffset,
      byte[] out,
      int outOffset) {
    Objects.checkFromIndexSize(tweakOffset, TWEAK_BYTES, tweak.length);
    return encrypt(address, offset, length, BigEndian.readLong(tweak, tweakOffset), out, outOffset);
  }

  private int encrypt(
      byte[] address, int offset, int length, long tweak, byte[] out, int outOffset) {
    lifetime.check();
    AddressForm.check(address, offset, length);
    Objects.checkFromIndexSize(outOffset, ENCRYPTED_BYTES, out.length);
    cipher.encrypt(
        AddressForm.high(address, offset, length), AddressForm.low(address, offset, length), tweak);
    BigEndian.write(tweak, out, outOffset);
    BigEndian.write(cipher.high(), out, outOffset + TWEAK_BYTES);
    BigEndian.write(cipher.low(), out, outOffset + TWEAK_BYTES + Long.BYTES);
    return ENCRYPTED_BYTES;
  }

  @Override
  public synchronized int decrypt(
      byte[] encrypted, int offset, int length, byte[] out, int outOffset) {
    lifetime.check();
    AddressForm.checkEncrypted(encrypted, offset, length, ENCRYPTED_BYTES);
    cipher.decrypt(
        BigEndian.readLong(encrypted, offset + TWEAK_BYTES),
        BigEndian.readLong(encrypted, offset + TWEAK_BYTES + Long.BYTES),
        BigEndian.readLong(encrypted, offset));
    return AddressForm.write(cipher.high(), cipher.low(), out, outOffset);
  }

  @Override
  public synchronized void close() {
    if (lifetime.end()) {
      cipher.forget();
    }
  }

  @Override
  public synchronized String toString() {
    return lifetime.toString();
  }
}
