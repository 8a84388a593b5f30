package dev.cloister.tracing.anonymize;

import dev.cloister.core.key.EphemeralKey;
import dev.cloister.core.key.KeyRing;
import dev.cloister.core.key.SecretAccess;
import dev.cloister.crypto.pseudonym.Ipcrypt;
import dev.cloister.crypto.pseudonym.KeyedHash;
import dev.cloister.tracing.internal.JsonLine;
import dev.cloister.tracing.record.AddressText;
import dev.cloister.tracing.record.Field;
import dev.cloister.tracing.record.FieldType;
import dev.cloister.tracing.record.RawRecord;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

/** Writes the value of one field as its transform has it. For one thread. */
interface FieldWriter extends AutoCloseable {

  /** Writes a value; the field is set in the record. */
  void write(RawRecord found, Field field, JsonLine line);

  /** Destroys the key, where there is one. */
  @Override
  default void close() {}

  /** Makes the writer for a field; its key is derived from the field's own path. */
  static FieldWriter of(FieldPlan plan, KeyRing keys) {
    var field = plan.field();
    return switch (plan.transform()) {
      case Transform.Keep _ -> kept(field.type());
      case Transform.Drop _ ->
          throw new IllegalArgumentException(field + " is dropped: nothing writes it");
      case Transform.PrefixPreserving _ -> new Prefixed(keys, field);
      case Transform.Hash hash -> new Hashed(keys, field, hash.bytes());
      case Transform.Truncate truncate -> new Truncated(truncate.bits());
      case Transform.Bucket bucket -> bucket(field.type(), bucket.size());
      case Transform.Constant constant -> constant(constant);
      case Transform.Shift _ -> shifted(keys);
      case Transform.PortClass _ ->
          (found, f, line) -> line.json().writeString(portClass(found.number(f)));
      case Transform.Url url -> new UrlWriter(keys, field, url.parts());
    };
  }

  private static FieldWriter kept(FieldType type) {
    return switch (type) {
      case ADDRESS ->
          (found, f, line) ->
              address(found.bytes(), found.offset(f), found.length(f), line, newText());
      case TIME -> (found, f, line) -> line.json().writeNumber(micros(found.number(f)));
      case PORT, NUMBER -> (found, f, line) -> line.json().writeNumber(found.number(f));
      case KEYWORD, TEXT, URL ->
          (found, f, line) -> line.text(found.bytes(), found.offset(f), found.length(f));
    };
  }

  private static long micros(long nanos) {
    return Math.floorDiv(nanos, 1000);
  }

  private static byte[] newText() {
    return new byte[AddressText.CHARACTERS_MAX];
  }

  private static void address(byte[] bytes, int offset, int length, JsonLine line, byte[] text) {
    var end = AddressText.write(bytes, offset, length, text, 0);
    line.json().writeUTF8String(text, 0, end);
  }

  private static FieldWriter bucket(FieldType type, long size) {
    return (found, f, line) -> {
      var value = type == FieldType.TIME ? micros(found.number(f)) : found.number(f);
      line.json().writeNumber(Math.floorDiv(value, size) * size);
    };
  }

  private static FieldWriter constant(Transform.Constant constant) {
    return constant.isNumber()
        ? (_, _, line) -> line.json().writeNumber(constant.value())
        : (_, _, line) -> line.json().writeString(constant.value());
  }

  /**
   * One amount for all times of a trace, up to five years either way; of whole microseconds, so
   * that differences stay what they are without it.
   */
  private static FieldWriter shifted(KeyRing keys) {
    var years = TimeUnit.DAYS.toMicros(5 * 365);
    long shift;
    try (var key = keys.derived("policy/shift", Long.BYTES)) {
      shift =
          key.use(
              SecretAccess.granted(),
              bytes -> Math.floorMod(ByteBuffer.wrap(bytes).getLong(), 2 * years) - years);
    }
    return (found, f, line) -> line.json().writeNumber(micros(found.number(f)) + shift);
  }

