package dev.cloister.tracing.flow;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Under any script of segments with overlaps, conflicts and permutations, streams, holes and counts
 * are those of a {@link ByteMap}; and under any limits every byte sent is accounted for once.
 */
final class OverlapModelTest {
  private static final int SCRIPTS = 3_000;

  /** A segment of a script. */
  private static final class Piece {
    final long at;
    final byte[] bytes;

    Piece(long at, byte[] bytes) {
      this.at = at;
      this.bytes = bytes;
    }
  }

  private static List<Piece> script(Random random, boolean isFromSyn) {
    var span = 1 + random.nextInt(random.nextInt(20) == 0 ? 12_000 : 200);
    var whole = new byte[span];
    random.nextBytes(whole);
    var pieces = new ArrayList<Piece>();
    var most = 1 + random.nextInt(Math.max(1, span / 3));
    for (var at = random.nextInt(3) == 0 ? random.nextInt(span) : 0; at < span; ) {
      var length = Math.min(span - at, 1 + random.nextInt(most));
      if (random.nextInt(12) > 0) {
        pieces.add(new Piece(at, Arrays.copyOfRange(whole, at, at + length)));
      }
      at += length;
    }
    for (var i = random.nextInt(15); i > 0; i--) {
      pieces.add(random.nextInt(pieces.size() + 1), again(whole, most, random, isFromSyn));
    }
    mix(pieces, random);
    return pieces;
  }

  /** Any piece of the whole, every other time with bytes that differ. */
  private static Piece again(byte[] whole, int most, Random random, boolean isFromSyn) {
    var from = random.nextInt(whole.length);
    var bytes =
        Arrays.copyOfRange(
            whole, from, Math.min(whole.length, from + 1 + random.nextInt(2 * most)));
    if (random.nextBoolean()) {
      for (var i = random.nextInt(5); i >= 0; i--) {
        bytes[random.nextInt(bytes.length)] ^= 0x20;
      }
    }
    return new Piece(isFromSyn && random.nextInt(10) == 0 ? from - 20L : from, bytes);
  }

  /** Nothing, a few exchanges of neighbours, or any order. */
  private static void mix(List<Piece> pieces, Random random) {
    switch (random.nextInt(3)) {
      case 0 -> {}
      case 1 -> {
        for (var i = 1; i < pieces.size(); i++) {
          if (random.nextInt(4) == 0) {
            Collections.swap(pieces, i - 1, i);
          }
        }
      }
      default -> Collections.shuffle(pieces, random);
    }
  }

  @ParameterizedTest
  @CsvSource({"FIRST,true", "FIRST,false", "LAST,true", "LAST,false"})
  void streamsAndCountsAreThoseOfAByteMap(OverlapPolicy policy, boolean isFromSyn) {
    for (var seed = 0; seed < SCRIPTS; seed++) {
      var random = new Random(seed);
      var script = script(random, isFromSyn);
      var heard = new Heard();
      var link = Link.tracedBy(heard, ReassemblyLimits.forExactness(), policy);
      var initial = random.nextBoolean() ? -random.nextInt(300) : random.nextInt();
      var sender = link.client(initial, 1);
      var model = new ByteMap(policy, isFromSyn);
      if (isFromSyn) {
        sender.open();
      }
      for (var piece : script) {
        sender.data(piece.at, piece.bytes);
        model.add(piece.at, piece.bytes);
      }
      link.end();
      assertSame(seed, heard, link.counts(), model);
    }
  }

  private static void assertSame(int seed, Heard heard, StreamCounts counts, ByteMap model) {
    var what = "seed " + seed;
    assertThat(heard.fromClient(0)).as(what).isEqualTo(model.bytes());
    assertThat(heard.linesOf("gap"))
        .as(what)
        .isEqualTo(model.holes().stream().map("0 > gap "::concat).toList());
    assertThat(counts.dataBytes()).as(what).isEqualTo(model.dataBytes());
    assertThat(counts.holeBytes()).as(what).isEqualTo(model.holeBytes());
    assertThat(counts.duplicateBytes()).as(what).isEqualTo(model.duplicates);
    assertThat(counts.conflictingBytes()).as(what).isEqualTo(model.conflicting);
    assertThat(counts.beforeStartBytes()).as(what).isEqualTo(model.beforeStart);
    assertThat(counts.uncomparedBytes() + counts.lateBytes()).as(what).isZero();
    assertThat(heard.overlapBytes()).as(what).isEqualTo(model.duplicates);
    assertThat(heard.differingBytes()).as(what).isEqualTo(model.conflicting);
  }

  @Test
  void everyByteIsAccountedForOnceUnderAnyLimits() {
    var policies = List.of(OverlapPolicy.FIRST, OverlapPolicy.LAST);
    for (var seed = 0; seed < SCRIPTS; seed++) {
      var random = new Random(seed);
      var heard = new Heard();
      var limits =
          Limits.with(
              1 + random.nextInt(4),
              random.nextInt(2000),
              random.nextInt(4000),
              History.PAGE_BYTES,
              random.nextInt(5) * (long) History.PAGE_BYTES,
              random.nextInt(500));
      var link = Link.tracedBy(heard, limits, policies.get(random.nextInt(2)));
      var sent = 0L;
      for (var connection = 0; connection < 5; connection++) {
        var isFromSyn = random.nextBoolean();
        var sender = link.client(random.nextInt(3), random.nextInt(), 1);
        if (isFromSyn) {
          sender.open();
        }
        for (var piece : script(random, isFromSyn)) {
          sender.data(piece.at, piece.bytes);
          sent += piece.bytes.length;
          if (random.nextInt(4) == 0) {
            sender.peer().ack(random.nextInt(400));
          }
          assertThat(link.reassembler.heldBytes())
              .as("seed %d", seed)
              .isBetween(0L, limits.reorderBytesTotal() + limits.historyBytesTotal());
        }
      }
      link.end();
      var counts = link.counts();
      assertThat(
              counts.dataBytes()
                  + counts.duplicateBytes()
                  + counts.lateBytes()
                  + counts.beforeStartBytes()
                  + counts.afterEndBytes())
          .as("seed %d", seed)
          .isEqualTo(sent);
      assertThat(link.reassembler.heldBytes()).isZero();
    }
  }
}
