package dev.cloister.core.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.cloister.core.ledger.Ledger.Entry;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class LedgerTest {

  private enum Lost implements Counter {
    DROPPED("lost.dropped"),
    EVICTED("lost.evicted");

    private final String label;

    Lost(String label) {
      this.label = label;
    }

    @Override
    public String label() {
      return label;
    }
  }

  /** A counter that no enum of this test has. */
  private record Free(String label) implements Counter {}

  @Test
  void everyCounterBeginsAtZeroAndIsReadInTheOrderOfDeclaration() {
    var ledger = Ledger.of(List.of(Lost.EVICTED, Lost.DROPPED, Lost.EVICTED));
    assertThat(ledger.counters())
        .containsExactly(Map.entry("lost.evicted", 0L), Map.entry("lost.dropped", 0L));
    ledger.tally(Lost.DROPPED).add(3);
    assertThat(ledger.counters())
        .containsExactly(Map.entry("lost.evicted", 0L), Map.entry("lost.dropped", 3L));
  }

  @Test
  void whatWasNotDeclaredIsNeverCounted() {
    var ledger = Ledger.of(List.of(Lost.DROPPED));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ledger.tally(Lost.EVICTED))
        .withMessage("counter lost.evicted was not declared before the seal");
    assertThat(ledger.counters()).containsOnlyKeys("lost.dropped");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "1st", "user name", "a=b", "a\nb", "ä", ".a"})
  void noFreeTextIsALabel(String label) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Ledger.of(List.of(new Free(label))))
        .withMessageContaining("only letters, digits and dots are allowed");
  }

  @Test
  void twoCountersCannotShareALabel() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Ledger.of(List.of(Lost.DROPPED, new Free("lost.dropped"))))
        .withMessageContaining("two counters have one label");
  }

  @Test
  void aTallyAddsSetsAndRaises() {
    var tally = Ledger.of(List.of(Lost.DROPPED)).tally(Lost.DROPPED);
    tally.increment();
    tally.add(10);
    assertThat(tally.get()).isEqualTo(11);
    tally.raiseTo(5);
    assertThat(tally.get()).isEqualTo(11);
    tally.raiseTo(50);
    assertThat(tally.get()).isEqualTo(50);
    tally.set(2);
    assertThat(tally.get()).isEqualTo(2);
  }

  @Test
  void aCounterHasOneTally() {
    var ledger = Ledger.of(Arrays.asList(Lost.values()));
    assertThat(ledger.tally(Lost.DROPPED)).isSameAs(ledger.tally(Lost.DROPPED));
  }

  @Test
  void anotherThreadReadsWhatTheWriterWrote() throws InterruptedException {
    var tally = Ledger.of(List.of(Lost.DROPPED)).tally(Lost.DROPPED);
    var writer =
        Thread.ofPlatform()
            .start(() -> {
              for (var i = 0; i < 100_000; i++) {
                tally.increment();
              }
            });
    var before = 0L;
    while (before < 100_000) {
      var now = tally.get();
      assertThat(now).isBetween(before, 100_000L);
      before = now;
      if (!writer.isAlive()) {
        break;
      }
    }
    writer.join();
    assertThat(tally.get()).isEqualTo(100_000);
  }

  @Test
  void eventsAreKeptInOrderWithOneNumberEach() {
    var ledger = Ledger.of(List.of());
    ledger.event(Event.SEALED, 0);
    ledger.event(Event.STORE_LOSS, 7);
    assertThat(ledger.events())
        .containsExactly(new Entry(Event.SEALED, 0), new Entry(Event.STORE_LOSS, 7));
    assertThat(ledger.eventsForgotten()).isZero();
  }

  @Test
  void olderEventsAreForgottenAndCounted() {
    var ledger = Ledger.of(List.of());
    for (var i = 0; i < Ledger.EVENTS_KEPT + 5; i++) {
      ledger.event(Event.STORE_LOSS, i);
    }
    assertThat(ledger.events()).hasSize(1024);
    assertThat(ledger.events().getFirst().number()).isEqualTo(5);
    assertThat(ledger.events().getLast().number()).isEqualTo(1028);
    assertThat(ledger.eventsForgotten()).isEqualTo(5);
  }

  @Test
  void theWordsOfEventsAreTheOnesThatReadersKnow() {
    assertThat(Event.values())
        .extracting(Event::label)
        .containsExactly(
            "sealed",
            "alive",
            "code-loaded",
            "guarantee-lost",
            "buffer-filling",
            "store-loss",
            "link-down",
            "link-up",
            "link-gone",
            "parser-interrupted",
            "parser-fenced",
            "users-overdue",
            "closed");
  }
}