  /** The ranges of RFC 6335, section 6. */
  private static String portClass(long port) {
    if (port < 1024) {
      return "system";
    }
    return port < 49_152 ? "user" : "dynamic";
  }

  private static EphemeralKey key(KeyRing keys, Field field, String purpose, int bytes) {
    return keys.derived("policy/" + purpose + "/" + field.fullPath(), bytes);
  }

  /** Prefix-preserving pseudonyms by ipcrypt-pfx. */
  final class Prefixed implements FieldWriter {
    private final EphemeralKey key;
    private final Ipcrypt pfx;
    private final byte[] pseudonym = new byte[16];
    private final byte[] text = newText();
    private final TextCache cache = new TextCache();

    Prefixed(KeyRing keys, Field field) {
      this.key = key(keys, field, "prefix", Ipcrypt.PFX_KEY_BYTES);
      this.pfx = Ipcrypt.pfx(key);
    }

    @Override
    public void write(RawRecord found, Field field, JsonLine line) {
      var bytes = found.bytes();
      var offset = found.offset(field);
      var length = found.length(field);
      var known = cache.find(bytes, offset, length);
      if (known.length == 0) {
        var end = AddressText.write(pseudonym, 0, pseudonym(bytes, offset, length), text, 0);
        cache.put(bytes, offset, length, text, end);
        line.json().writeUTF8String(text, 0, end);
      } else {
        line.json().writeUTF8String(known, 0, known.length);
      }
    }

    private int pseudonym(byte[] bytes, int offset, int length) {
      return pfx.encrypt(bytes, offset, length, pseudonym, 0);
    }

    @Override
    public void close() {
      pfx.close();
      key.close();
      cache.clear();
    }
  }

  /** Names in hex. */
  final class Hashed implements FieldWriter {
    private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

    private final EphemeralKey key;
    private final KeyedHash hash;
    private final byte[] digest;
    private final byte[] text;
    private final TextCache cache = new TextCache();

    Hashed(KeyRing keys, Field field, int bytes) {
      this(key(keys, field, "hash", KeyedHash.KEY_BYTES), bytes);
    }

    Hashed(EphemeralKey key, int bytes) {
      this.key = key;
      this.hash = KeyedHash.with(key, bytes);
      this.digest = new byte[bytes];
      this.text = new byte[2 * bytes];
    }

    @Override
    public void write(RawRecord found, Field field, JsonLine line) {
      write(found.bytes(), found.offset(field), found.length(field), line);
    }

    void write(byte[] bytes, int offset, int length, JsonLine line) {
      var known = cache.find(bytes, offset, length);
      if (known.length == 0) {
        name(bytes, offset, length);
        cache.put(bytes, offset, length, text, text.length);
        known = text;
      }
      line.json().writeUTF8String(known, 0, known.length);
    }

    private void name(byte[] bytes, int offset, int length) {
      hash.hash(bytes, offset, length, digest, 0);
      for (var i = 0; i < digest.length; i++) {
        text[2 * i] = HEX[(digest[i] >> 4) & 0xf];
        text[2 * i + 1] = HEX[digest[i] & 0xf];
      }
    }

    @Override
    public void close() {
      hash.close();
      key.close();
      cache.clear();
    }
  }

  /** The first bits. */
  final class Truncated implements FieldWriter {
    private final int bits;
    private final byte[] prefix = new byte[16];
    private final byte[] text = newText();

    Truncated(int bits) {
      this.bits = bits;
    }

    @Override
    public void write(RawRecord found, Field field, JsonLine line) {
      var length = found.length(field);
      for (var i = 0; i < length; i++) {
        var kept = Math.clamp(bits - Byte.SIZE * i, 0, Byte.SIZE);
        prefix[i] = (byte) (found.bytes()[found.offset(field) + i] & (0xff00 >> kept));
      }
      address(prefix, 0, length, line, text);
    }
  }
}
