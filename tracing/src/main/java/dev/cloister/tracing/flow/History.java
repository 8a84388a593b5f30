package dev.cloister.tracing.flow;

/**
 * The last bytes of a direction that were given to the listener, to compare later copies with. A
 * ring that grows from small to its bound.
 */
final class History {
  static final int BYTES_MIN = 2048;

  private byte[] ring = new byte[BYTES_MIN];

  /** Position in the stream behind the newest byte. */
  private long end;

  /** How many bytes before {@link #end} are held. */
  private int held;

  /** When the reassembler last moved this to the end of its list. */
  long listedAt;

  int sizeBytes() {
    return ring.length;
  }

  /** Remembers bytes that stand at a position; returns by how much the ring grew. */
  int append(long position, byte[] bytes, int offset, int length, int bytesMax) {
    if (position != end) {
      // A gap lies before them.
      held = 0;
    }
    var grown = grow(length, bytesMax);
    end = position + length;
    var kept = Math.min(length, ring.length);
    var from = offset + length - kept;
    var at = (int) (end - kept) & ring.length - 1;
    var first = Math.min(kept, ring.length - at);
    System.arraycopy(bytes, from, ring, at, first);
    System.arraycopy(bytes, from + first, ring, 0, kept - first);
    held = Math.min(held + length, ring.length);
    return grown;
  }

  private int grow(int length, int bytesMax) {
    var wanted = held + length;
    var size = ring.length;
    while (size < wanted && size < bytesMax) {
      size *= 2;
    }
    if (size == ring.length) {
      return 0;
    }
    var larger = new byte[size];
    for (var position = end - held; position < end; position++) {
      larger[(int) position & size - 1] = ring[(int) position & ring.length - 1];
    }
    var grown = size - ring.length;
    ring = larger;
    return grown;
  }

  /** Returns the first position that can be compared. */
  long start() {
    return end - held;
  }

  /** Counts the bytes that differ; all positions must be held. */
  int differing(long position, byte[] bytes, int offset, int length) {
    var differing = 0;
    for (var i = 0; i < length; i++) {
      if (ring[(int) (position + i) & ring.length - 1] != bytes[offset + i]) {
        differing++;
      }
    }
    return differing;
  }
}
