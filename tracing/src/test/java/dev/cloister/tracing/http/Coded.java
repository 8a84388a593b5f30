package dev.cloister.tracing.http;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;

/** Contents in their codings, as the JDK writes them. */
final class Coded {
  private Coded() {}

  /** Puts a coder before memory. */
  private interface Coder {
    OutputStream before(OutputStream out) throws IOException;
  }

  private static byte[] coded(byte[] plain, Coder coder) {
    var coded = new ByteArrayOutputStream();
    try (var out = coder.before(coded)) {
      out.write(plain);
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory does not fail", e);
    }
    return coded.toByteArray();
  }

  static byte[] gzip(byte[] plain) {
    return coded(plain, GZIPOutputStream::new);
  }

  static byte[] deflate(byte[] plain, boolean isRaw) {
    var deflater = new Deflater(Deflater.BEST_COMPRESSION, isRaw);
    try {
      return coded(plain, out -> new DeflaterOutputStream(out, deflater));
    } finally {
      deflater.end();
    }
  }
}
