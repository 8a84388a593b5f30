package dev.cloister.tracing.flow;

import static dev.cloister.tracing.flow.Pieces.behindOptions;
import static dev.cloister.tracing.flow.Pieces.ipv4;
import static dev.cloister.tracing.flow.Pieces.ipv6;
import static dev.cloister.tracing.flow.Pieces.text;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Datagrams that never become whole are given up, oldest first, and counted. */
final class DefragmenterLimitsTest {
  private static final byte[] DATA = new byte[60_000];
  private static final int ROOM_FOR = (int) (Defragmenter.BYTES_MAX / DATA.length);

  private final Pieces taken = Pieces.by(OverlapPolicy.FIRST);
  private final Defragmenter defragmenter = taken.defragmenter();

  /** Ends a datagram that was begun, should it still be waited for. */
  private boolean isStillThere(int identification) {
    var before = taken.payloads().size();
    taken.take(ipv6(identification, 8, true, text("B")));
    return taken.payloads().size() > before;
  }

  private void begin(int identification) {
    taken.take(ipv6(identification, 0, false, text("AAAAAAAA")));
  }

  @Test
  void theOldestOfTooManyIsGivenUp() {
    for (var i = 0; i < Defragmenter.DATAGRAMS_MAX; i++) {
      begin(i);
    }
    assertThat(defragmenter.evicted()).isZero();
    begin(Defragmenter.DATAGRAMS_MAX);

    assertThat(defragmenter.evicted()).isOne();
    assertThat(isStillThere(1)).isTrue();
    assertThat(isStillThere(Defragmenter.DATAGRAMS_MAX)).isTrue();
    assertThat(isStillThere(0)).isFalse();
  }

  @Test
  void theOldestIsGivenUpWhereAllTogetherHoldTooMuch() {
    for (var i = 0; i < 2 * ROOM_FOR; i++) {
      taken.take(ipv6(i, 8, false, DATA));
    }

    assertThat(defragmenter.evicted()).isBetween((long) ROOM_FOR, ROOM_FOR * 6L / 5);
  }

  @Test
  void oneDatagramAloneHoldsNoMoreThanAllMay() {
    for (var i = 0; i < 2 * ROOM_FOR; i++) {
      taken.take(ipv4(7, 8, false, DATA));
    }

    assertThat(defragmenter.evicted()).isPositive();
  }

  @Test
  void fragmentsWithoutDataFillNoMemory() {
    begin(9);
    for (var i = 0; i < Defragmenter.BYTES_MAX / 128; i++) {
      taken.take(ipv4(7, 8, false, text("")));
    }

    assertThat(defragmenter.empty()).isEqualTo(Defragmenter.BYTES_MAX / 128);
    assertThat(defragmenter.evicted()).isZero();
    assertThat(isStillThere(9)).isTrue();
  }

  @Test
  void whatStandsBeforeAFragmentIsCountedToo() {
    for (var i = 0; i < Defragmenter.DATAGRAMS_MAX; i++) {
      taken.take(behindOptions(ipv6(i, 0, false, text("AAAAAAAA")), 31));
    }

    var heads = Defragmenter.BYTES_MAX / (31 * 2048);
    assertThat(defragmenter.evicted())
        .isBetween(Defragmenter.DATAGRAMS_MAX - heads, Defragmenter.DATAGRAMS_MAX - heads * 9 / 10);
  }

  @Test
  void aDatagramWhoseFragmentsContradictEachOtherHoldsNothing() {
    for (var i = 0; i < Defragmenter.DATAGRAMS_MAX; i++) {
      taken.take(behindOptions(ipv6(i, 0, false, text("AAAAAAAA")), 31));
      taken.take(ipv6(i, 0, false, text("BBBBBBBB")));
    }

    assertThat(defragmenter.evicted()).isZero();
    assertThat(defragmenter.overlapping()).isEqualTo(Defragmenter.DATAGRAMS_MAX);
  }

  /** One byte at the far end needs a bit for every byte before it. */
  @Test
  void fragmentsFarFromTheirBeginningAreCountedForWhatTheyHold() {
    for (var i = 0; i < Defragmenter.DATAGRAMS_MAX; i++) {
      taken.take(ipv6(i, 65_528, true, text("B")));
    }

    assertThat(defragmenter.evicted()).isPositive();
  }

  /** What a datagram was counted for is counted back when it is whole, neither more nor less. */
  @Test
  void roomIsTheSameAfterManyDatagrams() {
    for (var i = 0; i < 100_000; i++) {
      begin(i);
      assertThat(isStillThere(i)).isTrue();
    }
    for (var i = 0; i < 2 * ROOM_FOR; i++) {
      taken.take(ipv6(i, 8, false, DATA));
    }

    assertThat(defragmenter.evicted()).isBetween((long) ROOM_FOR, ROOM_FOR * 6L / 5);
  }

  @Test
  void aDatagramIsGivenUpWhenItsTimeIsOver() {
    begin(1);
    taken.pass(Defragmenter.TIMEOUT);
    begin(2);
    assertThat(defragmenter.expired()).isZero();
    taken.pass(Duration.ofNanos(1));
    begin(3);

    assertThat(defragmenter.expired()).isOne();
    assertThat(isStillThere(1)).isFalse();
    assertThat(isStillThere(2)).isTrue();
  }

  /** Its time runs from its first fragment, however many come. */
  @Test
  void fragmentsThatDripDoNotKeepADatagramAlive() {
    for (var i = 0; i < 8; i++) {
      taken.take(ipv6(1, 8 * i, false, text("AAAAAAAA"))).pass(Duration.ofSeconds(9));
    }

    assertThat(defragmenter.expired()).isOne();
  }

  @Test
  void aClockThatGoesBackGivesNothingUp() {
    begin(1);
    taken.pass(Duration.ofHours(-1));
    begin(2);

    assertThat(defragmenter.expired()).isZero();
    assertThat(isStillThere(1)).isTrue();
  }

  @Test
  void nothingIsGivenUpOfWhatIsWhole() {
    for (var i = 0; i < 3 * Defragmenter.DATAGRAMS_MAX; i++) {
      begin(i);
      assertThat(isStillThere(i)).isTrue();
    }

    assertThat(defragmenter.evicted()).isZero();
    assertThat(defragmenter.reassembled()).isEqualTo(3L * Defragmenter.DATAGRAMS_MAX);
  }
}
