package dev.cloister.tor.node;

import dev.cloister.sandbox.session.CellChannel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** What nodes of these tests do for their clients, and how these ask for it. */
final class Echo {
  private static final int PIECE_BYTES = 4096;

  private Echo() {}

  /** Gives back what comes, until its client leaves. */
  static void serve(CellChannel channel) {
    var piece = ByteBuffer.allocate(PIECE_BYTES);
    try {
      while (channel.read(piece.clear()) >= 0) {
        channel.write(piece.flip());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Asks for a text, and returns what came. */
  static String of(CellChannel channel, String text) throws IOException {
    channel.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII)));
    var back = ByteBuffer.allocate(text.length());
    while (back.hasRemaining() && channel.read(back) >= 0) {
      // More may come.
    }
    return StandardCharsets.US_ASCII.decode(back.flip()).toString();
  }
}
