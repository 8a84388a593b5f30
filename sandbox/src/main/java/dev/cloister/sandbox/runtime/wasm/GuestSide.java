package dev.cloister.sandbox.runtime.wasm;

import com.dylibso.chicory.runtime.Instance;
import dev.cloister.sandbox.guest.DirectCalls.Outcome;
import dev.cloister.sandbox.guest.DirectCalls.Reply;
import dev.cloister.sandbox.guest.Request;
import dev.cloister.sandbox.runtime.Ending;
import dev.cloister.sandbox.runtime.Ending.Cause;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What the imports of one guest have in common: its calls, what it was given to read, what it
 * wrote, and what it was refused. Used by the guest's thread; what was refused and written is read
 * by any.
 */
final class GuestSide {
  /** How much is kept of what a guest writes. */
  private static final int KEPT_BYTES = 512;

  private final Desk desk;

  /** The guest's directory, where it was given one. */
  final Optional<GuestFiles> files;

  /** What the guest finds on its standard input. */
  final byte[] input;

  private byte[] kept = {};
  private final Map<String, Long> refused = new TreeMap<>();
  private @Nullable String limit;

  GuestSide(Desk desk, Optional<GuestFiles> files, byte[] input) {
    this.desk = desk;
    this.files = files;
    this.input = input;
  }

  /** Makes a call; an interruption is the guest's end. */
  Reply ask(Request request, byte[] body) {
    try {
      var reply = desk.ask(calls -> calls.carry(request, body));
      if (reply.outcome() == Outcome.REFUSED) {
        refusedBy(new String(reply.body(), StandardCharsets.UTF_8));
      }
      return reply;
    } catch (InterruptedException _) {
      throw interrupted();
    }
  }

  /** Makes a call on files; what the guest's own addresses trap with, it traps with here. */
  int carry(GuestFiles files, String call, Instance guest, long[] arguments) {
    try {
      var outcome = desk.ask(_ -> files.carry(call, guest, arguments));
      if (outcome.trap() != null) {
        throw outcome.trap();
      }
      return outcome.errno();
    } catch (InterruptedException _) {
      throw interrupted();
    }
  }

  /** Unwinds a guest whose thread was interrupted, so that whatever waits next does not. */
  static Halt interrupted() {
    Thread.currentThread().interrupt();
    return new Halt(Ending.of(Cause.CLOSED));
  }

  private synchronized void refusedBy(String rule) {
    if (rule.startsWith("limits.")) {
      limit = rule.substring("limits.".length());
    }
  }

  /** The name of the limit that a call last went beyond. */
  synchronized @Nullable String limit() {
    return limit;
  }

  /** Counts a call of WASI that this guest was denied. */
  synchronized void deny(String call) {
    refused.merge(call, 1L, Long::sum);
  }

  synchronized Map<String, Long> denied() {
    return Map.copyOf(refused);
  }

  /** Takes what the guest writes to its standard output and error, and forgets all but the end. */
  synchronized void write(byte[] piece) {
    var both = Arrays.copyOf(kept, kept.length + piece.length);
    System.arraycopy(piece, 0, both, kept.length, piece.length);
    kept = Arrays.copyOfRange(both, Math.max(0, both.length - KEPT_BYTES), both.length);
  }

  /** Returns the last line that was written; empty when there was none. */
  synchronized String lastLine() {
    var lines = new String(kept, StandardCharsets.UTF_8).strip().lines().toList();
    return lines.isEmpty() ? "" : lines.getLast();
  }

  /** How much of a piece can still matter. */
  static int worthKeeping() {
    return KEPT_BYTES;
  }
}
