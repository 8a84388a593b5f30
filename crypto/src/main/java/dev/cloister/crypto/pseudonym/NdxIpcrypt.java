package dev.cloister.crypto.pseudonym;

import static dev.cloister.crypto.pseudonym.AesBlocks.BLOCK_BYTES;
import static dev.cloister.crypto.pseudonym.AesBlocks.KEY_BYTES;

import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Objects;

/** A tweak of 16 bytes, then AES-XTS over an address's 16-byte form: one block, the first. */
final class NdxIpcrypt implements Ipcrypt.Tweaked {
  static final String NAME = "ipcrypt-ndx";

  private static final int TWEAK_BYTES = BLOCK_BYTES;
  private static final int ENCRYPTED_BYTES = TWEAK_BYTES + BLOCK_BYTES;

  private final Lifetime lifetime = new Lifetime(NAME);
  private final AesBlocks encryption;
  private final AesBlocks decryption;
  private final AesBlocks tweakEncryption;
  private final RandomTweaks tweaks;
  private final byte[] in = new byte[BLOCK_BYTES];
  private final byte[] made = new byte[BLOCK_BYTES];

  NdxIpcrypt(byte[] key, SecureRandom random) {
    LentKey.checkHalves(key, NAME);
    this.encryption = AesBlocks.encrypting(key, 0);
    this.decryption = AesBlocks.decrypting(key, 0);
    this.tweakEncryption = AesBlocks.encrypting(key, KEY_BYTES);
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
    return encrypt(address, offset, length, tweaks.nextLong(), tweaks.nextLong(), out, outOffset);
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
    return encrypt(
        address,
        offset,
        length,
        BigEndian.readLong(tweak, tweakOffset),
        BigEndian.readLong(tweak, tweakOffset + Long.BYTES),
        out,
        outOffset);
  }

  private int encrypt(
      byte[] address,
      int offset,
      int length,
      long tweakHigh,
      long tweakLow,
      byte[] out,
      int outOffset) {
    lifetime.check();
    AddressForm.check(address, offset, length);
    Objects.checkFromIndexSize(outOffset, ENCRYPTED_BYTES, out.length);
    run(
        encryption,
        AddressForm.high(address, offset, length),
        AddressForm.low(address, offset, length),
        tweakHigh,
        tweakLow);
    BigEndian.write(tweakHigh, out, outOffset);
    BigEndian.write(tweakLow, out, outOffset + Long.BYTES);
    System.arraycopy(made, 0, out, outOffset + TWEAK_BYTES, BLOCK_BYTES);
    return ENCRYPTED_BYTES;
  }

  @Override
  public synchronized int decrypt(
      byte[] encrypted, int offset, int length, byte[] out, int outOffset) {
    lifetime.check();
    AddressForm.checkEncrypted(encrypted, offset, length, ENCRYPTED_BYTES);
    run(
        decryption,
        BigEndian.readLong(encrypted, offset + TWEAK_BYTES),
        BigEndian.readLong(encrypted, offset + TWEAK_BYTES + Long.BYTES),
        BigEndian.readLong(encrypted, offset),
        BigEndian.readLong(encrypted, offset + Long.BYTES));
    return AddressForm.write(
        BigEndian.readLong(made, 0), BigEndian.readLong(made, Long.BYTES), out, outOffset);
  }

  /** Leaves in {@link #made} the block, masked by the encrypted tweak before and after. */
  private void run(AesBlocks cipher, long high, long low, long tweakHigh, long tweakLow) {
    BigEndian.write(tweakHigh, in, 0);
    BigEndian.write(tweakLow, in, Long.BYTES);
    tweakEncryption.run(in, 1, made);
    var maskHigh = BigEndian.readLong(made, 0);
    var maskLow = BigEndian.readLong(made, Long.BYTES);
    BigEndian.write(high ^ maskHigh, in, 0);
    BigEndian.write(low ^ maskLow, in, Long.BYTES);
    cipher.run(in, 1, made);
    BigEndian.write(BigEndian.readLong(made, 0) ^ maskHigh, made, 0);
    BigEndian.write(BigEndian.readLong(made, Long.BYTES) ^ maskLow, made, Long.BYTES);
  }

  @Override
  public synchronized void close() {
    if (lifetime.end()) {
      encryption.forget();
      decryption.forget();
      tweakEncryption.forget();
      Arrays.fill(in, (byte) 0);
      Arrays.fill(made, (byte) 0);
    }
  }

  @Override
  public synchronized String toString() {
    return lifetime.toString();
  }
}
