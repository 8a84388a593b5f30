package dev.cloister.tracing.flow;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Late bytes are counted once, and what is remembered of holes is little, however they come. */
final class GapsTest {
  private final Gaps gaps = new Gaps();

  @Test
  void whatFillsAHoleIsCountedOnce() {
    gaps.add(10, 20);
    assertThat(gaps.fill(5, 12)).isEqualTo(2);
    assertThat(gaps.fill(5, 12)).isZero();
    assertThat(gaps.fill(14, 16)).isEqualTo(2);
    assertThat(gaps.count()).isEqualTo(2);
    assertThat(gaps.fill(0, 100)).isEqualTo(6);
    assertThat(gaps.count()).isZero();
  }

  @Test
  void theHoleThatIsForgottenIsTheFirst() {
    for (var i = 0; i <= Gaps.MAX; i++) {
      gaps.add(10L * i, 10L * i + 5);
    }
    assertThat(gaps.count()).isEqualTo(Gaps.MAX);
    assertThat(gaps.fill(0, 10)).isZero();
    assertThat(gaps.fill(10, 1000)).isEqualTo(5L * Gaps.MAX);
  }

  @Test
  void aHoleThatIsCutIntoManyIsForgottenInParts() {
    gaps.add(0, 1 << 30);
    for (var at = 1; at < 200_000; at += 2) {
      assertThat(gaps.fill(at, at + 1)).isEqualTo(1);
      assertThat(gaps.count()).isLessThanOrEqualTo(Gaps.MAX);
    }
    assertThat(gaps.fill(199_999, 1 << 30)).isEqualTo((1 << 30) - 200_000);
  }

  @Test
  void holesThatAreNotTooManyAreFilledAsASetOfPositionsIs() {
    for (var seed = 0; seed < 2000; seed++) {
      var random = new Random(seed);
      var some = new Gaps();
      var missing = new TreeSet<Long>();
      for (var at = random.nextInt(5); at < 40; at += 1 + random.nextInt(20)) {
        var end = at + 1 + random.nextInt(10);
        some.add(at, end);
        for (long position = at; position < end; position++) {
          missing.add(position);
        }
        at = end;
      }
      for (var i = 0; i < 6 && some.count() < Gaps.MAX; i++) {
        var from = random.nextInt(60);
        var to = from + random.nextInt(30);
        var filled = missing.subSet((long) from, (long) to);
        assertThat(some.fill(from, to)).as("seed %d", seed).isEqualTo(filled.size());
        filled.clear();
      }
    }
  }
}
