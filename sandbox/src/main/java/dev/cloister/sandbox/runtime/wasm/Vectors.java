package dev.cloister.sandbox.runtime.wasm;

import com.dylibso.chicory.runtime.Instance;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** The pieces of a guest's memory that a call is to read or write, each within it. */
final class Vectors {
  static final int MOST = 1024;
  private static final int BYTES = 8;

  private final Instance guest;
  private final long address;
  private final int count;
  private int index;
  private int done;

  private Vectors(Instance guest, long address, int count) {
    this.guest = guest;
    this.address = address;
    this.count = count;
  }

  /** Looks at each before anything is done. */
  static Vectors of(Instance guest, long address, long count) throws FileRefused {
    if ((count & 0xffff_ffffL) > MOST) {
      throw new FileRefused(Errno.INVALID);
    }
    var vectors = new Vectors(guest, address, (int) count);
    for (var i = 0; i < count; i++) {
      at(guest, address, i);
    }
    return vectors;
  }

  /** The one of this index. */
  static Span at(Instance guest, long vectors, int index) {
    var vector =
        ByteBuffer.wrap(
                Span.of(guest, (vectors & 0xffff_ffffL) + (long) BYTES * index, BYTES).read())
            .order(ByteOrder.LITTLE_ENDIAN);
    return Span.of(guest, vector.getInt(), vector.getInt());
  }

  /** What comes next, of one vector and no more than this; empty at the end. */
  Span next(int most) {
    while (index < count) {
      var vector = at(guest, address, index);
      // A read may have overwritten the vectors themselves: what they say now lies within, too.
      if (done < vector.length()) {
        var piece = vector.from(done).atMost(most);
        done += piece.length();
        return piece;
      }
      index++;
      done = 0;
    }
    return new Span(guest.memory(), 0, 0);
  }
}
