package dev.cloister.tracing.flow;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cloister.tracing.testing.Packets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** That both ends have closed is told once, when all they sent was given, and before the end. */
final class ConnectionClosesTest {
  private final List<Long> closed = new ArrayList<>();
  private final Link link =
      Link.tracedBy(
          new Deaf() {
            @Override
            public void closed(Flow flow, long timeNanos) {
              closed.add(flow.number());
            }
          });
  private final Sender client = link.client();

  @Test
  void oneThatBothEndsClosedIsClosedAtOnceAndOnce() {
    client.open().data(0, "abc").fin(3);
    assertThat(closed).isEmpty();
    client.peer().data(0, "de").hasReceived(4).fin(2);
    assertThat(closed).containsExactly(0L);
    client.hasReceived(3).send(Packets.ACK, 4, "").fin(3).data(0, "abc");
    link.end();
    assertThat(closed).containsExactly(0L);
  }

  @Test
  void oneWithoutDataIsClosedByItsFins() {
    client.open().fin(0);
    client.peer().fin(0);
    assertThat(closed).containsExactly(0L);
  }

  @Test
  void oneWithAHoleIsClosedWhenTheHoleIsFilled() {
    client.open().data(3, "def").fin(6);
    client.peer().fin(0);
    assertThat(closed).isEmpty();
    client.data(0, "abc");
    assertThat(closed).containsExactly(0L);
  }

  @Test
  void oneWhoseLastDataIsMissingIsNotClosed() {
    client.open().data(0, "abc").fin(6);
    client.peer().fin(0);
    link.end();
    assertThat(closed).isEmpty();
  }

  @Test
  void oneThatWasResetIsNotClosed() {
    client.open().data(0, "abc").send(Packets.RST, 3, "");
    link.end();
    assertThat(closed).isEmpty();
  }
}
