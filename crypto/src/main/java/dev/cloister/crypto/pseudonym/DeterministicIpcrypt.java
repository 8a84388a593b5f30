package dev.cloister.crypto.pseudonym;

import static dev.cloister.crypto.pseudonym.AesBlocks.BLOCK_BYTES;

import java.util.Arrays;
import java.util.Objects;

/** One block of AES-128 over an address's 16-byte form. */
final class DeterministicIpcrypt implements Ipcrypt {
  static final String NAME = "ipcrypt-deterministic";

  private final Lifetime lifetime = new Lifetime(NAME);
  private final AesBlocks encryption;
  private final AesBlocks decryption;
  private final byte[] in = new byte[BLOCK_BYTES];
  private final byte[] made = new byte[BLOCK_BYTES];

  DeterministicIpcrypt(byte[] key) {
    this.encryption = AesBlocks.encrypting(key, 0);
    this.decryption = AesBlocks.decrypting(key, 0);
  }

  @Override
  public int encryptedBytes(int addressBytes) {
    AddressForm.checkLength(addressBytes);
    return BLOCK_BYTES;
  }

  @Override
  public synchronized int encrypt(
      byte[] address, int offset, int length, byte[] out, int outOffset) {
    lifetime.check();
    AddressForm.check(address, offset, length);
    Objects.checkFromIndexSize(outOffset, BLOCK_BYTES, out.length);
    BigEndian.write(AddressForm.high(address, offset, length), in, 0);
    BigEndian.write(AddressForm.low(address, offset, length), in, Long.BYTES);
    encryption.run(in, 1, made);
    System.arraycopy(made, 0, out, outOffset, BLOCK_BYTES);
    return BLOCK_BYTES;
  }

  @Override
  public synchronized int decrypt(
      byte[] encrypted, int offset, int length, byte[] out, int outOffset) {
    lifetime.check();
    AddressForm.checkEncrypted(encrypted, offset, length, BLOCK_BYTES);
    System.arraycopy(encrypted, offset, in, 0, BLOCK_BYTES);
    decryption.run(in, 1, made);
    return AddressForm.write(
        BigEndian.readLong(made, 0), BigEndian.readLong(made, Long.BYTES), out, outOffset);
  }

  @Override
  public synchronized void close() {
    if (lifetime.end()) {
      encryption.forget();
      decryption.forget();
      Arrays.fill(in, (byte) 0);
      Arrays.fill(made, (byte) 0);
    }
  }

  @Override
  public synchronized String toString() {
    return lifetime.toString();
  }
}
