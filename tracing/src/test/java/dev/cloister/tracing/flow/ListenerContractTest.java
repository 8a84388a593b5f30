package dev.cloister.tracing.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a listener does wrong costs the direction that it was told of, and nothing else. */
final class ListenerContractTest {
  private static final int PATIENCE = Limits.tracing().acknowledgedPackets();

  private final Throwing listener = new Throwing();
  private final Link link = Link.tracedBy(listener);
  private final Sender client = link.client();

  /** Fails at what a test names, once. */
  private static final class Throwing implements StreamListener {
    final Heard heard = new Heard();
    String at = "nothing";

    private void fail(String what) {
      if (what.equals(at)) {
        at = "nothing";
        throw new IllegalStateException("a listener failed at " + what);
      }
    }

    @Override
    public void data(
        Flow flow,
        Direction direction,
        long position,
        byte[] bytes,
        int offset,
        int length,
        long timeNanos) {
      heard.data(flow, direction, position, bytes, offset, length, timeNanos);
      fail("data");
    }

    @Override
    public void gap(Flow flow, Direction direction, long position, long length, long timeNanos) {
      heard.gap(flow, direction, position, length, timeNanos);
      fail("gap");
    }

    @Override
    public void overlap(
        Flow flow,
        Direction direction,
        long position,
        byte[] bytes,
        int offset,
        int length,
        int differing) {
      heard.overlap(flow, direction, position, bytes, offset, length, differing);
      fail("overlap");
    }

    @Override
    public void end(Flow flow, EndCause cause, long timeNanos) {
      heard.end(flow, cause, timeNanos);
      fail("end");
    }
  }

  private void failsAt(String what, Runnable step) {
    listener.at = what;
    assertThatThrownBy(step::run)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining(what);
  }

  private void acknowledge(long position) {
    for (var i = 0; i < PATIENCE; i++) {
      client.peer().ack(position);
    }
  }

  @Test
  void aListenerThatFailsAtDataHasHadThem() {
    client.open();
    failsAt("data", () -> client.data(0, "abc"));
    client.data(0, "abc").data(3, "def");
    assertThat(listener.heard.fromClient(0)).isEqualTo("abcdef");
    assertThat(link.counts().duplicateBytes()).isEqualTo(3);
  }

  @Test
  void whatWaitedBehindDataThatFailedIsGivenNext() {
    client.open().data(5, "fgh").data(3, "de").data(1, "bc");
    failsAt("data", () -> client.data(0, "a"));
    client.data(8, "i");
    assertThat(listener.heard.fromClient(0)).isEqualTo("abcdefghi");
  }

  @Test
  void whatFillsAHoleAtWhichAListenerFailedIsLate() {
    client.open().data(0, "ab").data(5, "fgh");
    failsAt("gap", () -> acknowledge(8));
    client.data(2, "cde").data(2, "cde").data(0, "abcde");
    client.data(8, "ij");
    assertThat(listener.heard.fromClient(0)).isEqualTo("abfghij");
    assertThat(link.counts().lateBytes()).isEqualTo(3);
    assertThat(link.counts().conflictingBytes()).isZero();
  }

  @Test
  void aListenerThatFailsAtAnOverlapOfWhatWaitsUnbalancesNothing() {
    client.open();
    failsAt("overlap", () -> client.data(3, "def").data(2, "cdefgh"));
    link.end();
    assertThat(link.reassembler.heldBytes()).isZero();
    assertThat(listener.heard.linesOf("end")).hasSize(1);
  }

  @Test
  void aListenerThatFailsAtAnEndHasHadIt() {
    client.open().data(0, "abc");
    var other = link.client(5, 1, 2).open().data(0, "xyz");
    failsAt("end", link::end);
    other.data(3, "uvw");
    link.end();
    assertThat(listener.heard.fromClient(1)).isEqualTo("xyzuvw");
    assertThat(listener.heard.linesOf("end"))
        .containsExactly("0 end CAPTURE_ENDED", "1 end CAPTURE_ENDED");
    assertThat(link.reassembler.heldBytes()).isZero();
  }

  @Test
  void aListenerThatFailsWhileAConnectionEndsLeavesNothingOfItBehind() {
    client.open().data(3, "def").data(9, "jkl");
    var other = link.client(5, 1, 2).open().data(0, "xyz");
    failsAt("gap", link::end);
    link.end();
    other.data(3, "uvw");
    link.end();
    assertThat(link.reassembler.heldBytes()).isZero();
  }

  @Test
  void aStreamGoesOnInOtherConnectionsWhateverFails() {
    for (var what : List.of("data", "gap", "overlap", "end")) {
      var heard = new Throwing();
      var shared = Link.tracedBy(heard, Limits.connections(3));
      var honest = shared.client(1, 11, 12).open();
      for (var i = 0; i < 50; i++) {
        var round = i;
        heard.at = what;
        try {
          badTraffic(shared.client(2, round * 1000, 1), round);
        } catch (IllegalStateException e) {
          assertThat(e).hasMessageContaining(what);
        }
        heard.at = "nothing";
        honest.data(3L * i, "abc");
      }
      assertThat(heard.heard.fromClient(0)).as(what).isEqualTo("abc".repeat(50));
    }
  }

  private static void badTraffic(Sender sender, int round) {
    sender.open().data(round, "abc").data(9, "xyz").data(8, "wxyz").data(7, "vWxyz");
    for (var i = 0; i < PATIENCE; i++) {
      sender.peer().ack(12);
    }
    sender.rst(12);
  }

  @Test
  void theBytesOfACallAreNoLongerThereAfterIt() {
    var kept = new ArrayList<byte[]>();
    var view =
        new Deaf() {
          @Override
          public void data(
              Flow flow,
              Direction direction,
              long position,
              byte[] bytes,
              int offset,
              int length,
              long timeNanos) {
            kept.add(bytes);
          }
        };
    var other = Link.tracedBy(view);
    other.client().open().data(0, "abc");
    assertThat(kept.getFirst()).as("the packet itself, not a copy of it").containsOnly(0xde);
  }
}
