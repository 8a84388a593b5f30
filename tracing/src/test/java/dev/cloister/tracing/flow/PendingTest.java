package dev.cloister.tracing.flow;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Pieces stand in the order of their positions, wherever they were put in and taken out. */
final class PendingTest {
  private static final int PIECE = 100;

  @Test
  void piecesAreThoseOfASortedMap() {
    for (var seed = 0; seed < 300; seed++) {
      var random = new Random(seed);
      var what = "seed " + seed;
      var pending = new Pending();
      var model = new TreeMap<Long, byte[]>();
      var cost = 0L;
      for (var i = 0; i < 400; i++) {
        if (random.nextInt(4) > 0) {
          var at = 2L * PIECE * random.nextInt(1000);
          var bytes = new byte[64 + random.nextInt(PIECE - 64)];
          random.nextBytes(bytes);
          if (model.putIfAbsent(at, bytes) == null) {
            cost += pending.insert(pending.indexBehind(at), at, bytes, 0, bytes.length);
          }
        } else if (!model.isEmpty()) {
          var piece = pending.poll();
          cost -= piece.cost();
          assertThat(piece.at).as(what).isEqualTo(model.firstKey());
          assertThat(piece.winner()).as(what).isEqualTo(model.pollFirstEntry().getValue());
        }
        assertThat(pending.size()).as(what).isEqualTo(model.size());
        assertThat(pending.isEmpty()).as(what).isEqualTo(model.isEmpty());
      }
      assertThat(positions(pending)).as(what).isEqualTo(new ArrayList<>(model.keySet()));
      assertThat(cost)
          .as(what)
          .isEqualTo(model.values().stream().mapToLong(b -> b.length + Pending.PIECE_BYTES).sum());
    }
  }

  private static List<Long> positions(Pending pending) {
    var positions = new ArrayList<Long>();
    for (var i = 0; i < pending.size(); i++) {
      positions.add(pending.get(i).at);
    }
    return positions;
  }

  @Test
  void smallPiecesThatTouchAreOne() {
    var pending = new Pending();
    var bytes = new byte[] {1, 2, 3};
    for (var at = 0; at < 3000; at += 3) {
      pending.insert(pending.size(), at, bytes, 0, 3);
    }
    assertThat(pending.size()).isEqualTo(1);
    assertThat(pending.peek().end()).isEqualTo(3000);
    assertThat(pending.peek().cost()).isLessThan(Pending.PIECE_BYTES + 2 * 3000 + 100);
  }

  @Test
  void aMillionPiecesTheLastFirstTakeTheirTimeOnce() {
    var pending = new Pending();
    var one = new byte[] {1};
    for (var at = 1_000_000; at > 0; at--) {
      pending.insert(0, 2L * at, one, 0, 1);
    }
    assertThat(pending.size()).isEqualTo(1_000_000);
    assertThat(pending.peek().at).isEqualTo(2);
  }
}
