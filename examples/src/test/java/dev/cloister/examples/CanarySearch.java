package dev.cloister.examples;

import dev.cloister.examples.Needles.Needle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * Finds canaries in files, in one pass over all their forms, and inside compressed streams that
 * begin anywhere in them. Source of the automaton: Aho and Corasick, 1975.
 */
final class CanarySearch {
  private static final int NONE = -1;
  private static final int SYMBOLS = 256;
  private static final int INFLATED_BYTES_MAX = 1 << 20;

  private final List<Needle> needles;

  /** The next state for each state and byte; {@link #NONE} while it is being built. */
  private int[] next = new int[SYMBOLS];

  /** The first needle that ends in a state. */
  private int[] found = new int[1];

  private int states = 1;

  private CanarySearch(List<Needle> needles) {
    this.needles = needles;
    Arrays.fill(next, NONE);
    Arrays.fill(found, NONE);
    for (var i = 0; i < needles.size(); i++) {
      add(needles.get(i).bytes, i);
    }
    link();
  }

  static CanarySearch forAll(Collection<Canary> canaries) {
    return new CanarySearch(canaries.stream().flatMap(c -> Needles.of(c).stream()).toList());
  }

  private void add(byte[] needle, int number) {
    var state = 0;
    for (var symbol : needle) {
      var at = state * SYMBOLS + (symbol & 0xff);
      if (next[at] == NONE) {
        var added = newState();
        next[at] = added;
      }
      state = next[at];
    }
    if (found[state] == NONE) {
      found[state] = number;
    }
  }

  private int newState() {
    if (states == found.length) {
      next = grown(next);
      found = grown(found);
    }
    return states++;
  }

  private static int[] grown(int[] array) {
    var larger = Arrays.copyOf(array, 2 * array.length);
    Arrays.fill(larger, array.length, larger.length, NONE);
    return larger;
  }

  /** Gives each state what follows after a mismatch, in the order of their depth. */
  private void link() {
    var fallback = new int[states];
    var queue = new ArrayDeque<Integer>();
    queue.add(0);
    while (!queue.isEmpty()) {
      var state = queue.remove();
      if (found[state] == NONE) {
        found[state] = found[fallback[state]];
      }
      for (var symbol = 0; symbol < SYMBOLS; symbol++) {
        var at = state * SYMBOLS + symbol;
        var other = state == 0 ? 0 : next[fallback[state] * SYMBOLS + symbol];
        if (next[at] == NONE) {
          next[at] = other;
        } else {
          fallback[next[at]] = other;
          queue.add(next[at]);
        }
      }
    }
  }

  /** Returns what was found in files, as form and file. */
  Set<String> in(Collection<Path> files) throws IOException {
    var finds = new TreeSet<String>();
    for (var file : files) {
      try {
        for (var find : in(Files.readAllBytes(file))) {
          finds.add(find + " in " + file);
        }
      } catch (NoSuchFileException _) {
        // In shared memory, and another process's.
      }
    }
    return finds;
  }

  /** Returns what was found, by the names of the needles. */
  Set<String> in(byte[] bytes) {
    var finds = new TreeSet<String>();
    scan(bytes, bytes.length, "", finds);
    inflate(bytes, finds);
    return finds;
  }

  private void scan(byte[] bytes, int length, String where, Set<String> finds) {
    var state = 0;
    for (var i = 0; i < length; i++) {
      state = next[state * SYMBOLS + (bytes[i] & 0xff)];
      if (found[state] != NONE) {
        finds.add(needles.get(found[state]).name + where);
      }
    }
  }

  private void inflate(byte[] bytes, Set<String> finds) {
    var out = new byte[INFLATED_BYTES_MAX];
    try (var zlib = new Inflater();
        var bare = new Inflater(true)) {
      for (var i = 0; i + 2 < bytes.length; i++) {
        if (isZlib(bytes, i)) {
          scan(out, inflated(zlib, bytes, i, out), " in zlib", finds);
        } else if (isGzip(bytes, i)) {
          scan(out, inflated(bare, bytes, gzipBody(bytes, i), out), " in gzip", finds);
        }
      }
    }
  }

  /** RFC 1950 section 2.2: deflate, with a window that is allowed, and a check of the two bytes. */
  private static boolean isZlib(byte[] bytes, int at) {
    var method = bytes[at] & 0xff;
    return (method & 0x0f) == 8
        && method >> 4 <= 7
        && ((method << Byte.SIZE) | (bytes[at + 1] & 0xff)) % 31 == 0;
  }

  /** RFC 1952 section 2.3.1. */
  private static boolean isGzip(byte[] bytes, int at) {
    return bytes[at] == 0x1f && bytes[at + 1] == (byte) 0x8b && bytes[at + 2] == 8;
  }

  /**
   * Passes over the header: its extra field, name, comment and check are there when a flag says.
   */
  private static int gzipBody(byte[] bytes, int at) {
    var body = at + 10;
    var flags = at + 3 < bytes.length ? bytes[at + 3] : 0;
    if ((flags & 4) != 0 && body + 1 < bytes.length) {
      body += 2 + (bytes[body] & 0xff) + ((bytes[body + 1] & 0xff) << Byte.SIZE);
    }
    for (var text = flags & 0x18; text != 0; text &= text - 1) {
      while (body < bytes.length && bytes[body] != 0) {
        body++;
      }
      body++;
    }
    return body + ((flags & 2) != 0 ? 2 : 0);
  }

  /** Inflates what can be, up to a bound or the first damage. */
  private static int inflated(Inflater inflater, byte[] bytes, int at, byte[] out) {
    if (at >= bytes.length) {
      return 0;
    }
    inflater.reset();
    inflater.setInput(bytes, at, bytes.length - at);
    try {
      var more = 1;
      while (more > 0) {
        var length = Math.toIntExact(inflater.getBytesWritten());
        more = inflater.inflate(out, length, Math.min(4096, out.length - length));
      }
    } catch (DataFormatException _) {
      // Chance looked like a header, or the stream is cut.
    }
    return Math.toIntExact(inflater.getBytesWritten());
  }
}
