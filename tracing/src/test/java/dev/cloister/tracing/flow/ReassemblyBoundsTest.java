package dev.cloister.tracing.flow;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Memory stays within the limits, and what each limit cost is counted under its own name. */
final class ReassemblyBoundsTest {
  private static final int KILOBYTE = 1024;

  private final Heard heard = new Heard();

  @Test
  void aDirectionThatHasTooMuchWaitingGivesItsFirstHoleUp() {
    var link = Link.tracedBy(heard, Limits.reordering(10 * KILOBYTE, 1 << 20));
    var client = link.client().open();
    var kilobyte = new byte[KILOBYTE];
    client.data(1, kilobyte).data(3 + KILOBYTE, kilobyte);
    for (var i = 2; i < 9; i++) {
      client.data(3L + (long) i * KILOBYTE, kilobyte);
    }
    assertThat(heard.linesOf("gap")).isEmpty();
    client.data(3L + 9 * KILOBYTE, kilobyte);
    assertThat(heard.linesOf("gap")).containsExactly("0 > gap 0+1");
    assertThat(link.counts().evictedReordering()).isEqualTo(1);
    assertThat(link.counts().evictedBuffers()).isZero();
    assertThat(link.counts().holeBytes()).isEqualTo(1);
  }

  @Test
  void whenAllHaveTooMuchWaitingTheLongestWaitingGivesUp() {
    var link = Link.tracedBy(heard, Limits.reordering(1 << 20, 4 * KILOBYTE));
    var kilobyte = new byte[KILOBYTE];
    for (var i = 0; i < 3; i++) {
      link.client(i, 1, 1).open().data(5, kilobyte);
    }
    assertThat(heard.linesOf("gap")).isEmpty();
    link.client(3, 1, 1).open().data(5, kilobyte);
    assertThat(heard.linesOf("gap")).containsExactly("0 > gap 0+5");
    assertThat(link.counts().evictedBuffers()).isEqualTo(1);
    assertThat(link.counts().evictedReordering()).isZero();
  }

  @Test
  void aPastThatIsTooLongIsForgottenFromItsBeginning() {
    var link = Link.tracedBy(heard, Limits.history(2 * History.PAGE_BYTES, 1 << 20));
    var client = link.client().open();
    var page = new byte[History.PAGE_BYTES];
    client.data(0, page).data(page.length, page).data(2L * page.length, page);
    client.data(2L * page.length, page).data(page.length, page);
    assertThat(link.counts().uncomparedBytes()).isZero();
    client.data(0, page);
    assertThat(link.counts().uncomparedBytes()).isEqualTo(page.length);
    assertThat(link.reassembler.heldBytes()).isEqualTo(2L * page.length);
  }

  @Test
  void ofAllPastsTheOldestIsForgotten() {
    var link = Link.tracedBy(heard, Limits.history(1 << 16, 3 * History.PAGE_BYTES));
    for (var i = 0; i < 4; i++) {
      link.client(i, 1, 1).open().data(0, "abc");
    }
    link.client(1, 1, 1).data(0, "abc");
    assertThat(link.counts().uncomparedBytes()).isZero();
    link.client(0, 1, 1).data(0, "abc");
    assertThat(link.counts().uncomparedBytes()).isEqualTo(3);
    assertThat(heard.fromClient(0)).isEqualTo("abc");
  }

  @Test
  void connectionsAreForgottenTheCheapestFirst() {
    var link = Link.tracedBy(heard, Limits.connections(4));
    var open = link.client(0, 1, 1).open().data(0, "abc");
    link.client(1, 1, 1).open();
    var closing = link.client(2, 1, 1).open().data(0, "abc").fin(3);
    closing.peer().fin(0);
    link.client(3, 1, 1).open().rst(0);
    link.pass(Duration.ofSeconds(10));
    open.ack(0).ack(0);
    assertThat(heard.linesOf("end")).containsExactly("2 end FINISHED", "3 end RESET");
    for (var i = 4; i < 9; i++) {
      link.client(i, 1, 1).syn();
    }
    assertThat(heard.linesOf("end").subList(2, 5))
        .as("first the two that ended, silently, then those without data")
        .containsExactly("1 end EVICTED", "4 end EVICTED", "5 end EVICTED");
    assertThat(link.reassembler.evictedConnections()).isEqualTo(3);
    open.data(3, "def");
    assertThat(heard.fromClient(0)).isEqualTo("abcdef");
  }

  @Test
  void anEvictedConnectionGivesWhatItHas() {
    var link = Link.tracedBy(heard, Limits.connections(1));
    link.client(0, 1, 1).open().data(3, "def");
    link.client(1, 1, 1).syn();
    assertThat(heard.lines).containsExactly("0 > gap 0+3", "0 > data 3 def", "0 end EVICTED");
    assertThat(link.reassembler.heldBytes()).isZero();
  }

  @Test
  void aThousandLateBytesInOneHoleAreRememberedInAFewParts() {
    var link = Link.tracedBy(new Deaf());
    var client = link.client().open().data(1 << 20, "x");
    for (var i = 0; i < 3; i++) {
      client.peer().ack((1 << 20) + 1);
    }
    var late = 0;
    for (var at = 1; at < 1 << 17; at += 2) {
      client.data(at, "y");
      late++;
    }
    assertThat(link.counts().lateBytes()).isEqualTo(late);
    assertThat(link.counts().holeBytes()).isEqualTo((1 << 20) - late);
  }

  /**
   * Holes, a past and late bytes in both directions: as much as one packet after the other asks.
   */
  private static void exhaust(Sender sender) {
    sender.open();
    for (var end : new Sender[] {sender, sender.peer()}) {
      for (var i = 0; i <= 2 * Gaps.MAX; i++) {
        end.data(1 + 2L * i, "x");
        for (var j = 0; j < 3; j++) {
          end.peer().ack(2 + 2L * i);
        }
      }
      for (var i = 0; i < 20; i++) {
        end.data(100 + 2L * i, "w");
      }
      end.data(2L * Gaps.MAX + 3, new byte[100 - 2 * Gaps.MAX - 3]);
    }
  }

  @Test
  void aConnectionCostsLittleBesideWhatIsCounted() {
    var connections = 10_000;
    var link = Link.tracedBy(new Deaf(), Limits.reordering(1 << 20, 1 << 20));
    exhaust(link.client(60_000, 1, 1));
    var before = usedBytes();
    for (var i = 0; i < connections; i++) {
      exhaust(link.client(i, 1, 1));
    }
    var grown = usedBytes() - before;
    assertThat(link.reassembler.flows()).isEqualTo(connections + 1);
    assertThat((grown - link.reassembler.heldBytes()) / connections)
        .as("bytes a connection")
        .isLessThan(KILOBYTE);
  }

  private static long usedBytes() {
    System.gc();
    var runtime = Runtime.getRuntime();
    return runtime.totalMemory() - runtime.freeMemory();
  }
}
