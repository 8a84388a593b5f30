package dev.cloister.crypto.pseudonym;

import dev.cloister.core.key.EphemeralKey;
import dev.cloister.core.key.SecretMemory;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.random.RandomGenerator;

/** What the tests of this package begin with. */
final class Given {
  private Given() {}

  static EphemeralKey key(String hex) {
    return SecretMemory.onHeap(64).keep(HexFormat.of().parseHex(hex));
  }

  /** A key of bytes that don't matter, but whose halves differ. */
  static EphemeralKey anyKey(int sizeBytes) {
    var bytes = new byte[sizeBytes];
    for (var i = 0; i < sizeBytes; i++) {
      bytes[i] = (byte) (i * 7 + 1);
    }
    return SecretMemory.onHeap(sizeBytes).keep(bytes);
  }

  /** 16 bytes for what is written as IPv6, also where the JDK would read IPv4 in it. */
  static byte[] address(String text) {
    var bytes = InetAddress.ofLiteral(text).getAddress();
    if (bytes.length == 16 || !text.contains(":")) {
      return bytes;
    }
    var mapped = Arrays.copyOf(HexFormat.of().parseHex("00000000000000000000ffff"), 16);
    System.arraycopy(bytes, 0, mapped, 12, 4);
    return mapped;
  }

  static byte[] randomBytes(RandomGenerator random, int sizeBytes) {
    var bytes = new byte[sizeBytes];
    random.nextBytes(bytes);
    return bytes;
  }

  /** Encrypts in the way that a test reads best. */
  static byte[] encrypt(Ipcrypt scheme, byte[] address) {
    var out = new byte[scheme.encryptedBytes(address.length)];
    var written = scheme.encrypt(address, 0, address.length, out, 0);
    return Arrays.copyOf(out, written);
  }

  static byte[] encrypt(Ipcrypt.Tweaked scheme, byte[] address, byte[] tweak) {
    var out = new byte[scheme.encryptedBytes(address.length)];
    var written = scheme.encrypt(address, 0, address.length, tweak, 0, out, 0);
    return Arrays.copyOf(out, written);
  }

  static byte[] decrypt(Ipcrypt scheme, byte[] encrypted) {
    var out = new byte[16];
    var written = scheme.decrypt(encrypted, 0, encrypted.length, out, 0);
    return Arrays.copyOf(out, written);
  }

  static byte[] pseudonym(CryptoPan map, byte[] address) {
    var out = new byte[address.length];
    map.pseudonym(address, 0, address.length, out, 0);
    return out;
  }

  static byte[] original(CryptoPan map, byte[] pseudonym) {
    var out = new byte[pseudonym.length];
    map.original(pseudonym, 0, pseudonym.length, out, 0);
    return out;
  }
}
